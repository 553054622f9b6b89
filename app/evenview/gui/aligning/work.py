"""The maps of the window: what was asked for, how they came to lie, and what of them is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.progress import Cancelled, Progress
from evenview.document import cause
from evenview.gui.aligning.sights import Sights
from evenview.gui.aligning.stamps import Stamps
from evenview.gui.desk import Desk
from evenview.tasks import align_look as task
from evenview.tasks.align import AlignRequest, AlignResult, MapResult, Outputs
from evenview.tasks.align_look import Sight

#: The kinds of work: finding how maps lie, taking another pose, writing them all.
FIND, TAKE, WRITE = "align maps", "align pose", "align write"


class Aligning(QObject):
    """Aligns maps in the worker, and writes them when that is asked for.

    Attributes
    ----------
    request, result
        What was asked for, without a folder, and what was found, by the poses that were taken; None
        before.
    chosen
        The place of the map that is looked at.
    left_out
        Maps that are not to be written.
    wrote
        What was written last.
    doubt
        Nothing has to be asked for twice: particles without a reliable answer are left out first.

    Signals
    -------
    changed
        The result, or whether work is under way.
    arrived, written
        Maps were aligned; files were written, all that could be.
    looked
        Another map is looked at, or there is something to be seen of it.
    failed
        Why nothing was found, a tuple of errors; `Cancelled` where it was stopped.
    not_written
        Errors as of `failed`, and the files (a tuple of paths) that were written by then.
    """

    changed = pyqtSignal()
    arrived = pyqtSignal()
    written = pyqtSignal()
    looked = pyqtSignal()
    failed = pyqtSignal(object)
    not_written = pyqtSignal(object, object)
    doubt = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.request: AlignRequest | None = None
        self.result: AlignResult | None = None
        self.chosen = 0
        self.left_out: frozenset[Path] = frozenset()
        self.wrote: tuple[Path, ...] = ()
        self._sights = Sights(desk, self.looked.emit, self._failed)
        self._read = Stamps(())
        self._best: AlignResult | None = None

    @property
    def finding(self) -> bool:
        """Whether maps are being aligned."""
        return self._desk.jobs.is_running(FIND)

    @property
    def writing(self) -> bool:
        """Whether maps are being written."""
        return self._desk.jobs.is_running(WRITE)

    @property
    def busy(self) -> bool:
        """Whether maps are being aligned or written, or a pose is being taken."""
        return self.finding or self.writing or self._desk.jobs.is_running(TAKE)

    @property
    def map(self) -> MapResult | None:
        """The map that is looked at."""
        return None if self.result is None else self.result.maps[self.chosen]

    @property
    def best(self) -> MapResult | None:
        """The same by its best pose, whichever was taken."""
        return None if self._best is None else self._best.maps[self.chosen]

    @property
    def sight(self) -> Sight | None:
        """What there is to be seen of the map that is looked at; None until it is known."""
        return self._sights.sight

    @property
    def wanted(self) -> tuple[MapResult, ...]:
        """The maps that are to be written."""
        maps = () if self.result is None else self.result.maps
        return tuple(one for one in maps if one.path not in self.left_out)

    def find(self, request: AlignRequest) -> None:
        """Align; what was there stays until that is done."""
        read = Stamps(task.bare(request).sources)
        self._desk.jobs.run(
            FIND,
            "Aligning maps",
            lambda progress: task.find(request, progress),
            lambda result: self._found(request, result, read),
            self._failed,
        )
        self.changed.emit()

    def take(self, number: int) -> None:
        """Lay the map that is looked at by another pose: that of a runner-up, or the best (0)."""
        request, best = self.request, self.best
        if request is None or best is None or self.busy:
            return
        self._desk.jobs.run(
            TAKE,
            f"Taking another pose of {best.path.name}",
            lambda progress: task.take(request, best, number, progress),
            self._taken,
            self._failed,
        )
        self.changed.emit()

    def stands_for(self, request: AlignRequest) -> bool:
        """Whether the result says all of a request; what goes with its maps is then taken over,
        and maps that are not in it any more are dropped."""
        before, result, best, shown = self.request, self.result, self._best, self.map
        places = None if before is None else task.places_of(request, before)
        if places is None or result is None or best is None or shown is None:
            return False
        if set(self._read.changed()) & set(task.bare(request).sources):
            return False
        kept = task.of_places(result, places)
        if not kept.maps:
            return False
        self.request = request
        if places != tuple(range(len(result.maps) + len(result.failed))):
            self.result, self._best = kept, task.of_places(best, places)
            paths = [one.path for one in kept.maps]
            self.chosen = paths.index(shown.path) if shown.path in paths else 0
            self.changed.emit()
            self._look()
        return True

    def look_again(self) -> None:
        """What goes with the map may be another now."""
        self._look()

    def watch(self, watched: bool) -> None:
        """Whether anybody looks."""
        self._sights.watch(watched)
        self._look()

    def leave_out(self, place: int, out: bool) -> None:
        """Write a map, or do not."""
        if self.result is not None:
            path = frozenset({self.result.maps[place].path})
            self.left_out = self.left_out | path if out else self.left_out - path
            self.changed.emit()

    def choose(self, place: int) -> None:
        """Look at another map."""
        if self.result is not None and place in range(len(self.result.maps)):
            self.chosen = place
            self._look()

    @property
    def proposed(self) -> Path | None:
        """A folder for what was found."""
        return None if self.request is None else beside(self.request.maps[0].path)

    @property
    def sources(self) -> tuple[Path, ...]:
        """All files that were read."""
        return () if self.request is None else self.request.sources

    @property
    def can_write(self) -> bool:
        """Whether there is something to write, and nothing under way."""
        return bool(self.wanted) and not self.busy

    @property
    def moved(self) -> tuple[Path, ...]:
        """The particles that were written."""
        maps = () if self.result is None else self.result.maps
        return tuple(path for one in maps if one.outputs for path in one.outputs.particles)

    def targets(self, folder: Path) -> tuple[Path, ...]:
        """Every file that would be written into a folder."""
        if self.request is None:
            return ()
        into = replace(self.request, folder=folder)
        return tuple(path for one in self.wanted for path in task.planned_of(into, one).all())

    def planned(self, folder: Path) -> Outputs | None:
        """What would be written of the map that is looked at, with all its particles if they were
        written already."""
        if self.request is None or self.map is None:
            return None
        there = self.map.outputs
        even_so = there is not None and bool(there.particles)
        return task.planned_of(replace(self.request, folder=folder, even_so=even_so), self.map)

    def write(self, folder: Path) -> None:
        """Write all that is wanted into a folder, without particles that are in doubt."""
        request, result = self.request, self.result
        if request is None or result is None:
            return
        into, places = replace(request, folder=folder), [one.place for one in self.wanted]
        self.start_writing(
            folder,
            lambda progress: task.write(into, result, progress, places),
            self.targets(folder),
        )

    def start_writing(
        self, folder: Path, work: Callable[[Progress], AlignResult], targets: tuple[Path, ...]
    ) -> None:
        """Write `targets` into a folder in the worker; the work gives the result as it is then."""
        before = Stamps(targets)
        self._desk.jobs.run(
            WRITE,
            f"Writing into {folder.name}",
            work,
            lambda done: self._written(done, targets, before),
            lambda error: self._not_written(error, before),
        )
        self.changed.emit()

    def _found(self, request: AlignRequest, result: AlignResult, read: Stamps) -> None:
        if not result.maps:
            self.changed.emit()
            self.failed.emit(result.errors)
            return
        self.request, self.result, self.chosen = request, result, 0
        self._best = result
        self._sights.forget()
        self.left_out, self.wrote, self._read = frozenset(), (), read
        self.changed.emit()
        self.arrived.emit()
        self._look()

    def _taken(self, one: MapResult) -> None:
        assert self.result is not None
        maps = (one if old.place == one.place else old for old in self.result.maps)
        self.result = replace(self.result, maps=tuple(maps))
        self._sights.forget()
        self.changed.emit()
        self._look()

    def _written(self, result: AlignResult, targets: tuple[Path, ...], before: Stamps) -> None:
        there = {path for one in result.maps if one.outputs for path in one.outputs.all()}
        self.result, self.wrote = result, tuple(path for path in targets if path in there)
        self.changed.emit()
        if self.wrote:
            self.written.emit()
        else:
            self.not_written.emit(result.errors, before.written())

    def _look(self) -> None:
        self._sights.look(self.request, self.map)

    def _failed(self, error: Exception) -> None:
        self.changed.emit()
        self.failed.emit((cause(error),))

    def _not_written(self, error: Exception, before: Stamps) -> None:
        self.changed.emit()
        self.not_written.emit((cause(error),), before.written())


def beside(path: Path) -> Path:
    """A folder beside a file for what is made of it."""
    return path.resolve().parent / "aligned"


def stopped(error: Exception) -> bool:
    """Whether the user stopped the work."""
    return isinstance(error, Cancelled)
