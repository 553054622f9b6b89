"""The form that moves other maps and particles by a transform that was found before."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.gui.aligning.apply_work import Applying, transform_words
from evenview.gui.aligning.header import size_line
from evenview.gui.aligning.listed import FILES, FileList
from evenview.gui.aligning.words import told
from evenview.gui.aligning.writing import FolderForm
from evenview.gui.desk import Desk
from evenview.gui.files import ALL, ask_open, ask_several, by_folder
from evenview.gui.new_file import PathField
from evenview.gui.options import PIXEL_SIZE
from evenview.gui.text import typeset
from evenview.gui.widgets import STEP, button, head, mark, quiet, row, words_label, wrapped
from evenview.tasks.transform_file import read_transform

TRANSFORMS = f"Transforms (*_transform.json *.json);;{ALL}"
INTRO = (
    "Maps and particles that belong to a map that was aligned before are moved by the same turn, "
    "shift and hand. Maps come onto the voxels of the reference."
)
TRANSFORM = "The file that ends in _transform.json and was written with the aligned map."
REMOVE = "Take the file that is chosen off the list (Delete)."
EMPTY = "Add maps and particle files that the transform is to move, or drop them here."
SIZES = "Å, instead of what maps say of their voxels, and where particle files say none."
NO_TRANSFORM = "Choose the transform."
NO_FILE = "Add a map or a particle file to be moved."


class ApplyPage(QWidget):
    """The form: a transform, files, a folder.

    Signals
    -------
    said
        Words for the line below, and warnings.
    """

    said = pyqtSignal(str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.applying = Applying(desk)
        self.transform = PathField("Transform", TRANSFORM, self._ask_transform)
        self.facts = words_label()
        self.list = FileList(desk)
        self.add = button("Add files…", FILES, self._ask_files)
        self.remove = button("Remove", REMOVE, self.list.remove)
        self.pixel_size = size_line()
        self.writing = FolderForm(desk, self.applying)
        self._lay_out()
        self.transform.changed.connect(self._on_changed)
        self.pixel_size.textEdited.connect(lambda _text: self._on_changed())
        self.list.changed.connect(self._on_changed)
        self.list.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        self.applying.changed.connect(self._show)
        self._on_changed()

    def take(self, paths: list[Path]) -> None:
        """Files that were dropped: a transform by its name, the rest are to be moved."""
        for path in paths:
            if path.suffix.lower() == ".json":
                self.transform.set_path(path)
            else:
                self.list.add(path)
        self._on_changed()

    def show_over(self, over: bool) -> None:
        """Files are over the window."""
        mark(self.frame, "over", over)

    def tell(self) -> None:
        """Say what is missing, or what was done."""
        result, words = self.applying.result, self._missing
        if result is not None and not words:
            notes = [f"Note: {typeset(note)}" for note in result.notes]
            warnings = [f"Warning: {typeset(words)}" for words in result.warnings]
            written = by_folder([target for _, target in result.written])
            lines = [f"Wrote {written}", *notes]
            self.said.emit("\n".join(lines), "\n".join(warnings))
        else:
            self.said.emit(words, "")

    @property
    def _missing(self) -> str:
        if self.transform.path is None:
            return NO_TRANSFORM
        return "" if self.list.paths else NO_FILE

    def _lay_out(self) -> None:
        self.frame = QFrame()
        self.frame.setObjectName("dropFrame")
        self.empty = quiet(EMPTY)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside = QVBoxLayout(self.frame)
        inside.setContentsMargins(STEP, STEP, STEP, STEP)
        inside.addWidget(self.empty)
        inside.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(wrapped(quiet(INTRO)))
        named = row(quiet("Transform", TRANSFORM), self.transform)
        named.setStretch(1, 1)
        column.addLayout(named)
        column.addWidget(self.facts)
        size = (quiet(PIXEL_SIZE, SIZES), self.pixel_size, quiet("Å"))
        column.addLayout(row(head("Files to be moved"), 1, *size, self.remove, self.add))
        column.addWidget(self.frame, 1)
        column.addWidget(self.writing)

    def _on_changed(self) -> None:
        """Say what the transform does, and ask for all of it."""
        path, size = self.transform.path, None
        facts, reliable = "", True
        try:
            size = self.pixel_size.number
            if path is not None:
                file = read_transform(path)
                facts, reliable = transform_words(file), not file.doubt
            mark(self.facts, "warn", False)
        except UserError as error:
            facts, path = told(error), None
            mark(self.facts, "warn", True)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))
        self.empty.setVisible(not self.list.paths)
        self.list.setVisible(bool(self.list.paths))
        self.remove.setVisible(bool(self.list.paths))
        self.applying.ask(path, self.list.paths, size, reliable=reliable)
        self.tell()

    def _show(self) -> None:
        if self.applying.result is not None:
            self.tell()

    def _ask_transform(self, shown: Path) -> Path | None:
        return ask_open(
            self, "Transform", TRANSFORMS, shown.parent if shown.name else self._folder()
        )

    def _ask_files(self) -> None:
        self.take(ask_several(self, "Files to be moved", ALL, self._folder()))

    def _folder(self) -> Path | None:
        path = self.list.paths[-1] if self.list.paths else self.transform.path
        path = path or self._desk.document.path
        return None if path is None else path.parent
