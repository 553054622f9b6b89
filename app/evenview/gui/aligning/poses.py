"""The best pose and its runners-up: what an ambiguous answer is judged by, and changed to."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from evenview.core.align.alignment import RunnerUp
from evenview.core.align.pose import Pose
from evenview.core.words import with_minus
from evenview.gui.aligning.rows import make_rows
from evenview.gui.text import NOTHING, degrees
from evenview.gui.widgets import STEP, button, quiet, row, words_label, wrapped
from evenview.tasks.align import MapResult
from evenview.tasks.align_words import triple, turn_words
from evenview.tasks.turns import axis_angle

COLUMNS = {
    "Pose": "The best one, and its runners-up by their numbers; the sign is at the one in use.",
    "Score": "How well it fits, as a part of the best pose. From 85 % on the answer is ambiguous.",
    "Apart": "How far it is turned from the best pose; – where it has the other hand.",
    "Turn": "The angle of its own turn.",
    "Hand": "Whether the map is mirrored in z first.",
}
KNOWN = (
    "Poses more than 8° from the best, by their score. Of a symmetric map they are the same "
    "answer; of one that is nearly symmetric, only a feature of the map can choose: take one and "
    "look at its slices."
)
NONE = "There are no runners-up: no other pose comes near."
BEST, IN_USE = "best", " ✓"
USE, USED = "Use this pose", "In use"
USE_TIP = (
    "Refine this pose and lay the map by it: slices, FSC and all pages are then of it, and Write "
    "writes it (Enter)."
)


class PosesPart(QWidget):
    """A table of poses, what the chosen one is, and a button to use it.

    Signals
    -------
    wanted
        The number of a runner-up that is to be used, or 0 for the best pose.
    """

    wanted = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self._result: MapResult | None = None
        self._best: MapResult | None = None
        self._allowed = True
        self.table = _table()
        self.words = wrapped(quiet(KNOWN))
        self.told = words_label()
        self.use = button(USE, USE_TIP, self._want)
        self.table.itemSelectionChanged.connect(self._tell)
        self.table.itemActivated.connect(lambda _item: self._want())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.words)
        column.addWidget(self.table, 1)
        column.addWidget(self.told)
        column.addLayout(row(1, self.use))
        column.addStretch(0)

    def show_map(self, result: MapResult | None, best: MapResult | None) -> None:
        """Show the poses of a map, which was found by its `best`; None for none."""
        if result is self._result:
            return
        self._result, self._best = result, best
        others = () if best is None else best.found.runners_up
        for part in (self.table, self.told, self.use):
            part.setVisible(bool(others))
        self.words.setText(KNOWN if others else NONE)
        self.table.setRowCount(0)
        if result is None or best is None or not others:
            return
        poses = (RunnerUp(best.found.pose, 1.0), *others)
        self.table.setRowCount(len(poses))
        for line, pose in enumerate(poses):
            used = line == result.found.taken
            for column, words in enumerate(_cells(line, pose, best.found.pose, used=used)):
                item = QTableWidgetItem(words)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(line, column, item)
        self.table.selectRow(result.found.taken)
        self._tell()

    def allow(self, allowed: bool) -> None:
        """Whether another pose may be used now."""
        self._allowed = allowed
        self._tell()

    def _want(self) -> None:
        if self.use.isEnabled():
            self.wanted.emit(self.table.currentRow())

    def _tell(self) -> None:
        """What the chosen pose is, and whether it is in use."""
        line, best, result = self.table.currentRow(), self._best, self._result
        if best is None or result is None or line < 0:
            self.use.setEnabled(False)
            return
        used = line == result.found.taken
        self.use.setText(USED if used else USE)
        self.use.setEnabled(self._allowed and not used)
        first = best.found.pose
        pose = best.found.runners_up[line - 1].pose if line else first
        said = f"{turn_words(pose, 2)}, shift {triple(pose.shift, 2)} Å"
        if line and pose.flipped == first.flipped:
            apart = Pose(pose.rotation @ first.rotation.T, pose.shift)
            said += f"; from the best: {turn_words(apart, 2)}"
        self.told.setText(with_minus(f"{said}."))


def _table() -> QTableWidget:
    table = QTableWidget()
    top = make_rows(table, "Poses that fit", COLUMNS)
    if top is not None:
        top.setHighlightSections(False)
        top.setMinimumSectionSize(5 * STEP)
    return table


def _cells(line: int, other: RunnerUp, best: Pose, *, used: bool) -> Iterator[str]:
    pose = other.pose
    yield f"{line or BEST}{IN_USE if used else ''}"
    yield f"{other.score:.0%}".replace("%", "\N{NO-BREAK SPACE}%")
    apart = axis_angle(pose.rotation @ best.rotation.T).angle
    yield degrees(apart) if line and pose.flipped == best.flipped else NOTHING
    yield degrees(pose.angle)
    yield "changed" if pose.flipped else "kept"
