"""What the columns of a table hold: a convention, a column for each of its numbers, half-sets."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from evenview.core.conventions import Convention, conventions, find_convention
from evenview.core.errors import UserError
from evenview.core.preview import TablePreview
from evenview.core.reading import AngleUnit, TextColumns
from evenview.gui.columns_shifts import ShiftsPart
from evenview.gui.fields import Choice
from evenview.gui.widgets import STEP, Facts, quiet

#: Combos beside each other; a matrix has three rows of them.
ABREAST = 3
UNITS: tuple[tuple[AngleUnit, str], ...] = (("degrees", "Degrees"), ("radians", "Radians"))
_ASK = ("", "Choose…")


class ColumnsForm(QWidget):
    """The inputs; `show_table` fills them, `said` reads them.

    Signals
    -------
    changed
        Something else is chosen.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._preview: TablePreview | None = None
        self.numbers: list[Choice[str]] = []
        self.convention = Choice[str](
            tip="How the program that wrote the table says a rotation. The same numbers mean other "
            "views in another convention: look at the first particle below."
        )
        self.unit = Choice(UNITS, "The unit of the angles.")
        self.half = Choice[str](tip="The column that says 1 or 2, or 0 or 1 as cryoSPARC does.")
        self.convention.chosen.connect(lambda _name: self._choose_convention())
        self.unit.chosen.connect(lambda _unit: self.changed.emit())
        self.half.chosen.connect(lambda _column: self.changed.emit())
        self._grid = QGridLayout()
        self._grid.setSpacing(STEP)
        inputs = Facts()
        inputs.setVerticalSpacing(STEP)
        inputs.add("Convention", self.convention)
        self._columns_name = inputs.add("Columns", self._grid)
        self._columns_name.setFixedHeight(self.half.sizeHint().height())
        inputs.setAlignment(self._columns_name, Qt.AlignmentFlag.AlignTop)
        self._unit_name = inputs.add("Angles in", self.unit)
        inputs.add("Half-set", self.half)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addLayout(inputs)
        self.shifts = ShiftsPart()
        self.shifts.changed.connect(self.changed)
        column.addWidget(self.shifts)

    @property
    def about(self) -> Convention | None:
        """The convention that is chosen."""
        return find_convention(self.convention.key) if self.convention.key else None

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are chosen so far."""
        chosen = (choice.key for choice in (*self.numbers, self.half) if choice.key)
        return (*chosen, *self.shifts.used)

    @property
    def missing(self) -> tuple[str, ...]:
        """The numbers of the convention that have no column yet."""
        numbers = self.about.numbers if self.about else ()
        pairs = zip(numbers, self.numbers, strict=True)
        return tuple(number.name for number, choice in pairs if not choice.key)

    def show_table(self, preview: TablePreview, said: TextColumns | None) -> None:
        """Offer the columns of a table, those of `said` chosen."""
        self._preview = preview
        self.convention.set_items([_ASK, *_titles()])
        self.half.set_items([("", "None"), *_items(preview)])
        self.convention.show_key(said.convention if said else "")
        self.half.show_key((said.half if said else preview.half) or "")
        self.shifts.show_table(list(_items(preview)), said)
        self._fill(said)

    def said(self) -> TextColumns | None:
        """What is chosen, None while something is missing. Raises `UserError` at two in one."""
        about = self.about
        if about is None or self.missing:
            return None
        for column in self.used:
            if self.used.count(column) > 1:
                raise UserError(f"Column {column} is chosen twice")
        own = _own_unit(about)
        angles = next((unit for unit, _ in UNITS if unit == self.unit.key and unit != own), None)
        numbers = tuple(choice.key for choice in self.numbers)
        return TextColumns(about.name, numbers, angles, self.half.key or None, *self.shifts.said())

    def _choose_convention(self) -> None:
        """Another convention begins with the columns whose headings are plainly its own."""
        about, preview = self.about, self._preview
        plain = preview.plainly(about) if about and preview else None
        self._fill(TextColumns(about.name, plain) if about and plain else None)

    def _fill(self, said: TextColumns | None) -> None:
        """An input for each number of the convention, the columns of `said` chosen in them."""
        about = self.about
        self._empty()
        for place, number in enumerate(about.numbers if about else ()):
            self._add(place, number.name, said.numbers[place] if said else "")
        own = _own_unit(about)
        self._columns_name.setVisible(about is not None)
        self._unit_name.setVisible(bool(own))
        self.unit.setVisible(bool(own))
        self.unit.show_key((said.angles if said else None) or own)
        self.changed.emit()

    def _empty(self) -> None:
        self.numbers = []
        while item := self._grid.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    def _add(self, place: int, name: str, column: str) -> None:
        choice = Choice([_ASK, *(_items(self._preview) if self._preview else ())])
        choice.setAccessibleName(f"Column of {name}")
        choice.setToolTip(f"The column that holds {name}.")
        choice.show_key(column)
        choice.chosen.connect(lambda _column: self.changed.emit())
        self.numbers.append(choice)
        line, side = divmod(place, ABREAST)
        label = quiet(name)
        label.setBuddy(choice)
        self._grid.addWidget(label, line, 2 * side)
        self._grid.addWidget(choice, line, 2 * side + 1)
        self._grid.setColumnStretch(2 * side + 1, 1)


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
