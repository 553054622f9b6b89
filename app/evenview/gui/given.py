"""Inputs for numbers that are pasted as often as typed, and for what a file may leave out."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QWidget

from evenview.core.errors import UserError
from evenview.gui.widgets import STEP, mark, number_font, quiet, row
from evenview.tasks.pose_file import cells, numbers

#: What stands beside the number of a `GivenField`.
OF_FILE, SEVERAL = "as the file says", "as the file says, row by row"
NOT_SAID, NEEDED = "the file does not say it", "needed: the file does not say it"


class NumberLine(QLineEdit):
    """A line for one number or a few, right-aligned figures of one width."""

    def __init__(self, name: str, tip: str, width: int = 13 * STEP) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFont(number_font(self.font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(width)

    @property
    def number(self) -> float | None:
        """The number, None where the line is empty. Raises `UserError` where it is none."""
        found = numbers(cells(self.text()))
        if len(found) > 1:
            raise UserError(f"{self.accessibleName()}: one number is needed, not {len(found)}")
        return found[0] if found else None


class GivenField(QWidget):
    """A number of the file, or one to give where the file does not say it.

    Parameters
    ----------
    unsaid
        What stands beside a number that is not known to be in the file.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, name: str, unit: str, tip: str, unsaid: str = NOT_SAID) -> None:
        super().__init__()
        self._unsaid = unsaid
        self.line = NumberLine(name, tip)
        self.line.textEdited.connect(lambda _text: self.changed.emit())
        self.remark = quiet()
        unit_label = quiet(unit)
        unit_label.setMinimumWidth(5 * STEP)
        self.setLayout(row(self.line, unit_label, self.remark, 1))
        self.setFocusProxy(self.line)

    @property
    def value(self) -> float | None:
        """What the user gives; None where the file says it, or nobody."""
        return self.line.number if self.line.isEnabled() else None

    def show_said(self, said: Sequence[float]) -> None:
        """Show the values that the file says, () for none; only then is one to be given."""
        self.line.setEnabled(not said)
        self.line.setText(f"{said[0]:.7g}" if len(said) == 1 else "")
        self.remark.setText(SEVERAL if len(said) > 1 else OF_FILE if said else self._unsaid)
        mark(self.remark, "warn", False)

    def need(self, needed: bool) -> None:
        """Say whether nothing can be written without it."""
        if self.line.isEnabled():
            self.remark.setText(NEEDED if needed else self._unsaid)
            mark(self.remark, "warn", needed)


def whole_or_none(value: float | None, name: str) -> int | None:
    """A number of pixels. Raises `UserError` where it is not whole."""
    if value is None:
        return None
    if value != int(value):
        raise UserError(f"{name}: {value:g} is not a whole number of pixels")
    return int(value)
