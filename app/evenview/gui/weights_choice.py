"""Whether an export writes weights instead of removing particles, and to which column."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.formats.base import WeightColumn
from evenview.gui.fields import Choice
from evenview.gui.options import NUMBERS_THERE
from evenview.gui.text import typeset
from evenview.gui.widgets import quiet, row, wrapped
from evenview.tasks.weigh import HONEST
from evenview.tasks.weight_column import Present, Weighting, column_of, is_there

TIP = (
    "Every particle is kept and weighs what thinning would leave of its bin. Nothing else in the "
    "file changes."
)
_PRESENT: tuple[tuple[Present, str], ...] = (
    ("refuse", "Leave them, write nothing"),
    ("multiply", "Multiply by the weights"),
    ("replace", "Replace by the weights"),
)


class WeightsChoice(QWidget):
    """A box to tick, the column, and what becomes of numbers that it holds.

    Signals
    -------
    changed
        By the user's hand, or because another file takes no weights.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.wanted = QCheckBox("Write weights instead of removing particles")
        self.place = wrapped(quiet())
        self.present = Choice(_PRESENT, "Where they are 1 (occupancies: 100) they are no weights.")
        self.present.setAccessibleName(NUMBERS_THERE)
        self.present.setMinimumContentsLength(max(len(text) for _, text in _PRESENT))
        self._there = QWidget()
        there = row(quiet(NUMBERS_THERE), self.present, 1)
        there.setContentsMargins(0, 0, 0, 0)
        self._there.setLayout(there)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.wanted, self.place, self._there):
            column.addWidget(part)
        self._column: WeightColumn | None = None
        self._holds = False
        self.wanted.toggled.connect(lambda _on: self._show())
        self.wanted.toggled.connect(lambda _on: self.changed.emit())
        self.present.chosen.connect(lambda _key: self.changed.emit())
        self._show()

    @property
    def weighting(self) -> Weighting | None:
        """What is to be written, None where particles are to be removed."""
        if not self.wanted.isChecked() or self._column is None:
            return None
        return Weighting(self._column.name, self.present.key)

    def offer(self, particles: Particles) -> None:
        """Offer the column of a file's format, or say why there is none."""
        try:
            self._column = column_of(particles)
        except UserError as error:
            self._column = None
            reason = f"{error.what[:1].upper()}{error.what[1:]}."
        else:
            reason = TIP
        self._holds = self._column is not None and is_there(particles, self._column)
        self.wanted.setEnabled(self._column is not None)
        self.wanted.setToolTip(typeset(reason))
        if self._column is None:
            self.wanted.setChecked(False)
        self._show()

    def _show(self) -> None:
        on, column = self.wanted.isChecked(), self._column
        self.place.setVisible(on)
        self._there.setVisible(on and self._holds)
        if column is not None:
            reader = f", for {column.reader}" if column.reader else ""
            self.place.setText(f"Weights go to the column {column.name}{reader}.\n{HONEST}")
