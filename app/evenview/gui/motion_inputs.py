"""Inputs for a motion of the map: how it is mirrored and shifted, and what that is about."""

from __future__ import annotations

from typing import Literal, cast

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from evenview.core.errors import UserError
from evenview.gui.fields import Choice
from evenview.gui.given import NumberLine
from evenview.gui.text import HALF, significant
from evenview.gui.widgets import STEP, quiet, row, wrapped
from evenview.tasks.transform import About

ABOUT: dict[About, str] = {
    "voxel": f"About the voxel {HALF}",
    "box": "About the middle of the box",
}
ABOUT_TIP = "In an even box these two are one voxel apart, so it has to be said which is meant."
OF_MAP = (
    "{0} About the voxel: RELION's --invert_hand. About the middle: cryoDRGN's flip_hand, "
    "numpy.flip, RELION's --flipX. What cryoSPARC's flip does is not known: make both, and compare "
    "the maps."
)
OF_IMAGES = (
    "{0} About the middle: numpy.flip, RELION's --flipX of a stack. Of a program that is not known "
    "to do the one or the other, compare both."
)


class MirrorField(QWidget):
    """Along which axis something is mirrored, and about which point.

    Parameters
    ----------
    who
        Words for which program mirrors about which point, after {0}: how far apart these are.
    unit
        What the images or the map are made of.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, name: str, items: dict[str, str], tip: str, who: str, unit: str) -> None:
        super().__init__()
        self._who, self._unit = who, unit
        self.axis = Choice(items.items(), tip)
        self.axis.setAccessibleName(name)
        self.axis.setMinimumContentsLength(24)
        self.about: dict[About, QRadioButton] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addLayout(row(self.axis, 1))
        for key, words in ABOUT.items():
            button = QRadioButton(words)
            button.setToolTip(ABOUT_TIP)
            button.clicked.connect(lambda _on: self.changed.emit())
            self.about[key] = button
            self._group.addButton(button)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.why = wrapped(quiet())
        column.addWidget(self.why)
        self.tell_apart(None, None)
        self._show()
        self.axis.chosen.connect(lambda _key: self._chosen())
        self.setFocusProxy(self.axis)

    @property
    def value(self) -> tuple[str | None, About | None]:
        """The axis, or None; and about what, None where it was not said."""
        if not self.axis.key:
            return None, None
        return self.axis.key, next((k for k, b in self.about.items() if b.isChecked()), None)

    def clear(self) -> None:
        """Mirror nothing, and forget what was chosen."""
        self.axis.show_key("")
        self._group.setExclusive(False)
        for button in self.about.values():
            button.setChecked(False)
        self._group.setExclusive(True)
        self._show()

    def tell_apart(self, box: int | None, size: float | None) -> None:
        """Say how far the two points are apart, in a box of so many voxels of `size` Å."""
        if box is not None and box % 2:
            apart = f"In this box, {box} {self._unit}s wide, the two are the same."
        else:
            step = f" ({significant(size)} Å)" if size else ""
            even = "an even box" if box is None else f"this box, {box} {self._unit}s wide,"
            apart = f"In {even} the two are one {self._unit} apart{step}."
        self.why.setText(self._who.format(apart))

    def _chosen(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for part in (*self.about.values(), self.why):
            part.setVisible(bool(self.axis.key))


class ShiftField(QWidget):
    """x, y and z of a shift in Å.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        tip = "Å, after the turn: how far the map moves along this axis."
        self.lines = tuple(NumberLine(f"Shift in {a}", tip, width=11 * STEP) for a in "xyz")
        parts: list[QWidget | int] = []
        for axis, line in zip("xyz", self.lines, strict=True):
            line.setPlaceholderText("0")
            line.textEdited.connect(lambda _text: self.changed.emit())
            parts += [quiet(axis), line]
        self.setLayout(row(*parts, quiet("Å"), 1))
        self.setFocusProxy(self.lines[0])

    @property
    def value(self) -> tuple[float, float, float] | None:
        """x, y, z; None where nothing is written. Raises `UserError` where one is no number."""
        if not any(line.text().strip() for line in self.lines):
            return None
        x, y, z = (line.number or 0.0 for line in self.lines)
        return x, y, z

    def clear(self) -> None:
        """Shift nothing."""
        for line in self.lines:
            line.clear()


class FrameField(Choice[str]):
    """What turn and shift are about; where a matrix has a shift it must be chosen."""

    def __init__(self, name: str) -> None:
        super().__init__(
            [
                ("centre", f"The centre of the box, voxel {HALF}"),
                ("chimerax", "The origin of ChimeraX's coordinates"),
            ],
            "What turn and shift are about. Matrices that ChimeraX prints are about the origin of "
            "the map's coordinates; for these give the map, or its box and pixel size.",
        )
        self.setAccessibleName(name)
        self.setMinimumContentsLength(30)
        self.setPlaceholderText("Choose what the matrix turns about")
        self._by_hand = False
        self.chosen.connect(lambda _key: self._choose())

    def ask(self, needed: bool) -> None:
        """Show no choice where one has to be made, and the usual one where it has not."""
        if self._by_hand:
            return
        with QSignalBlocker(self):
            if needed:
                self.setCurrentIndex(-1)
            else:
                self.show_key("centre")

    def clear(self) -> None:
        """The usual one."""
        self._by_hand = False
        self.ask(False)

    @property
    def value(self) -> Literal["centre", "chimerax"]:
        """Which. Raises `UserError` where it has to be chosen and was not."""
        if not self.key:
            raise UserError(
                "a matrix of 12 numbers does not say what it turns about",
                hint="Choose it at About: ChimeraX's matrices are about its own origin.",
            )
        return cast('Literal["centre", "chimerax"]', self.key)

    def _choose(self) -> None:
        self._by_hand = True
