"""Where what was found is written to: a folder, what is replaced there, and a button."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QTimer, pyqtBoundSignal, pyqtSignal
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from evenview.gui.desk import Desk
from evenview.gui.files import is_there, names
from evenview.gui.new_file import PathField
from evenview.gui.widgets import button, lead, quiet, row

FOLDER = (
    "Where the aligned maps, the difference maps, the transforms and all that goes along are "
    "written. The files that were read stay as they are."
)
WRITE = "Write"
WRITE_TIP = (
    "Write all that was found, and everything that goes with the maps, into the folder. Particles "
    "without a reliable answer are left out; they can be written afterwards."
)
REPLACED = "Will be replaced: {0}."
AGAIN = "Press again to do so."
REPLACE, DOUBTFUL = "Replace and write", "Write all the same"
OWN = "Files that were read would be written over. Choose another folder."
OPEN_TIP = "Open the particles that go with the moved map in place of what is open."


class Writer(Protocol):
    """Who writes files into a folder.

    Attributes
    ----------
    changed
        What is to be written, or whether it can be.
    proposed
        A folder to begin with.
    sources
        Files that were read.
    can_write
        Whether there is something to write, and nothing under way.
    doubt
        Why nothing should be written unasked; "" where there is no reason.
    moved
        Particles that were written.
    """

    @property
    def changed(self) -> pyqtBoundSignal: ...

    @property
    def proposed(self) -> Path | None: ...

    @property
    def sources(self) -> tuple[Path, ...]: ...

    @property
    def can_write(self) -> bool: ...

    @property
    def doubt(self) -> str: ...

    @property
    def moved(self) -> tuple[Path, ...]: ...

    def targets(self, folder: Path) -> tuple[Path, ...]:
        """Every file that would be written into a folder."""
        ...

    def write(self, folder: Path) -> None:
        """Write everything into a folder."""
        ...


class FolderForm(QWidget):
    """A folder that is proposed until one is typed; what is replaced there, or doubtful, is said
    first, and written only when that is asked for again.

    Signals
    -------
    chosen
        Another folder, by the user's hand.
    """

    chosen = pyqtSignal()

    def __init__(self, desk: Desk, writer: Writer) -> None:
        super().__init__()
        self._desk, self._writer = desk, writer
        self._typed = self._settling = False
        self._seen: frozenset[Path] | None = None
        self._targets: tuple[Path, ...] = ()
        self._doubt = ""
        self.folder = PathField("Folder", FOLDER, self._ask)
        self.write = button(WRITE, WRITE_TIP, self.start)
        self.write.setObjectName("primary")
        self.open = button("Open the moved particles", OPEN_TIP, self._open)
        layout = row(quiet("Write into", FOLDER), self.folder, self.write, self.open)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.folder.changed.connect(self._on_typed)
        writer.changed.connect(self.look)
        self.look()

    def start(self) -> None:
        """Write; what is to be replaced, or doubtful, is shown first, by itself."""
        folder = self.folder.path
        if folder is None:
            return
        there, doubt = self._there(folder), self._writer.doubt
        unseen = bool(there or doubt) if self._seen is None else not there <= self._seen
        if unseen:
            self._seen = there
            replaced = REPLACED.format(some(there)) if there else ""
            self.folder.warn(" ".join(filter(None, (doubt, replaced, AGAIN))))
            self.write.setText(REPLACE if there else DOUBTFUL)
            self._settling = True
            self._allow()
            QTimer.singleShot(QApplication.doubleClickInterval(), self._settle)
            return
        self._forget()
        self._writer.write(folder)

    def look(self) -> None:
        """Propose a folder for what was found, and say what can be done now."""
        proposed = self._writer.proposed
        if proposed is not None and not self._typed:
            self.folder.set_path(proposed)
        folder = self.folder.path
        targets = () if folder is None else self._writer.targets(folder)
        if (targets, self._writer.doubt) != (self._targets, self._doubt):
            self._targets, self._doubt = targets, self._writer.doubt
            self._forget()
            lead(self.write, not self._doubt)
        self.open.setVisible(bool(self._writer.moved))
        self._allow()

    def _there(self, folder: Path) -> frozenset[Path]:
        return frozenset(path for path in self._writer.targets(folder) if is_there(path))

    def _allow(self) -> None:
        can = self._writer.can_write and self.folder.path is not None
        self.write.setEnabled(can and not self._settling and not self._is_own())

    def _is_own(self) -> bool:
        """Whether a file that was read would be written over."""
        folder = self.folder.path
        if folder is None:
            return False
        read = {source.resolve() for source in self._writer.sources}
        own = any(path.resolve() in read for path in self._writer.targets(folder))
        if own or self.folder.warning.text() == OWN:
            self.folder.warn(OWN if own else "")
        return own

    def _on_typed(self) -> None:
        self._typed = True
        self._forget()
        self._allow()
        self.chosen.emit()

    def _forget(self) -> None:
        """Nothing may be replaced unasked."""
        self._seen = None
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
        moved = self._writer.moved
        if len(moved) == 1:
            self._desk.open_wanted.emit(moved[0])
            return
        menu = QMenu(self)
        for path in moved:
            menu.addAction(path.name, lambda path=path: self._desk.open_wanted.emit(path))
        menu.popup(self.open.mapToGlobal(self.open.rect().bottomLeft()))


def some(paths: frozenset[Path]) -> str:
    """A few names, and how many more there are."""
    found = sorted(paths)
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"{names(found[:3])}{more}"
