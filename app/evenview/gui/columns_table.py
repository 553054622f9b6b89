"""The first rows of a table of text, its columns numbered, the chosen ones lit."""

from __future__ import annotations

from collections.abc import Collection

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QBrush, QColor, QShowEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from evenview.core.preview import TablePreview
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, number_font

#: Rows that show, how wide a column may be, and how strongly a chosen one is tinted, of 255.
ROWS, WIDEST, TINT = 8, 180, 48
#: Between two columns.
GAP = 2 * STEP
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ColumnsTable(QTableWidget):
    """A table to look at."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("First rows of the table")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(number_font(self.font()))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self._lit: frozenset[int] = frozenset()
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setDefaultSectionSize(3 * STEP)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setMaximumSectionSize(WIDEST)
        columns.setMinimumSectionSize(6 * STEP)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        theme.changed.connect(self._paint)

    def show_preview(self, preview: TablePreview) -> None:
        """Show the first rows."""
        self.clear()
        self.setColumnCount(len(preview.headings))
        self.setRowCount(min(len(preview.rows), ROWS))
        for place, heading in enumerate(preview.headings):
            side = _RIGHT if preview.numeric[place] else _LEFT
            name = f"{place + 1}\n{heading}" if preview.named else str(place + 1)
            self.setHorizontalHeaderItem(place, _item(name, side, heading))
            for row, cells in enumerate(preview.rows[:ROWS]):
                self.setItem(row, place, _item(cells[place].strip('"'), side, cells[place]))
        for place in range(self.columnCount()):
            self.setColumnWidth(
                place, max(self.sizeHintForColumn(place), self._headed(place)) + GAP
            )
        self._fit()
        self.light(())

    def _headed(self, place: int) -> int:
        """The width of a heading."""
        item = self.horizontalHeaderItem(place)
        lines = item.text().split("\n") if item is not None else []
        return max((self.fontMetrics().horizontalAdvance(line) for line in lines), default=0) + STEP

    def light(self, columns: Collection[int]) -> None:
        """Tint the columns that are chosen, and show what is newly so."""
        new, self._lit = frozenset(columns) - self._lit, frozenset(columns)
        self._paint()
        self._reach(new)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Begin where something is chosen."""
        super().showEvent(event)
        self._reach(self._lit)

    def _reach(self, columns: Collection[int]) -> None:
        for place in sorted(columns, reverse=True):
            self.scrollToItem(self.item(0, place))

    def _paint(self) -> None:
        tint = QColor(theme.colors.accent)
        tint.setAlpha(TINT)
        for place in range(self.columnCount()):
            brush = QBrush(tint) if place in self._lit else QBrush()
            for row in range(self.rowCount()):
                item = self.item(row, place)
                if item is not None:
                    item.setBackground(brush)

    def _fit(self) -> None:
        """As high as the rows, the headings and the bar below."""
        head, bar = self.horizontalHeader(), self.horizontalScrollBar()
        assert head is not None
        assert bar is not None
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        self.setFixedHeight(
            rows + head.sizeHint().height() + bar.sizeHint().height() + 2 * self.frameWidth()
        )


def _item(text: str, side: Qt.AlignmentFlag, tip: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(side)
    item.setToolTip(tip)
    return item
