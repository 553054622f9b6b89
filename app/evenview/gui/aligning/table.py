"""How each map came to lie, a line a map."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QTableWidget,
    QTableWidgetItem,
)

from evenview.core.words import with_minus
from evenview.gui.aligning.rows import make_rows
from evenview.gui.aligning.words import angstroms, told
from evenview.gui.text import NOTHING, degrees, typeset
from evenview.gui.theme import icon, outlined, theme
from evenview.tasks.align import Failed, MapResult
from evenview.tasks.align_words import HALF, MASKED, SEVENTH, crossing_words
from evenview.tasks.turns import axis_angle

LEVELS = (HALF, SEVENTH)
COLUMNS = {
    "Map": "The map that was moved. Without its tick it is not written. A sign says that its "
    "answer is doubtful: read why below.",
    "Turn": "The angle of the turn that lays the map over the reference.",
    "About the axis": "x, y, z of the axis that it is turned about, right-handed.",
    "Shift (Å)": "x, y, z: where the centre voxel of the map comes to lie, from that of the "
    "reference.",
    "Shift (voxels)": "The same in voxels of the reference.",
    "Hand · margin": "Whether the map is mirrored in z first, and by which part the other hand "
    "fits worse. It is open where nothing decides it: read why below.",
    "Correlation": "Of map and reference over all Fourier shells compared, before and after. Of "
    "noisy maps it is low however well they are aligned: look at the FSC.",
    **{
        f"FSC {level:g}": "The resolution where the FSC of aligned map and reference falls to "
        f"{level:g}. After ≤ is the last shell, above it all along; a dash says that the first is "
        "below it already. A mask of the reference raises the FSC."
        for level in LEVELS
    },
}
#: Rows that are seen without scrolling.
MOST_ROWS = 5


class ResultTable(QTableWidget):
    """A row a map; the chosen one is looked at.

    Signals
    -------
    picked
        The place of a map, by the user's hand.
    left_out
        The place of a map, and whether it is not to be written.
    """

    picked = pyqtSignal(int)
    left_out = pyqtSignal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        top = make_rows(self, "Aligned maps", COLUMNS)
        if top is not None:
            top.setHighlightSections(False)
        first = self.horizontalHeaderItem(0)
        if first is not None:
            first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._doubtful: list[int] = []
        theme.changed.connect(self._color)
        self.itemSelectionChanged.connect(lambda: self.picked.emit(self.currentRow()))
        self.itemChanged.connect(self._tick)

    def show_maps(
        self,
        maps: Sequence[MapResult],
        chosen: int,
        failed: Sequence[Failed] = (),
        left_out: Collection[Path] = (),
    ) -> None:
        """Show these, one of them chosen, and last those that failed; nobody is told.

        Each of several has a tick, but those that are left out.
        """
        with QSignalBlocker(self):
            self.setRowCount(len(maps) + len(failed))
            for line, result in enumerate(maps):
                for column, words in enumerate(_cells(result)):
                    self.setItem(line, column, _item(words, left=column == 0))
                for name, tip in _tips(result).items():
                    item = self.item(line, list(COLUMNS).index(name))
                    if item is not None:
                        item.setToolTip(tip)
                first = self.item(line, 0)
                if first is not None and len(maps) > 1:
                    first.setCheckState(_tick_of(result.path not in left_out))
            for line, one in enumerate(failed, len(maps)):
                self._show_failed(line, one)
            if maps:
                self.selectRow(chosen)
        self._doubtful = [line for line, result in enumerate(maps) if result.warnings]
        self._doubtful += range(len(maps), len(maps) + len(failed))
        self._color()
        self._fit()

    def text_of(self, line: int, column: str) -> str:
        """What is said in a column of a row."""
        item = self.item(line, list(COLUMNS).index(column))
        return "" if item is None else item.text()

    def _tick(self, item: QTableWidgetItem) -> None:
        if item.data(Qt.ItemDataRole.CheckStateRole) is not None:
            self.left_out.emit(item.row(), item.checkState() == Qt.CheckState.Unchecked)

    def _show_failed(self, line: int, one: Failed) -> None:
        """A row that cannot be chosen, as there is nothing to be seen of the map."""
        for column in range(len(COLUMNS)):
            item = _item(NOTHING if column else one.path.name, left=column == 0)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(told(one.error))
            self.setItem(line, column, item)

    def _color(self) -> None:
        self.setPalette(outlined(theme.colors))  # of the ticks
        self._draw_icons()

    def _draw_icons(self) -> None:
        with QSignalBlocker(self):
            for line in self._doubtful:
                item = self.item(line, 0)
                if item is not None:
                    item.setIcon(icon("warning"))

    def _fit(self) -> None:
        top = self.horizontalHeader()
        rows = sum(self.rowHeight(line) for line in range(min(self.rowCount(), MOST_ROWS)))
        height = 0 if top is None else top.sizeHint().height()
        self.setFixedHeight(height + rows + 2 * self.frameWidth() + 2)


def _tick_of(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked


def _item(words: str, *, left: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item


def _cells(result: MapResult) -> Iterator[str]:
    found, pose = result.found, result.found.pose
    turn = axis_angle(pose.rotation)
    yield result.path.name
    yield degrees(turn.angle, 2)
    yield _numbers((turn.axis + 0.0).tolist(), 3)
    yield _numbers(pose.shift.tolist(), 2)
    yield _numbers((pose.shift / result.voxel_size).tolist(), 2)
    margin = NOTHING if found.hand_margin is None else f"{found.hand_margin:.2f}"
    decided = "changed" if pose.flipped else "kept"
    yield f"{'open' if found.hand_is_open else decided} · {with_minus(margin)}"
    yield with_minus(f"{found.before:.3f} → {found.after:.3f}")
    for level in LEVELS:
        at = result.likeness.crossing(level)
        above = "≤ " if result.likeness.reaches_the_end(level) else ""
        yield NOTHING if at is None else above + angstroms(at)


def _tips(result: MapResult) -> dict[str, str]:
    """What a cell of some columns is short for."""
    tips = {"Map": str(result.path)}
    masked = f" ({MASKED})" if result.masked else ""
    for level in LEVELS:
        words = f"{crossing_words(result.likeness, level)}{masked}."
        tips[f"FSC {level:g}"] = typeset(words[:1].upper() + words[1:])
    return tips


def _numbers(values: Sequence[float], digits: int) -> str:
    return with_minus(", ".join(f"{round(value, digits) + 0.0:.{digits}f}" for value in values))
