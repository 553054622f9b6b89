"""Columns: a table of text is opened by whoever knows what its columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from evenview.core.columns_word import columns_word, parse_columns
from evenview.core.conventions import Convention, conventions, find_convention
from evenview.core.errors import UserError
from evenview.core.preview import TablePreview, place_of
from evenview.core.reading import AngleUnit, Reading, TextColumns
from evenview.gui.columns_table import ColumnsTable
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.text import degrees
from evenview.gui.widgets import STEP, Facts, head, mark, quiet, row, wrapped

WHAT = "Which columns hold the poses?"
WHY = (
    "{0} is a table of text, and nothing in it says for certain what its columns mean. "
    "Rows are kept as they are when they are exported."
)
FIRST = "First particle: azimuth {0}, elevation {1}."
#: Combos beside each other; a matrix has three rows of them.
ABREAST, WIDTH = 3, 640
UNITS: tuple[tuple[AngleUnit, str], ...] = (("degrees", "Degrees"), ("radians", "Radians"))


class ColumnsDialog(QDialog):
    """The first rows, a choice of convention, and a column for each of its numbers."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open a table of text")
        self._desk = desk
        self._preview: TablePreview | None = None
        self._opening = False
        self.numbers: list[Choice] = []
        self.why = wrapped(quiet())
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.table = ColumnsTable()
        self.told = wrapped(QLabel())
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setMinimumHeight(2 * self.told.fontMetrics().lineSpacing() + 2)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.open_it = QPushButton("Open")
        self.open_it.setObjectName("primary")
        self.open_it.setDefault(True)
        self.open_it.clicked.connect(lambda _checked: self._open())
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        for part in (head(WHAT), self.why, self.table):
            column.addWidget(part)
        column.addLayout(self._inputs())
        column.addWidget(self.told)
        column.addStretch(1)
        column.addLayout(row(1, cancel, self.open_it))
        desk.document.opened.connect(self._opened)

    def _inputs(self) -> Facts:
        inputs = Facts()
        inputs.setVerticalSpacing(STEP)
        self.convention = Choice(
            tip="How the program that wrote the table says a rotation. The same numbers mean other "
            "views in another convention: look at the first particle below."
        )
        self.convention.chosen.connect(self._choose_convention)
        inputs.add("Convention", self.convention)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(STEP)
        self._columns_name = inputs.add("Columns", self._grid)
        inputs.setAlignment(self._columns_name, Qt.AlignmentFlag.AlignTop)
        self.unit = Choice(UNITS, "The unit of the angles.")
        self.unit.chosen.connect(lambda _unit: self._show())
        self._unit_name = inputs.add("Angles in", self.unit)
        self.half = Choice(tip="The column that says 1 or 2, or 0 or 1 as cryoSPARC does.")
        self.half.chosen.connect(lambda _column: self._show())
        inputs.add("Half-set", self.half)
        return inputs

    def ask(self, preview: TablePreview) -> None:
        """Show a table; what was said of it before, or what its headings say plainly, is chosen."""
        self._preview, self._opening = preview, False
        self.why.setText(WHY.format(preview.path.name))
        self.table.show_preview(preview)
        self.convention.set_items([("", "Choose…"), *_titles()])
        columns = list(_items(preview))
        self.half.set_items([("", "None"), *columns])
        said = self._remembered(preview) or preview.suggestion
        self.convention.show_key(said.convention if said else "")
        self.half.show_key((said.half if said else preview.half) or "")
        self._columns_name.setFixedHeight(self.half.sizeHint().height())
        self._fill(said)
        self.resize(WIDTH, self.minimumSizeHint().height())
        self.show()
        self.raise_()
        self.activateWindow()
        self.convention.setFocus()

    def takes(self, error: Exception) -> bool:
        """Whether an error is about the table that is being opened from here; then it is told."""
        if not self._opening or not self.isVisible():
            return False
        self._opening = False
        self._tell(str(error), wrong=True)
        return True

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Whoever closes it does not want to know any more."""
        self._opening = False
        super().closeEvent(event)

    def _remembered(self, preview: TablePreview) -> TextColumns | None:
        """What was said of this file before, with columns by number."""
        with suppress(UserError):
            said = parse_columns(self._desk.settings.columns(preview.path))
            places = [str(place_of(name, preview.headings) + 1) for name in said.numbers]
            half = said.half and str(place_of(said.half, preview.headings) + 1)
            return replace(said, numbers=tuple(places), half=half)
        return None

    @property
    def _about(self) -> Convention | None:
        return find_convention(self.convention.key) if self.convention.key else None

    def _choose_convention(self, _name: str) -> None:
        about, preview = self._about, self._preview
        if about is None or preview is None:
            self._fill(None)
            return
        plain = preview.plainly(about)
        self._fill(None if plain is None else TextColumns(about.name, plain))

    def _fill(self, said: TextColumns | None) -> None:
        """Inputs for the numbers of the convention, the columns of `said` chosen in them."""
        about, preview = self._about, self._preview
        while item := self._grid.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.numbers = []
        names = [number.name for number in about.numbers] if about else []
        for place, name in enumerate(names):
            choice = Choice([("", "Choose…"), *(_items(preview) if preview else ())])
            choice.setAccessibleName(f"Column of {name}")
            choice.setToolTip(f"The column that holds {name}.")
            choice.show_key(said.numbers[place] if said else "")
            choice.chosen.connect(lambda _column: self._show())
            self.numbers.append(choice)
            line, side = divmod(place, ABREAST)
            label = quiet(name)
            label.setBuddy(choice)
            self._grid.addWidget(label, line, 2 * side)
            self._grid.addWidget(choice, line, 2 * side + 1)
            self._grid.setColumnStretch(2 * side + 1, 1)
        self._columns_name.setVisible(bool(names))
        own = _own_unit(about)
        self.unit.setVisible(bool(own))
        self._unit_name.setVisible(bool(own))
        self.unit.show_key((said.angles if said else None) or own)
        self._show()

    def _said(self) -> TextColumns | None:
        """What is chosen, None while something is missing. Raises `UserError` at two in one."""
        about = self._about
        chosen = [choice.key for choice in self.numbers]
        if about is None or not all(chosen):
            return None
        used = [*chosen, *([self.half.key] if self.half.key else [])]
        for column in used:
            if used.count(column) > 1:
                raise UserError(f"Column {column} is chosen twice")
        unit = self.unit.key
        angles = next((key for key, _ in UNITS if key == unit and unit != _own_unit(about)), None)
        return TextColumns(about.name, tuple(chosen), angles, half=self.half.key or None)

    def _show(self) -> None:
        """Say what the choice means for the first particle, or why it cannot be."""
        preview = self._preview
        if preview is None:
            return
        used = [choice.key for choice in (*self.numbers, self.half)]
        self.table.light({int(column) - 1 for column in used if column})
        self.open_it.setEnabled(False)
        try:
            said = self._said()
            if said is None:
                self._tell(self._missing())
                return
            azimuth, elevation = preview.first_view(said)
        except UserError as error:
            self._tell(str(error), wrong=True)
            return
        self._tell(FIRST.format(degrees(azimuth), degrees(elevation)))
        self.open_it.setEnabled(True)

    def _missing(self) -> str:
        about = self._about
        if about is None:
            return "Choose the convention of the program that wrote the table."
        pairs = zip(about.numbers, self.numbers, strict=True)
        names = [number.name for number, choice in pairs if not choice.key]
        return f"Choose the column of {', '.join(names)}."

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        self.told.setText(words)
        mark(self.told, "error", wrong)

    def _open(self) -> None:
        said, preview = self._said(), self._preview
        if said is not None and preview is not None:
            self._opening = True
            self._desk.document.open(preview.path, Reading(columns=said))

    def _opened(self, _particles: object) -> None:
        """What was asked for is there, or something else that is wanted more."""
        particles = self._desk.document.particles
        if particles is not None and particles.reading.columns is not None:
            word = columns_word(particles.reading.columns)
            self._desk.settings.set_columns(particles.table.path, word)
        self.close()


def _titles() -> Iterator[tuple[str, str]]:
    """Each convention with the names of its numbers."""
    for name, about in conventions().items():
        names = about.order.split()
        listed = ", ".join(names) if len(names) <= 4 else f"{names[0]} … {names[-1]}"
        yield name, f"{about.title}  ({listed})"


def _items(preview: TablePreview) -> Iterator[tuple[str, str]]:
    """The columns of numbers, by their number."""
    for place, heading in enumerate(preview.headings):
        if preview.numeric[place]:
            yield str(place + 1), f"{place + 1}  {heading}" if preview.named else str(place + 1)


def _own_unit(about: Convention | None) -> str:
    """The unit of a convention's angles, "" where it has none."""
    units = {number.unit for number in about.numbers} if about else set()
    return "degrees" if "°" in units else "radians" if "rad" in units else ""
