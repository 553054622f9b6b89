"""Desk: what all panels share besides the document, so that no panel knows another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.display import Display
from evenview.document import Document
from evenview.gui.jobs import Jobs
from evenview.gui.settings import Settings
from evenview.render.gestures import Tool


class Desk(QObject):
    """The document and what the hands are doing.

    Signals
    -------
    pointed
        The direction under the pointer, (3,) or None.
    picked
        The direction that was clicked.
    tool_changed, after_changed
        Another tool is in hand; the scenes show what thinning leaves, or what there is.
    measured
        Words about the gesture under way, "" when it ended.
    open_wanted
        A file to open, from wherever it was asked for.
    failed
        Something to tell in the error bar.
    """

    pointed = pyqtSignal(object)
    picked = pyqtSignal(object)
    tool_changed = pyqtSignal(str)
    after_changed = pyqtSignal(bool)
    measured = pyqtSignal(str)
    open_wanted = pyqtSignal(Path)
    failed = pyqtSignal(object)

    def __init__(self, document: Document, jobs: Jobs, settings: Settings) -> None:
        super().__init__()
        self.document = document
        self.jobs = jobs
        self.settings = settings
        self.direction: NDArray[np.float64] | None = None
        self.tool: Tool = "point"
        self.after = False

    @property
    def display(self) -> Display | None:
        """What is drawn."""
        return self.document.display

    @property
    def lacks_selection(self) -> bool:
        """True where only the selection is to be thinned, and nothing is selected."""
        display = self.display
        thinning = display.plan.thinning if display is not None else None
        return (
            display is not None
            and thinning is not None
            and thinning.only_selected
            and not display.selected.any()
        )

    @property
    def bin(self) -> int | None:
        """The bin under the pointer."""
        return self.bin_of(self.direction)

    def bin_of(self, direction: NDArray[np.float64] | None) -> int | None:
        """The bin of a direction (3,)."""
        if direction is None or self.display is None:
            return None
        index = int(self.display.binning.grid.index_of(np.atleast_2d(direction))[0])
        return index if index >= 0 else None

    def point(self, direction: NDArray[np.float64] | None) -> None:
        """The pointer moved; None when it left."""
        if direction is None and self.direction is None:
            return
        self.direction = direction
        self.pointed.emit(direction)

    def take(self, tool: Tool) -> None:
        """Take a tool in hand."""
        self.tool = tool
        self.tool_changed.emit(tool)

    def show_after(self, after: bool) -> None:
        """Show what thinning leaves, or what there is."""
        if after != self.after:
            self.after = after
            self.after_changed.emit(after)
