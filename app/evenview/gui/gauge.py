"""Gauge: a score on its scale from 0 to 1, with the threshold marked."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from evenview.gui.theme import theme
from evenview.gui.widgets import STEP

#: Pixels: the thickness of the bar, and how far the mark stands out on both sides.
_BAR, _MARK = 6, 3


class Gauge(QWidget):
    """A thin bar as long as the score, and a mark at the threshold with its name below."""

    def __init__(self, threshold: float, meaning: str) -> None:
        super().__init__()
        self._threshold, self._meaning = threshold, meaning
        self.value: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_value(self, value: float | None) -> None:
        """Show a score; below 0 counts as 0, None is none."""
        self.value = value
        said = "none" if value is None else f"{value:.2f}"
        self.setAccessibleDescription(f"{said}; {self._words}")
        self.update()

    def sizeHint(self) -> QSize:
        """The bar, and a line of text."""
        return QSize(20 * STEP, _BAR + 2 * _MARK + 2 + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """As high as it is meant to be."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Track, bar, mark and words."""
        painter, colors = QPainter(self), theme.colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, _MARK, self.width(), _BAR)
        painter.setBrush(QColor(colors.line))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if self.value is not None and self.value > 0:
            reach = max(_BAR, min(self.value, 1.0) * self.width())
            painter.setBrush(QColor(colors.accent if self.isEnabled() else colors.before))
            painter.drawRoundedRect(QRectF(0, _MARK, reach, _BAR), _BAR / 2, _BAR / 2)
        at = self._threshold * self.width()
        painter.setPen(QPen(QColor(colors.text), 2))
        painter.drawLine(QPointF(at, 0), QPointF(at, _BAR + 2 * _MARK))
        painter.setPen(QColor(colors.quiet))
        self._write(painter, at)
        painter.end()

    @property
    def _words(self) -> str:
        return f"{self._threshold:g} {self._meaning}"

    def _write(self, painter: QPainter, at: float) -> None:
        """The words below their mark, as far as the width lets them."""
        width = painter.fontMetrics().horizontalAdvance(self._words)
        left = min(max(at - width / 2, 0.0), self.width() - width)
        top = _BAR + 2 * _MARK + 2
        place = QRectF(left, top, width + 1, self.height() - top)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, self._words)
