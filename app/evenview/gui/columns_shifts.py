"""Shifts and pixel size of a table of text: nothing of them has to be said."""

from __future__ import annotations

from typing import cast

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.reading import ShiftSense, ShiftUnit, TextColumns
from evenview.gui.fields import Choice
from evenview.gui.given import NumberLine
from evenview.gui.widgets import STEP, Facts, quiet, row

TITLE = "Shifts and pixel size"
UNITS: dict[str, str] = {"": "Choose…", "px": "Pixels", "A": "Å"}
SENSES: dict[str, str] = {
    "": "Choose…",
    "origin": "Moving the image by them centres it, as in RELION",
    "position": "They are where the particle lies",
}
NONE = ("", "None")


class ShiftsPart(QWidget):
    """A line that unfolds: the columns of the shifts, what they mean, Å per pixel.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.head = QToolButton()
        self.head.setText(TITLE)
        self.head.setAutoRaise(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setToolTip("Poses are drawn without them; converting and moving a map need them.")
        self.head.clicked.connect(lambda _on: self._unfold(self.body.isHidden()))
        self.columns = tuple(self._column(axis) for axis in "xyz")
        self.unit = self._choice(UNITS, "The unit of the shifts.", "Unit of the shifts")
        self.sense = self._choice(SENSES, "Which way the shifts go.", "Sign of the shifts")
        self.pixel_size = NumberLine(
            "Pixel size", "Å per pixel of the images; empty where it is not known.", 11 * STEP
        )
        self.pixel_size.textEdited.connect(lambda _text: self.changed.emit())
        self.body = QWidget()
        facts = Facts()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setVerticalSpacing(STEP)
        parts: list[QWidget | int] = []
        for axis, choice in zip("xyz", self.columns, strict=True):
            parts += [quiet(axis), choice]
        facts.add("Columns", row(*parts, 1))
        facts.add("Unit", self.unit)
        facts.add("They mean", self.sense)
        facts.add("Pixel size", row(self.pixel_size, quiet("Å"), 1))
        self.body.setLayout(facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.head, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.body)
        self._unfold(False)

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are chosen."""
        return tuple(choice.key for choice in self.columns if choice.key)

    def show_table(self, items: list[tuple[str, str]], said: TextColumns | None) -> None:
        """Offer columns, those of `said` chosen; unfolded where there are any."""
        shifts = said.shifts if said else ()
        for place, choice in enumerate(self.columns):
            choice.set_items([NONE, *items])
            choice.show_key(shifts[place] if place < len(shifts) else "")
        self.unit.show_key((said.shift_unit if said else None) or "")
        self.sense.show_key((said.shift_sense if said else None) or "")
        size = said.pixel_size if said else None
        self.pixel_size.setText("" if size is None else f"{size:g}")
        self._unfold(bool(shifts) or size is not None)

    def said(
        self,
    ) -> tuple[tuple[str, ...], ShiftUnit | None, ShiftSense | None, float | None]:
        """Columns, unit, sign and pixel size. Raises `UserError` where they cannot be."""
        keys = [choice.key for choice in self.columns]
        if any(keys) and not all(keys[:2]):
            raise UserError("Shifts need the columns of x and y", hint="Subtomograms need z, too.")
        size = self.pixel_size.number
        if not self.used:
            return (), None, None, size
        if not self.unit.key or not self.sense.key:
            missing = "what they mean" if self.unit.key else "their unit"
            raise UserError(f"Shifts are chosen, but not {missing}")
        return (
            self.used,
            cast("ShiftUnit", self.unit.key),
            cast("ShiftSense", self.sense.key),
            size,
        )

    def _unfold(self, shown: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow
        self.head.setArrowType(arrow)
        self.body.setVisible(shown)

    def _column(self, axis: str) -> Choice[str]:
        name = f"Column of the shift in {axis}"
        return self._choice(dict([NONE]), "The column that holds this shift.", name)

    def _choice(self, items: dict[str, str], tip: str, name: str) -> Choice[str]:
        choice = Choice(items.items(), tip)
        choice.setAccessibleName(name)
        choice.chosen.connect(lambda _key: self.changed.emit())
        return choice
