"""The maps of the window: what was asked for, how they came to lie, and what of them is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.progress import Cancelled
from evenview.core.words import listed
from evenview.document import cause
from evenview.gui.aligning.stamps import Stamps
from evenview.gui.desk import Desk
from evenview.tasks import align_look as task
from evenview.tasks.align import AlignRequest, AlignResult, MapResult, Outputs
from evenview.tasks.align_look import Sight

#: The kinds of work: finding how maps lie, taking another pose, showing a map, writing them all.
FIND, TAKE, SEE, WRITE = "align maps", "align pose", "align slices", "align write"
#: Said before something is written that should not be relied on.
DOUBT = "{0}: no reliable answer, so that maps and particles would be moved by chance."
#: Voxels of maps of which several are kept.
_MANY = 128**3


class Aligning(QObject):
    """Aligns maps in the worker, and writes them when that is asked for.

    Attributes
    ----------
    request, result
        What was asked for, without a folder, and what was found, by the poses that were taken; None
        before.
    chosen
        The place of the map that is looked at.
    sight
        What there is to be seen of it; None until it is known.

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

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.request: AlignRequest | None = None
        self.result: AlignResult | None = None
        self.chosen = 0
        self.sight: Sight | None = None
        self._sights: dict[int, Sight] = {}
        self._best: tuple[MapResult, ...] = ()

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
        return None if self.result is None else self._best[self.chosen]

    @property
    def doubt(self) -> str:
        """Why nothing should be written unasked; "" where there is no reason."""
        maps = () if self.result is None else self.result.maps
        doubtful = [one.path.name for one in maps if one.found.unreliable]
        return DOUBT.format(listed(doubtful)) if doubtful else ""

    def find(self, request: AlignRequest) -> None:
        """Align; what was there stays until that is done."""
        self._desk.jobs.run(
            FIND,
            "Aligning maps",
            lambda progress: task.find(request, progress),
            lambda result: self._found(request, result),
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
        """Whether the result is that of a request; what goes with its maps is then taken over."""
        if self.request is None or task.bare(request) != task.bare(self.request):
            return False
        self.request = request
        return True

    def look_again(self) -> None:
        """What goes with the map may be another now."""
        self.looked.emit()

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
        return self.result is not None and not self.busy

    @property
    def moved(self) -> tuple[Path, ...]:
        """The particles that were written."""
        maps = () if self.result is None else self.result.maps
        return tuple(path for one in maps if one.outputs for path in one.outputs.particles)

    def targets(self, folder: Path) -> tuple[Path, ...]:
        """Every file that would be written into a folder."""
        return () if self.request is None else task.targets(replace(self.request, folder=folder))

    def planned(self, folder: Path) -> Outputs | None:
        """What would be written of the map that is looked at."""
        if self.request is None or self.map is None:
            return None
        return task.planned(replace(self.request, folder=folder))[self.map.place]

    def write(self, folder: Path) -> None:
        """Write everything into a folder."""
        request, result = self.request, self.result
        if request is None or result is None:
            return
        into = replace(request, folder=folder, even_so=True)  # the form told of doubts first
        before = Stamps(self.targets(folder))
        self._desk.jobs.run(
            WRITE,
            f"Writing into {folder.name}",
            lambda progress: task.write(into, result, progress),
            lambda done: self._written(done, before),
            lambda error: self._not_written(error, before),
        )
        self.changed.emit()

    def _found(self, request: AlignRequest, result: AlignResult) -> None:
        if not result.maps:
            self.changed.emit()
            self.failed.emit(result.errors)
            return
        self.request, self.result, self.chosen = request, result, 0
        self.sight, self._sights, self._best = None, {}, result.maps
        self.changed.emit()
        self.arrived.emit()
        self._look()

    def _taken(self, one: MapResult) -> None:
        assert self.result is not None
        maps = (one if old.place == one.place else old for old in self.result.maps)
        self.result = replace(self.result, maps=tuple(maps))
        self._sights = {}
        self.changed.emit()
        self._look()

    def _written(self, result: AlignResult, before: Stamps) -> None:
        self.result = result
        self.changed.emit()
        if any(one.outputs for one in result.maps):
            self.written.emit()
        else:
            self.not_written.emit(result.errors, before.written())

    def _look(self) -> None:
        """At once where it was seen before, else when it is known."""
        self.sight = self._sights.get(self.chosen)
        self._desk.jobs.drop(SEE)
        self.looked.emit()
        request, result = self.request, self.map
        if self.sight is None and request is not None and result is not None:
            self._desk.jobs.run(
                SEE,
                "Slices of the maps",
                lambda progress: task.see(request, result, progress),
                self._seen,
                self._failed,
            )

    def _seen(self, sight: Sight) -> None:
        # of large maps only the last is kept: three of them are in memory for each
        keep = self._sights if sight.after.size <= _MANY else {}
        self._sights = {**keep, self.chosen: sight}
        self.sight = sight
        self.looked.emit()

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
