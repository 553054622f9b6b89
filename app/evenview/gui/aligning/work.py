"""The maps of the window: what was asked for, how they came to lie, and what of them is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.progress import Cancelled
from evenview.document import cause
from evenview.gui.desk import Desk
from evenview.tasks import align_look as task
from evenview.tasks.align import AlignRequest, AlignResult, MapResult
from evenview.tasks.align_look import Sight

#: The kinds of work: finding how maps lie, showing one of them, and writing them all.
FIND, SEE, WRITE = "align maps", "align slices", "align write"
#: Voxels of maps of which several are kept.
_MANY = 128**3


class Aligning(QObject):
    """Aligns maps in the worker, and writes them when that is asked for.

    Attributes
    ----------
    request, result
        What was asked for, without a folder, and what was found; None before.
    chosen
        The place of the map that is looked at.
    sight
        What there is to be seen of it; None until it is known.

    Signals
    -------
    changed
        The result, or whether work is under way.
    looked
        Another map is looked at, or there is something to be seen of it.
    failed
        An error, and whether it was writing that failed. `Cancelled` where it was stopped.
    """

    changed = pyqtSignal()
    looked = pyqtSignal()
    failed = pyqtSignal(object, bool)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.request: AlignRequest | None = None
        self.result: AlignResult | None = None
        self.chosen = 0
        self.sight: Sight | None = None
        self._sights: dict[int, Sight] = {}

    @property
    def finding(self) -> bool:
        """Whether maps are being aligned."""
        return self._desk.jobs.is_running(FIND)

    @property
    def writing(self) -> bool:
        """Whether maps are being written."""
        return self._desk.jobs.is_running(WRITE)

    @property
    def map(self) -> MapResult | None:
        """The map that is looked at."""
        return None if self.result is None else self.result.maps[self.chosen]

    def find(self, request: AlignRequest) -> None:
        """Align; what was there stays until that is done."""
        self._desk.jobs.run(
            FIND,
            "Aligning maps",
            lambda progress: task.find(request, progress),
            lambda result: self._found(request, result),
            lambda error: self._failed(error, writing=False),
        )
        self.changed.emit()

    def stands_for(self, request: AlignRequest) -> bool:
        """Whether the result is that of a request; what goes with its maps is then taken over."""
        if self.request is None or task.bare(request) != task.bare(self.request):
            return False
        self.request = request
        return True

    def choose(self, place: int) -> None:
        """Look at another map."""
        if self.result is not None and place in range(len(self.result.maps)):
            self.chosen = place
            self._look()

    def targets(self, folder: Path) -> tuple[Path, ...]:
        """Every file that would be written into a folder."""
        return () if self.request is None else task.targets(replace(self.request, folder=folder))

    def write(self, folder: Path) -> None:
        """Write everything into a folder."""
        request, result = self.request, self.result
        if request is None or result is None:
            return
        into = replace(request, folder=folder)
        self._desk.jobs.run(
            WRITE,
            f"Writing into {folder.name}",
            lambda progress: task.write(into, result, progress),
            self._written,
            lambda error: self._failed(error, writing=True),
        )
        self.changed.emit()

    def _found(self, request: AlignRequest, result: AlignResult) -> None:
        self.request, self.result, self.chosen = request, result, 0
        self.sight, self._sights = None, {}
        self.changed.emit()
        self._look()

    def _written(self, result: AlignResult) -> None:
        self.result = result
        self.changed.emit()

    def _look(self) -> None:
        """At once where it was seen before, else when it is known."""
        self.sight = self._sights.get(self.chosen)
        self._desk.jobs.drop(SEE)
        self.looked.emit()
        request, result, place = self.request, self.map, self.chosen
        if self.sight is None and request is not None and result is not None:
            self._desk.jobs.run(
                SEE,
                "Slices of the maps",
                lambda progress: task.see(request, result, place, progress),
                self._seen,
                lambda error: self._failed(error, writing=False),
            )

    def _seen(self, sight: Sight) -> None:
        # of large maps only the last is kept: three of them are in memory for each
        keep = self._sights if sight.after.size <= _MANY else {}
        self._sights = {**keep, self.chosen: sight}
        self.sight = sight
        self.looked.emit()

    def _failed(self, error: Exception, *, writing: bool) -> None:
        error = cause(error)
        self.changed.emit()
        self.failed.emit(error, writing)


def stopped(error: Exception) -> bool:
    """Whether the user stopped the work."""
    return isinstance(error, Cancelled)
