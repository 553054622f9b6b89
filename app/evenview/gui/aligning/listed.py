"""The files that a transform is to move, each with what it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QListWidget, QListWidgetItem

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.core.words import counted
from evenview.formats import open_particles
from evenview.formats.volume_mrc import is_map, read_header
from evenview.gui.aligning.words import told
from evenview.gui.aligning.work import stopped
from evenview.gui.desk import Desk
from evenview.gui.text import TIMES, significant
from evenview.gui.widgets import STEP

FILES = "Other maps of the same refinement, and particle files whose poses go with it."
#: Where the path of a row is kept.
_PATH = Qt.ItemDataRole.UserRole


class FileList(QListWidget):
    """Files, each once, with box and size of voxels or the number of particles; Delete takes one
    away.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setAccessibleName("Files to be moved")
        self.setToolTip(FILES)
        self.setSpacing(STEP // 4)

    @property
    def paths(self) -> tuple[Path, ...]:
        items = (self.item(line) for line in range(self.count()))
        return tuple(item.data(_PATH) for item in items if item is not None)

    def add(self, path: Path) -> None:
        """One more."""
        if path in self.paths:
            return
        item = QListWidgetItem(path.name)
        item.setData(_PATH, path)
        item.setToolTip(str(path))
        self.addItem(item)
        self.setCurrentItem(item)
        self._desk.jobs.run(
            _slot(path),
            f"Looking at {path.name}",
            lambda progress: _described(path, progress),
            partial(self._say, path),
            lambda error: self._fail(path, error),
        )

    def remove(self) -> None:
        """Take the chosen file away."""
        item = self.takeItem(self.currentRow())
        if item is not None:
            self._desk.jobs.drop(_slot(item.data(_PATH)))
            self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Delete takes the chosen file away."""
        if event is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
            return
        super().keyPressEvent(event)

    def _say(self, path: Path, words: str) -> None:
        for line in range(self.count()):
            item = self.item(line)
            if item is not None and item.data(_PATH) == path:
                item.setText(f"{path.name}\n{words}, in {path.resolve().parent}")

    def _fail(self, path: Path, error: Exception) -> None:
        if not stopped(error):
            bare = UserError(error.what, hint=error.hint) if isinstance(error, UserError) else error
            self._say(path, told(bare).rstrip("."))


def _slot(path: Path) -> str:
    return f"align listed {path}"


def _described(path: Path, progress: Progress) -> str:
    """Box and size of voxels of a map, or how many particles there are."""
    if not is_map(path):
        return counted(len(open_particles(path, progress).quaternions), "particle")
    sides, size = read_header(path)
    box = f" {TIMES} ".join(map(str, sides))
    if size is None:
        return f"{box} voxels, whose size it does not say"
    return f"{box} voxels of {significant(size)}\N{NO-BREAK SPACE}Å"
