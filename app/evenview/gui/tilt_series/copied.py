"""A table of words that is read, and copied to a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from evenview.gui.widgets import STEP, number_font, to_clipboard


class Copied(QTableWidget):
    """A table of words that is read and copied, as high as its rows."""

    def __init__(self, lines: int, headings: list[str]) -> None:
        super().__init__(lines, len(headings))
        self.setHorizontalHeaderLabels(headings)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(number_font(self.font()))
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        side, top = self.verticalHeader(), self.horizontalHeader()
        if side is not None and top is not None:
            side.hide()
            top.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            for column in (0, len(headings) - 1):
                top.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            top.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            top.setHighlightSections(False)

    def fill(self, line: int, cells: list[str], *, strong: bool) -> None:
        """Show a row; a strong one is pointed out."""
        for column, words in enumerate(cells):
            item = QTableWidgetItem(words)
            font = self.font()
            font.setBold(strong and column == 0)
            item.setFont(font)
            self.setItem(line, column, item)

    def fit(self) -> None:
        """Take the height of the rows."""
        self.resizeRowsToContents()
        for line in range(self.rowCount()):
            self.setRowHeight(line, self.rowHeight(line) + STEP)
        top = self.horizontalHeader()
        high = 0 if top is None else top.sizeHint().height()
        rows = sum(self.rowHeight(line) for line in range(self.rowCount()))
        self.setFixedHeight(high + rows + 2 * self.frameWidth() + 2)

    def minimumSizeHint(self) -> QSize:
        """As wide as the words."""
        top = self.horizontalHeader()
        if top is None:
            return super().minimumSizeHint()
        columns = self._shown
        wide = [max(self.sizeHintForColumn(c), top.sectionSizeHint(c)) for c in columns]
        return QSize(sum(wide) + 2 * self.frameWidth(), self.height())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the cells that are selected."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            chosen = self.selectedRanges()
            if chosen:
                lines = range(chosen[0].topRow(), chosen[0].bottomRow() + 1)
                within = range(chosen[0].leftColumn(), chosen[0].rightColumn() + 1)
                columns = [column for column in self._shown if column in within]
                to_clipboard("\n".join(self._line(line, columns) for line in lines))
            return
        super().keyPressEvent(event)

    def copy_all(self) -> None:
        """Headings and rows, tabs between the cells."""
        columns = self._shown
        heads = [item.text() for c in columns if (item := self.horizontalHeaderItem(c)) is not None]
        lines = ["\t".join(" ".join(words.split()) for words in heads)]
        lines += [self._line(line, columns) for line in range(self.rowCount())]
        to_clipboard("\n".join(lines) + "\n")

    @property
    def _shown(self) -> list[int]:
        """The columns that are not hidden."""
        return [c for c in range(self.columnCount()) if not self.isColumnHidden(c)]

    def _line(self, line: int, columns: Sequence[int]) -> str:
        items = [self.item(line, column) for column in columns]
        return "\t".join("" if i is None else i.text().replace("\n", ", ") for i in items)
