"""Convert a pose: one rotation as every package writes it, while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from evenview.core.conventions import Convention, conventions, find_convention
from evenview.core.errors import UserError
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.pose_table import ConventionTable, ViewTable
from evenview.gui.widgets import (
    STEP,
    button,
    mark,
    number_font,
    quiet,
    row,
    rule,
    scroller,
    to_clipboard,
    wrapped,
)
from evenview.tasks.pose import PoseResult, convert
from evenview.tasks.pose_file import cells, numbers

Array = NDArray[np.float64]

ASK = "Give {0}{1}, in this order. Blanks, commas, tabs and brackets may stand between them."
READ = "Read as {0}: {1}."
NO_POSE = "This particle has no pose."
#: Digits behind the point that are copied, by the unit.
COPIED = {"°": 9, "rad": 12, "": 12}


class ConvertDialog(QDialog):
    """A convention and a line for its numbers; below, what follows. It holds nothing up.

    Parameters
    ----------
    particle
        The pose (4,), (w, x, y, z) of A, of the particle in the Pose panel; None where there is
        none.

    Signals
    -------
    show_wanted
        A direction (3,) that the sphere is to show.
    """

    show_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk, particle: Callable[[], Array | None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Convert a pose")
        self._desk, self._particle = desk, particle
        self.converted: PoseResult | None = None
        self.told = wrapped(quiet())
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.view = ViewTable()
        self.note = wrapped(QLabel())
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setProperty("warn", True)
        self.table = ConventionTable()
        self.table.copy_wanted.connect(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        column.addLayout(self._inputs())
        column.addWidget(self.told)
        column.addWidget(rule())
        column.addLayout(self.view)
        column.addWidget(self.note)
        column.addWidget(rule())
        column.addWidget(scroller(self.table), 1)
        column.addLayout(self._buttons())
        desk.document.opened.connect(self._allow)
        self._read()
        self.resize(880, 680)

    def _inputs(self) -> QHBoxLayout:
        self.source = Choice(
            [(name, about.title) for name, about in conventions().items()],
            "The convention that the numbers are in. Another one reads the same numbers anew.",
        )
        self.source.setAccessibleName("Convention")
        self.source.setMinimumContentsLength(18)
        self.source.show_key("relion")
        self.source.chosen.connect(lambda _name: self._read())
        self.line = QLineEdit()
        self.line.setAccessibleName("Numbers of the pose")
        self.line.setFont(number_font(self.line.font()))
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(lambda _text: self._read())
        self.take = button("From the Pose panel", "", self._take_particle)
        self.take.setToolTip("Take the pose of the particle that the Pose panel shows.")
        return row(self.source, self.line, self.take)

    def _buttons(self) -> QHBoxLayout:
        self.show_it = button("Show on the sphere", "", self._show)
        self.show_it.setToolTip("Turn the sphere to this direction, and mark its bin.")
        self.copy_all = button("Copy all as text", "", self._copy_all)
        self.copy_all.setToolTip("Copy every convention with its formula, as 'evenview pose' does.")
        return row(self.show_it, 1, self.copy_all, button("Close", "", self.hide))

    def ask(self) -> None:
        """Show the dialog, ready for a paste."""
        self._allow()
        self.show()
        self.raise_()
        self.activateWindow()
        self.line.setFocus()
        self.line.selectAll()

    def take_pose(self, pose: Array) -> None:
        """Write a pose (4,), (w, x, y, z) of A, into the line, in the convention there."""
        about = self._about
        self.line.setText(_copy_of(about, about.from_quaternions(pose[None])[0].tolist()))

    @property
    def _about(self) -> Convention:
        return find_convention(self.source.key)

    def _take_particle(self) -> None:
        pose = self._particle()
        if pose is None or not np.isfinite(pose).all():
            self._tell(NO_POSE, warn=True)
        else:
            self.take_pose(pose)

    def _read(self) -> None:
        """Convert what is in the line; where it is no pose, say why."""
        about, words = self._about, cells(self.line.text())
        names = ", ".join(number.name for number in about.numbers)
        self.line.setPlaceholderText(names)
        self.converted = None
        try:
            values = numbers(words)
            if values:
                self.converted = convert(about, [values])
                self._tell(READ.format(about.title, _spelt(about, values)))
            else:
                self._tell(ASK.format(names, _units(about)))
        except UserError as error:
            may_type_on = len(words) < len(about.numbers)
            self._tell(_sentence(str(error)), warn=not may_type_on)
        self._show_result()

    def _show_result(self) -> None:
        self.view.show_result(self.converted)
        self.table.show_result(self.converted)
        self.table.show_source(self._about.name)
        note = self.converted.notes[0] if self.converted is not None else ""
        self.note.setText(_sentence(note + "." if note else ""))
        self.note.setVisible(bool(note))
        self._allow()

    def _allow(self) -> None:
        is_open = self._desk.document.particles is not None
        self.take.setEnabled(is_open)
        self.show_it.setEnabled(is_open and self.converted is not None)
        self.copy_all.setEnabled(self.converted is not None)

    def _tell(self, words: str, *, warn: bool = False) -> None:
        self.told.setText(words)
        mark(self.told, "warn", warn)
        mark(self.told, "quiet", not warn)

    def _show(self) -> None:
        if self.converted is not None:
            self.show_wanted.emit(self.converted.directions[0])

    def _copy(self, name: str) -> None:
        if self.converted is not None:
            about = conventions()[name]
            to_clipboard(_copy_of(about, self.converted.values[name][0].tolist()))
            self._tell(f"Copied the numbers of {about.title}.")

    def _copy_all(self) -> None:
        if self.converted is not None:
            to_clipboard(self.converted.summary() + "\n")
            self._tell("Copied every convention.")


def _copy_of(about: Convention, values: Sequence[float]) -> str:
    parts = zip(about.numbers, values, strict=True)
    return ", ".join(f"{value:.{COPIED[number.unit]}f}" for number, value in parts)


def _spelt(about: Convention, values: Sequence[float]) -> str:
    parts = zip(about.numbers, values, strict=True)
    words = (f"{n.name} = {value:.9g}{'°' if n.unit == '°' else ''}" for n, value in parts)
    return ", ".join(words) + (" rad" if about.numbers[0].unit == "rad" else "")


def _units(about: Convention) -> str:
    """The unit, where all numbers have the same."""
    words = {"°": " in degrees", "rad": " in radians"}
    units = {number.unit for number in about.numbers}
    return words.get(units.pop(), "") if len(units) == 1 else ""


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
