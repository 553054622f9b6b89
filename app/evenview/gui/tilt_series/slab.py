"""What the drawings of a tilted specimen share: their scale, lines, arrows and words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from evenview.core.tilt.drawing import TiltDrawing
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP

Floats = NDArray[np.float64]

_HEAD, _GAP = 8.0, 5.0
SIDES = ("right", "left")
#: Nearer to focus, and farther from it.
LESS, MORE = "less underfocused", "more underfocused"


class SlabView(QWidget):
    """A drawing that keeps its shape: one unit is as long in x and in y.

    Parameters
    ----------
    title
        What it is, written in a corner.
    reach
        Units from the middle to the upper and to the lower margin.
    """

    def __init__(self, title: str, tip: str, reach: float) -> None:
        super().__init__()
        self._title, self._reach = title, reach
        self.drawing: TiltDrawing | None = None
        self.degrees = (0.0, 0.0)
        self.setToolTip(tip)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_drawing(self, drawing: TiltDrawing | None, angle: float, axis: float) -> None:
        """Draw a specimen at a tilt angle and an axis, degrees."""
        self.drawing, self.degrees = drawing, (angle, axis)
        self.setAccessibleDescription(
            "" if drawing is None else "; ".join(self.side_words(drawing)).replace("\n", " ")
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the words."""
        return QSize(50 * STEP, 28 * STEP)

    def minimumSizeHint(self) -> QSize:
        """Below this the words meet."""
        return QSize(34 * STEP, 17 * STEP)

    @staticmethod
    def side_words(drawing: TiltDrawing) -> tuple[str, str]:
        """What is written right and left of the axis."""
        if drawing.less_side is None:
            return SIDES
        right, left = (LESS, MORE) if drawing.less_side == "right" else (MORE, LESS)
        return f"right:\n{right}", f"left:\n{left}"

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """All of it."""
        painter, colors = QPainter(self), theme.colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colors.line), 1))
        painter.setBrush(QColor(colors.canvas))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(colors.quiet))
        painter.drawText(
            self.rect().adjusted(STEP, STEP // 2, -STEP, 0), Qt.AlignmentFlag.AlignLeft, self._title
        )
        if self.drawing is not None:
            self.paint(painter, self.drawing)
        painter.end()

    def paint(self, painter: QPainter, drawing: TiltDrawing) -> None:
        """Draw the specimen."""
        raise NotImplementedError

    def at(self, x: float, y: float) -> QPointF:
        """The pixel of a point in units, y up."""
        top = self.fontMetrics().height() + STEP
        scale = min((self.height() - top - STEP) / (2 * self._reach), self.width() / 2.2)
        middle = top + (self.height() - top - STEP) / 2
        return QPointF(self.width() / 2 + scale * x, middle - scale * y)

    def line(self, painter: QPainter, points: Iterable[Iterable[float]], pen: QPen) -> QPolygonF:
        """Lines from point to point (K, 2)."""
        polygon = self.polygon(points)
        painter.setPen(pen)
        painter.drawPolyline(polygon)
        return polygon

    def polygon(self, points: Iterable[Iterable[float]]) -> QPolygonF:
        """Pixels of points (K, 2)."""
        return QPolygonF([self.at(*point) for point in points])

    def arrow(self, painter: QPainter, points: Iterable[Iterable[float]], color: str) -> None:
        """A line with a head at its end, where it is long enough to have one."""
        polygon = self.line(painter, points, QPen(QColor(color), 2))
        pixels = np.array([(p.x(), p.y()) for p in map(polygon.at, range(polygon.count()))])
        steps = np.linalg.norm(np.diff(pixels, axis=0), axis=1)
        if steps.sum() < 1.5 * _HEAD:
            return
        way = pixels[-1] - pixels[-1 - max(1, len(pixels) // 6)]
        way = way / max(float(np.linalg.norm(way)), 1e-9)
        across = np.array([-way[1], way[0]])
        base = pixels[-1] - _HEAD * way
        corners = (pixels[-1], base + 0.45 * _HEAD * across, base - 0.45 * _HEAD * across)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def write(
        self, painter: QPainter, words: str, point: QPointF, way: tuple[float, float], color: str
    ) -> None:
        """Words beside a point, on the side of `way` (x right, y up), wholly in the drawing."""
        metrics = painter.fontMetrics()
        lines = words.split("\n")
        width = 2.0 + max(map(metrics.horizontalAdvance, lines))
        height = float(len(lines) * metrics.lineSpacing())
        x = point.x() - width / 2 + way[0] * (width / 2 + _GAP)
        y = point.y() - height / 2 - way[1] * (height / 2 + _GAP)
        x = min(max(x, _GAP), self.width() - width - _GAP)
        y = min(max(y, metrics.height() + STEP), self.height() - height - 2)
        place = QRectF(x, y, width, height)
        back = QColor(theme.colors.canvas)
        back.setAlpha(215)
        painter.fillRect(place, back)
        painter.setPen(QColor(color))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def write_sides(self, painter: QPainter, drawing: TiltDrawing, ends: Floats) -> None:
        """What is right and left of the axis, beyond points (2, 2) of these sides."""
        for words, end in zip(self.side_words(drawing), ends, strict=True):
            way = self.way_of(end)
            color = theme.colors.accent if words.endswith(LESS) else theme.colors.text
            self.write(painter, words, self.at(*end), way, color)

    def way_of(self, end: Floats) -> tuple[float, float]:
        """Which side of a point (2,) there is room for words about it."""
        x, y = np.sign(end)
        return (float(x), 0.0) if abs(end[0]) > abs(end[1]) else (0.0, float(y))

    def fill(self, painter: QPainter, corners: Floats) -> None:
        """A face (K, 2) of the slab."""
        color = QColor(theme.colors.accent)
        color.setAlpha(70 if theme.colors.dark else 45)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(self.polygon(corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)
