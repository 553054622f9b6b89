"""One rotation in all conventions, and what a viewer shows of it, as tables of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from evenview.core.conventions import Convention, conventions
from evenview.gui.text import MINUS, NOTHING
from evenview.gui.widgets import STEP, head, icon_button, mark, number, quiet
from evenview.tasks.pose import PoseResult
from evenview.tasks.pose_words import VIEW, used_by

#: Digits behind the point.
DIGITS = 6
#: Columns of one number: its name, itself, its unit. A line has room for four numbers.
NAME, VALUE, UNIT = range(3)
PARTS, ROOM = 3, 4
LAST = 1 + PARTS * ROOM


class ViewTable(QGridLayout):
    """Direction of view, azimuth, elevation and in-plane angle: name, number, formula."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(4 * STEP)
        self.setVerticalSpacing(2)
        self.values: dict[str, QLabel] = {}
        for column, (title, formula) in enumerate(VIEW.items()):
            self.values[title] = _left(number())
            for line, part in enumerate((quiet(title), self.values[title], quiet(_signs(formula)))):
                self.addWidget(part, line, column)
        self.setColumnStretch(len(VIEW), 1)

    def show_result(self, result: PoseResult | None) -> None:
        """Show the first rotation of a result, or that there is none."""
        angles = [NOTHING] * 3
        direction = NOTHING
        if result is not None:
            angles = [f"{decimal(angle)}°" for angle in result.view[0].tolist()]
            direction = "   ".join(decimal(part) for part in result.directions[0].tolist())
        for label, text in zip(self.values.values(), [direction, *angles], strict=True):
            label.setText(text)


class ConventionTable(QWidget):
    """For each convention its numbers, a button that copies them, its formula and its users.

    Signals
    -------
    copy_wanted
        The name of a convention whose numbers are to be copied.
    """

    copy_wanted = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, tuple[QLabel, ...]] = {}
        self.copies: dict[str, QWidget] = {}
        self._titles: dict[str, QLabel] = {}
        self._units: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, STEP, 0)
        self._grid.setHorizontalSpacing(2)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnMinimumWidth(0, 23 * STEP)
        for first in range(1, LAST, PARTS):
            self._grid.setColumnMinimumWidth(first + NAME, 6 * STEP)
            self._grid.setColumnMinimumWidth(first + VALUE, 11 * STEP)
            self._grid.setColumnMinimumWidth(first + UNIT, 5 * STEP)
        self._grid.setColumnStretch(LAST, 1)
        for about in conventions().values():
            self._add(about)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def show_result(self, result: PoseResult | None) -> None:
        """Show the first rotation of a result, or that there is none."""
        for name, labels in self.values.items():
            found = [NOTHING] * len(labels)
            if result is not None:
                found = [decimal(value) for value in result.values[name][0].tolist()]
            for label, text in zip(labels, found, strict=True):
                label.setText(text)
            self.copies[name].setEnabled(result is not None)
        for unit in self._units:
            unit.setVisible(result is not None)

    def show_source(self, source: str) -> None:
        """Point out the convention that the numbers were given in."""
        for name, title in self._titles.items():
            mark(title, "accent", name == source)

    def _add(self, about: Convention) -> None:
        line = self._grid.rowCount()
        self._grid.setRowMinimumHeight(line, STEP if line > 1 else 0)
        line += 1
        title = head(about.title)
        title.setToolTip(f"{about.degenerate} Precision: {about.precision}")
        self._titles[about.name] = title
        self._grid.addWidget(title, line, 0)
        copy = icon_button(
            "copy",
            f"Copy the numbers of {about.title}, between commas.",
            partial(self.copy_wanted.emit, about.name),
        )
        self.copies[about.name] = copy
        self._grid.addWidget(copy, line, LAST, Qt.AlignmentFlag.AlignRight)
        self.values[about.name] = tuple(self._numbers(about, line))
        below = self._grid.rowCount()
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(quiet(about.formula), below, 1, 1, PARTS * ROOM, top)
        if used_by(about):
            users = quiet(", ".join(about.packages), "The programs that write rotations so.")
            users.setWordWrap(True)
            self._grid.addWidget(users, below, 0, top)

    def _numbers(self, about: Convention, first: int) -> Iterable[QLabel]:
        width = about.shape[-1] if about.shape else len(about.numbers)
        for place, part in enumerate(about.numbers):
            line, column = first + place // width, 1 + PARTS * (place % width)
            value = number(NOTHING)
            value.setAccessibleName(f"{about.title}, {part.name}")
            self._grid.addWidget(quiet(part.name), line, column + NAME)
            self._grid.addWidget(value, line, column + VALUE)
            unit = quiet(part.unit)
            self._units.append(unit)
            self._grid.addWidget(unit, line, column + UNIT)
            yield value


def decimal(value: float) -> str:
    """−0.123457; never a minus before nothing."""
    return f"{round(value, DIGITS) + 0.0:.{DIGITS}f}".replace("-", MINUS)


def _signs(formula: str) -> str:
    return formula.replace(" - ", f" {MINUS} ")


def _left(label: QLabel) -> QLabel:
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return label
