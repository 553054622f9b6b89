"""A bar of colours below pictures, with words at its ends."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QLinearGradient, QPainter

from evenview.gui.theme import theme

#: Pixels of the bar, above it, and of all of it.
BAR, ABOVE, SCALE = 8, 6, 36
_SIDES = (
    Qt.AlignmentFlag.AlignLeft,
    Qt.AlignmentFlag.AlignHCenter,
    Qt.AlignmentFlag.AlignRight,
)


class Scale(pg.GraphicsObject):
    """A bar of colours with words below.

    Attributes
    ----------
    stops
        Colours from left to right.
    words
        At the left, in the middle, at the right; without any there is no bar either.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[QColor] = []
        self.words = ("", "", "")
        self._rect = QRectF()

    def place(self, rect: QRectF) -> None:
        """Draw it there."""
        self.prepareGeometryChange()
        self._rect = rect

    def boundingRect(self) -> QRectF:
        """All of it."""
        return self._rect

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the bar, and the words below."""
        if not any(self.words):
            return
        bar = QRectF(self._rect.left(), self._rect.top() + ABOVE, self._rect.width() - 1, BAR)
        colors = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, color in enumerate(self.stops):
            colors.setColorAt(place / (len(self.stops) - 1), color)
        painter.setPen(pg.mkPen(theme.colors.line))
        painter.setBrush(QBrush(colors))
        painter.drawRect(bar)
        painter.setPen(pg.mkPen(theme.colors.quiet))
        below = QRectF(bar.left(), bar.bottom() + 2, bar.width(), SCALE - ABOVE - BAR - 2)
        for side, words in zip(_SIDES, self.words, strict=True):
            painter.drawText(below, side, words)
