"""Defocus left and right of the axis, a row a tilt, typed or pasted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from evenview.core.errors import UserError
from evenview.formats.tilt.cells import cells_of
from evenview.gui.text import MINUS
from evenview.gui.widgets import STEP, number_font

COLUMNS = ("Tilt", "Left", "Right")
TIP = (
    "Measured defocus of what lies left and right of the axis, in images turned so that the axis "
    "is upright. Paste two columns (left, right) or three (tilt, left, right) from a spreadsheet "
    "or a text. A tilt without values is left out."
)
#: No defocus in µm is as large.
_ANGSTROMS = 1000.0
_MOST_ROWS = 10_000
_MISSING = ("", "-", "nan")


class DefocusTable(QTableWidget):
    """Three columns of numbers.

    Signals
    -------
    edited
        By the user's hand.
    refused
        Why a text cannot be pasted, a `UserError`.
    """

    edited = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.set_unit("Å")
        self.setAccessibleName("Defocus left and right of the axis")
        self.setToolTip(TIP)
        self.setFont(number_font(self.font()))
        self.setFixedWidth(36 * STEP)
        self.setTabKeyNavigation(False)
        side, top = self.verticalHeader(), self.horizontalHeader()
        if side is not None and top is not None:
            side.hide()
            side.setDefaultSectionSize(3 * STEP)
            top.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            top.setHighlightSections(False)
        self.cellChanged.connect(lambda _row, _column: self.edited.emit())

    def set_unit(self, unit: str) -> None:
        """That of left and right, for the headings."""
        self.setHorizontalHeaderLabels(
            [f"{COLUMNS[0]} (°)", *(f"{n} ({unit})" for n in COLUMNS[1:])]
        )

    @property
    def is_empty(self) -> bool:
        """Whether no defocus is there."""
        return all(word in _MISSING for row in self.texts() for word in row[1:])

    def show_tilts(self, angles: NDArray[np.float64]) -> None:
        """A row for each tilt, without values; nobody is told."""
        self.show_texts([(f"{angle:g}", "", "") for angle in angles.tolist()])

    def texts(self) -> list[list[str]]:
        """What stands in the cells, row by row."""
        columns = range(len(COLUMNS))
        return [[self._text(line, column) for column in columns] for line in range(self.rowCount())]

    def show_texts(self, rows: Sequence[Sequence[str]]) -> None:
        """What stood in the cells before; nobody is told."""
        with QSignalBlocker(self):
            self.setRowCount(len(rows))
            for line, row in enumerate(rows):
                for column, words in enumerate(row):
                    self._put(line, column, words)

    def values(self) -> NDArray[np.float64]:
        """Tilt, left and right (3, K) of the rows with a value. Raises `UserError` for others."""
        found = []
        for line in range(self.rowCount()):
            if all(self._text(line, column) in _MISSING for column in (1, 2)):
                continue
            found.append([self._number(line, column) for column in range(len(COLUMNS))])
        return np.array(found, dtype=np.float64).reshape(-1, len(COLUMNS)).T

    def clear_values(self) -> None:
        """Forget what was typed."""
        with QSignalBlocker(self):
            for line in range(self.rowCount()):
                for column in (1, 2):
                    self._put(line, column, "")
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Paste, and empty cells; all else is Qt's."""
        if event is not None and event.matches(QKeySequence.StandardKey.Paste):
            clipboard = QGuiApplication.clipboard()
            try:
                self.paste("" if clipboard is None else clipboard.text())
            except UserError as error:
                self.refused.emit(error)
        elif event is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            with QSignalBlocker(self):
                for item in self.selectedItems():
                    if item.column():
                        item.setText("")
            self.edited.emit()
        else:
            super().keyPressEvent(event)

    def paste(self, text: str) -> None:
        """Columns of numbers: three replace all rows, fewer go in from the current cell on.

        Raises `UserError` for more, and for commas that may mean two things.
        """
        lines = [line for line in text.splitlines() if any(c.isdigit() for c in line)]
        rows = [row for row in cells_of(lines) if any(map(_is_number, row))][:_MOST_ROWS]
        if not rows:
            return
        width = max(map(len, rows))
        if width > len(COLUMNS):
            raise UserError(
                f"{width} columns were pasted, and there are three here",
                hint="Copy tilt, left and right, or left and right alone.",
            )
        whole = width == len(COLUMNS)
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
        first = 0 if whole else max(self.currentRow(), 0)
        column = 0 if whole else 1 if width == 2 else max(self.currentColumn(), 1)
        with QSignalBlocker(self):
            self.setRowCount(len(rows) if whole else max(self.rowCount(), first + len(rows)))
            for line, row in enumerate(rows, first):
                for place, word in enumerate(row[: len(COLUMNS) - column], column):
                    self._put(line, place, _rounded(word) if place else word)
        self.edited.emit()

    def _put(self, line: int, column: int, words: str) -> None:
        item = QTableWidgetItem(words.replace("-", MINUS) if _is_number(words) else words)
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setItem(line, column, item)

    def _text(self, line: int, column: int) -> str:
        item = self.item(line, column)
        return "" if item is None else item.text().strip().lower()

    def _number(self, line: int, column: int) -> float:
        text = self._text(line, column).replace(MINUS, "-")
        if text in _MISSING and column:
            return float("nan")
        if not _is_number(text):
            name = COLUMNS[column].lower()
            raise UserError(
                f'row {line + 1}, {name}: "{text[:40]}" is not a number', hint="Mend this cell."
            )
        return float(text)


def _rounded(text: str) -> str:
    """Values in Å without decimals, which no measurement has; those in µm as they are."""
    if not _is_number(text) or abs(number := float(text.replace(MINUS, "-"))) < _ANGSTROMS:
        return text
    return f"{number:.0f}"


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text.replace(MINUS, "-"))))
    except ValueError:
        return False
