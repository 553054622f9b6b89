"""A mask that nobody needs; whether its box is that of its map is told as soon as it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal

from evenview.core.errors import UserError
from evenview.gui.aligning.stamps import Stamp, stamp_of
from evenview.gui.aligning.words import told
from evenview.gui.aligning.work import stopped
from evenview.gui.desk import Desk
from evenview.gui.new_file import PathField
from evenview.gui.widgets import STEP
from evenview.tasks.align_maps import require_box_of


class MaskField(PathField):
    """An input for a mask.

    Signals
    -------
    judged
        Another thing is known of the mask.
    """

    judged = pyqtSignal()

    def __init__(self, desk: Desk, tip: str, choose: Callable[[Path], Path | None]) -> None:
        super().__init__("Mask", tip, choose)
        self._desk = desk
        self._slot = f"align mask {id(self)}"
        self._seen: tuple[Path, Stamp | None, Path, Stamp | None] | None = None
        self.line.setPlaceholderText("none")
        self.line.setMinimumWidth(10 * STEP)

    @property
    def error(self) -> str:
        """What is known to be wrong; "" for nothing."""
        return self.warning.text()

    def look(self, of: Path | None) -> None:
        """Compare the header of the mask with that of its map."""
        mask = self.path
        there = mask is not None and of is not None and mask.is_file() and of.is_file()
        seen = (mask, stamp_of(mask), of, stamp_of(of)) if there and mask and of else None
        if seen == self._seen:
            return
        self._seen = seen
        self._desk.jobs.drop(self._slot)
        self._say("")
        if seen is not None:
            path, _, onto, _ = seen
            self._desk.jobs.run(
                self._slot,
                f"Looking at {path.name}",
                lambda _progress: require_box_of(path, onto),
                lambda _nothing: None,
                self._failed,
            )

    def leave(self) -> None:
        """Look no further: others look at the mask now."""
        self._desk.jobs.drop(self._slot)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, UserError):  # the file is named above
            self._say(told(UserError(error.what, hint=error.hint)))
        elif not stopped(error):
            self._say(told(error))

    def _say(self, words: str) -> None:
        self.warn(words)
        self.judged.emit()
