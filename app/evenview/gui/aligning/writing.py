"""Where what was found is written to: a folder, what is replaced there, and a button."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton, QWidget

from evenview.gui.aligning.work import Aligning
from evenview.gui.desk import Desk
from evenview.gui.files import is_there, names
from evenview.gui.new_file import PathField
from evenview.gui.tilt_series.parts import button
from evenview.gui.widgets import quiet, row

FOLDER = (
    "Where the aligned maps, the difference maps, the transforms and all that goes along are "
    "written. The files that were read stay as they are."
)
WRITE = "Write"
WRITE_TIP = "Write all that was found, and everything that goes with the maps, into the folder."
REPLACED = "Will be replaced: {0}. Press again to do so."
OWN = "Files that were read would be written over. Choose another folder."
OPEN_TIP = "Open the particles that go with the moved map in place of what is open."


class FolderForm(QWidget):
    """A folder that is proposed until one is typed; what is replaced there is said first."""

    def __init__(self, desk: Desk, aligning: Aligning) -> None:
        super().__init__()
        self._desk, self._aligning = desk, aligning
        self._typed = self._settling = False
        self._seen: frozenset[Path] = frozenset()
        self.folder = PathField("Folder", FOLDER, self._ask)
        self.write = button(WRITE, WRITE_TIP, self.start)
        self.write.setObjectName("primary")
        self.open = QPushButton("Open the moved particles")
        self.open.setToolTip(OPEN_TIP)
        self.open.setAutoDefault(False)
        self.open.clicked.connect(lambda _checked: self._open())
        layout = row(quiet("Write into", FOLDER), self.folder, self.write, self.open)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.folder.changed.connect(self._on_typed)
        aligning.changed.connect(self.look)
        self.look()

    def start(self) -> None:
        """Write; what is to be replaced is shown first, by itself."""
        folder = self.folder.path
        if folder is None:
            return
        there = self._there(folder)
        if not there <= self._seen:
            self._seen = there
            self.folder.warn(REPLACED.format(_some(there)))
            self.write.setText("Replace and write")
            self._settling = True
            self._allow()
            QTimer.singleShot(QApplication.doubleClickInterval(), self._settle)
            return
        self._forget()
        self._aligning.write(folder)

    def look(self) -> None:
        """Propose a folder for what was found, and say what can be done now."""
        request = self._aligning.request
        if request is not None and not self._typed:
            self.folder.set_path(request.maps[0].path.resolve().parent / "aligned")
        self.open.setVisible(bool(self.moved))
        self._allow()

    @property
    def moved(self) -> list[Path]:
        """The particles that were written."""
        result = self._aligning.result
        outputs = [] if result is None else [one.outputs for one in result.maps if one.outputs]
        return [path for one in outputs for path in one.particles]

    def _there(self, folder: Path) -> frozenset[Path]:
        return frozenset(path for path in self._aligning.targets(folder) if is_there(path))

    def _allow(self) -> None:
        busy = self._settling or self._aligning.writing or self._aligning.finding
        known = self._aligning.result is not None and self.folder.path is not None
        self.write.setEnabled(known and not busy and not self._is_own())

    def _is_own(self) -> bool:
        """Whether a file that was read would be written over."""
        request, folder = self._aligning.request, self.folder.path
        if request is None or folder is None:
            return False
        read = {source.resolve() for source in request.sources}
        own = any(path.resolve() in read for path in self._aligning.targets(folder))
        if own or self.folder.warning.text() == OWN:
            self.folder.warn(OWN if own else "")
        return own

    def _on_typed(self) -> None:
        self._typed = True
        self._forget()
        self._allow()

    def _forget(self) -> None:
        """Nothing may be replaced unasked."""
        self._seen = frozenset()
        self.folder.warn("")
        self.write.setText(WRITE)

    def _settle(self) -> None:
        self._settling = False
        self._allow()

    def _ask(self, shown: Path) -> Path | None:
        start = shown if is_there(shown) else shown.parent
        name = QFileDialog.getExistingDirectory(self, "Folder for the aligned maps", str(start))
        return Path(name) if name else None

    def _open(self) -> None:
        """The only file, or one of several."""
        if len(self.moved) == 1:
            self._desk.open_wanted.emit(self.moved[0])
            return
        menu = QMenu(self)
        for path in self.moved:
            menu.addAction(path.name, lambda path=path: self._desk.open_wanted.emit(path))
        menu.popup(self.open.mapToGlobal(self.open.rect().bottomLeft()))


def _some(paths: frozenset[Path]) -> str:
    """A few names, and how many more there are."""
    found = sorted(paths)
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"{names(found[:3])}{more}"
