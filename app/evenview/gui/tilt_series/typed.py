"""A tilt series typed in, where there is no file of it."""

from __future__ import annotations

from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.tilt.packages import PACKAGES
from evenview.gui.fields import Choice
from evenview.gui.given import NumberLine
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.words import told
from evenview.gui.widgets import STEP, button, quiet, row, warning
from evenview.tasks.tilt_request import TypedSeries, angles_typed

AXIS = "The tilt axis, degrees from +y of the image counter-clockwise."
TILTS = "All tilt angles, or the first and the last with the step: −60 to 60 by 3."
PACKAGE = "The package whose axis and angles these are."
USE = "Show this series. Files that are added take its place."
PROMPT = "Without files: tilt axis"


class TypingForm(QWidget):
    """Axis, angles and the package that they are of."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self.axis = NumberLine("Tilt axis typed", AXIS, 9 * STEP)
        self.tilts = QLineEdit()
        self.tilts.setAccessibleName("Tilt angles typed")
        self.tilts.setToolTip(TILTS)
        self.tilts.setPlaceholderText("−60 to 60 by 3")
        self.tilts.setMinimumWidth(20 * STEP)
        self.package = Choice([(k, p.title) for k, p in PACKAGES.items()], PACKAGE)
        self.package.setAccessibleName("Typed for")
        self.use = button("Use these", USE, self.start)
        self.error = warning()
        self.error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        line = row(
            1, quiet(PROMPT, AXIS), self.axis, quiet("°, tilts", TILTS), self.tilts,
            quiet("° of", PACKAGE), self.package, self.use, 1,
        )  # fmt: skip
        column.addLayout(line)
        column.addWidget(self.error)
        for part in (self.axis, self.tilts):
            part.returnPressed.connect(self.start)

    def start(self) -> None:
        """Take what is typed, or say what is missing."""
        try:
            axis = self.axis.number
            if axis is None:
                raise UserError("the angle of the tilt axis is missing")
            made = TypedSeries(self.package.key, axis, angles_typed(self.tilts.text()))
        except UserError as error:
            self.error.setText(told(error))
            self.error.show()
            return
        self.error.hide()
        self._finding.type_series(made)
