"""Columns: a table of text is opened by whoever knows what its columns hold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QHideEvent
from PyQt6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from evenview.core.columns_word import columns_word, parse_columns
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.preview import TablePreview, place_of
from evenview.core.reading import Reading, TextColumns
from evenview.gui.columns_form import ColumnsForm
from evenview.gui.columns_table import ColumnsTable
from evenview.gui.desk import Desk
from evenview.gui.text import degrees
from evenview.gui.widgets import STEP, head, mark, quiet, row, wrapped

WHAT = "Which columns hold the poses?"
WHY = (
    "{0} is a table of text, and nothing in it says for certain what its columns mean. "
    "Rows are kept as they are when they are exported."
)
FIRST = "First particle: azimuth {0}, elevation {1}."
WHOSE = "Choose the convention of the program that wrote the table."
WIDTH = 640


class ColumnsDialog(QDialog):
    """The first rows, what their columns hold, and what that makes of the first particle."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open a table of text")
        self._desk = desk
        self._preview: TablePreview | None = None
        self._opening = False
        self.why = wrapped(quiet())
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.table = ColumnsTable()
        self.form = ColumnsForm()
        self.form.changed.connect(self._show)
        self.told = wrapped(QLabel())
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setMinimumHeight(2 * self.told.fontMetrics().lineSpacing() + 2)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.open_it = QPushButton("Open")
        self.open_it.setObjectName("primary")
        self.open_it.setDefault(True)
        self.open_it.clicked.connect(lambda _checked: self._open())
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.hide)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        for part in (head(WHAT), self.why, self.table, self.form, self.told):
            column.addWidget(part)
        column.addStretch(1)
        column.addLayout(row(1, cancel, self.open_it))
        desk.document.opened.connect(self._opened)

    def ask(self, preview: TablePreview) -> None:
        """Show a table; what was said of it before, or what its headings say plainly, is chosen."""
        self._preview, self._opening = preview, False
        self.why.setText(WHY.format(preview.path.name))
        self.table.show_preview(preview)
        self.form.show_table(preview, self._remembered(preview) or preview.suggestion)
        self.resize(WIDTH, self.minimumSizeHint().height())
        self.show()
        self.raise_()
        self.activateWindow()
        self.form.convention.setFocus()

    def takes(self, error: Exception) -> bool:
        """Whether an error is about the table that is being opened from here; then it is told."""
        if not self._opening:
            return False
        self._opening = False
        self._tell(str(error), wrong=True)
        return True

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Whoever closes it does not wait for it any more."""
        self._opening = False
        super().hideEvent(event)

    def _remembered(self, preview: TablePreview) -> TextColumns | None:
        """What was said of this file before, with columns by number."""
        with suppress(UserError):
            said = parse_columns(self._desk.settings.columns(preview.path))
            places = [str(place_of(name, preview.headings) + 1) for name in said.numbers]
            shifts = [str(place_of(name, preview.headings) + 1) for name in said.shifts]
            half = said.half and str(place_of(said.half, preview.headings) + 1)
            return replace(said, numbers=tuple(places), half=half, shifts=tuple(shifts))
        return None

    def _show(self) -> None:
        """Say what the choice means for the first particle, or why it cannot be."""
        self.table.light({int(column) - 1 for column in self.form.used})
        self.open_it.setEnabled(False)
        try:
            words = self._meaning()
        except UserError as error:
            self._tell(str(error), wrong=True)
        else:
            self._tell(words)

    def _meaning(self) -> str:
        """The first particle in words, or what is missing. Raises `UserError`."""
        said, preview = self.form.said(), self._preview
        if said is None or preview is None:
            missing = ", ".join(self.form.missing)
            return f"Choose the column of {missing}." if missing else WHOSE
        azimuth, elevation = preview.first_view(said)
        self.open_it.setEnabled(True)
        return FIRST.format(degrees(azimuth), degrees(elevation))

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        self.told.setText(words)
        mark(self.told, "error", wrong)

    def _open(self) -> None:
        said, preview = self.form.said(), self._preview
        if said is not None and preview is not None:
            self._opening = True
            self._desk.document.open(preview.path, Reading(columns=said))

    def _opened(self, particles: Particles) -> None:
        """What was asked for is there, or something else that is wanted more."""
        if particles.reading.columns is not None:
            word = columns_word(particles.reading.columns)
            self._desk.settings.set_columns(particles.table.path, word)
        self.hide()
