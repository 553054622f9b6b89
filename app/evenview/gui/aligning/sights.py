"""What there is to be seen of the aligned maps, worked out while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evenview.gui.desk import Desk
from evenview.tasks import align_look as task
from evenview.tasks.align import AlignRequest, MapResult
from evenview.tasks.align_look import Sight

#: The kind of work.
SEE = "align slices"
#: Voxels of maps of which several are kept, and none where nobody looks.
_MANY = 128**3


class Sights:
    """Those that were seen, as far as there is room for them.

    Parameters
    ----------
    seen
        Called when there is something to be seen of the map that is looked at.
    failed
        Called with an error.

    Attributes
    ----------
    sight
        Of the map that is looked at; None until it is known.
    """

    def __init__(
        self, desk: Desk, seen: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        self._desk, self._tell, self._failed = desk, seen, failed
        self.sight: Sight | None = None
        self._known: dict[Path, Sight] = {}
        self._watched = True

    def forget(self) -> None:
        """The maps are others, or lie in another way."""
        self.sight, self._known = None, {}

    def watch(self, watched: bool) -> None:
        """Whether anybody looks: else large maps are not kept."""
        self._watched = watched
        if not watched:
            self._desk.jobs.drop(SEE)
            if any(sight.after.size > _MANY for sight in self._known.values()):
                self.forget()

    def look(self, request: AlignRequest | None, result: MapResult | None) -> None:
        """At a map: at once where it was seen before, else when it is known."""
        self.sight = None if result is None else self._known.get(result.path)
        self._desk.jobs.drop(SEE)
        self._tell()
        if self.sight is None and request is not None and result is not None and self._watched:
            self._desk.jobs.run(
                SEE,
                "Slices of the maps",
                lambda progress: task.see(request, result, progress),
                lambda sight: self._seen(result, sight),
                self._failed,
            )

    def _seen(self, result: MapResult, sight: Sight) -> None:
        # of large maps only the last is kept: three of them are in memory for each
        keep = self._known if sight.after.size <= _MANY else {}
        self._known = {**keep, result.path: sight}
        self.sight = sight
        self._tell()
