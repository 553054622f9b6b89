"""The files of one map: those that would be written, or those that were, to be opened."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from evenview.gui.desk import Desk
from evenview.gui.widgets import STEP, button, quiet, row, to_clipboard, wrapped
from evenview.tasks.align import Outputs

PLANNED = "Write puts these into the folder below."
WRITTEN = "Written into {0}."
OPEN_TIP = (
    "Open the file that is chosen (Enter): particles and maps in the window behind, a transform to "
    "move other files by it, commands for ChimeraX in their own program."
)
FOLDER_TIP = "Show the folder in the file manager."
COPY_TIP = "Copy the names with their folders, one a line."


class FilesPart(QWidget):
    """A list of files with what each is.

    Signals
    -------
    transform_wanted
        A transform file, to move other files by it.
    """

    transform_wanted = pyqtSignal(Path)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._written = False
        self.words = wrapped(quiet())
        self.list = QListWidget()
        self.list.setAccessibleName("Files of this map")
        self.list.setSpacing(STEP // 4)
        self.list.itemActivated.connect(lambda _item: self._open())
        self.list.currentRowChanged.connect(lambda _row: self._allow())
        self.open = button("Open", OPEN_TIP, self._open)
        self.folder = button("Show folder", FOLDER_TIP, self._reveal)
        self.copy = button("Copy names", COPY_TIP, self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.words)
        column.addWidget(self.list, 1)
        column.addLayout(row(1, self.open, self.folder, self.copy, gap=STEP // 2))

    @property
    def paths(self) -> list[Path]:
        """What is listed."""
        items = (self.list.item(line) for line in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item is not None]

    def show_files(self, outputs: Outputs | None, *, written: bool) -> None:
        """List the files of a map; None lists none."""
        self._written = written
        self.list.clear()
        for path, what in () if outputs is None else _named(outputs):
            item = QListWidgetItem(f"{path.name}\n{what}")
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(str(path))
            self.list.addItem(item)
        folder = "" if outputs is None else str(outputs.aligned.parent)
        self.words.setText(WRITTEN.format(folder) if written else PLANNED)
        self._allow()

    def _allow(self) -> None:
        self.open.setEnabled(self._written and self.list.currentItem() is not None)
        self.folder.setEnabled(self._written)
        self.copy.setEnabled(bool(self.paths))

    def _open(self) -> None:
        item = self.list.currentItem()
        if item is None or not self._written:
            return
        path: Path = item.data(Qt.ItemDataRole.UserRole)
        if path.suffix == ".json":
            self.transform_wanted.emit(path)
        elif path.suffix == ".cxc":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.resolve())))
        else:
            self._desk.open_wanted.emit(path)

    def _reveal(self) -> None:
        if self.paths:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.paths[0].resolve().parent)))

    def _copy(self) -> None:
        to_clipboard("".join(f"{path}\n" for path in self.paths))


def _named(outputs: Outputs) -> list[tuple[Path, str]]:
    """Every file and what it is."""
    return [
        (outputs.aligned, "the aligned map"),
        (outputs.difference, "aligned map minus reference"),
        (outputs.transform, "the transform, to move other files by"),
        (outputs.chimerax, "commands for ChimeraX"),
        *((path, "another map of the group") for path in outputs.also),
        *((path, "particles with their new poses") for path in outputs.particles),
    ]
