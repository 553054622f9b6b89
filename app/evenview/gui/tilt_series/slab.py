"""Drawings of a tilted specimen: along the beam, and along the tilt axis."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from evenview.core.tilt.drawing import EDGES, TiltDrawing
from evenview.gui.text import degrees
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP

Floats = NDArray[np.float64]

#: Corners of `TiltDrawing.slab` around its upper face, and around the profile seen along the axis.
_FACE, _PROFILE = (1, 3, 7, 5), (0, 1, 5, 4)
#: How far from the middle the arrow of the rotation, and the words at the sides are; the slab ends
#: at 0.5.
_ARROW, _WORDS = 0.56, 0.6
#: Across the axis, beyond the slab, and along it: the arrow that goes round the axis.
_WIDE, _FAR, _BOW = 0.14, 0.66, 0.06
_STILL = 1e-3
_HEAD, _GAP, _RING = 8.0, 5.0, 5.0
SIDES = ("right", "left")


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
        return QSize(42 * STEP, 20 * STEP)

    @staticmethod
    def side_words(drawing: TiltDrawing) -> tuple[str, str]:
        """What is written right and left of the axis."""
        if drawing.nearer is None:
            return SIDES
        right_is_nearer = np.array_equal(drawing.nearer, drawing.right)
        near, far = "nearer to focus", "more underfocused"
        right, left = (near, far) if right_is_nearer else (far, near)
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
        nearer = drawing.nearer
        for words, end in zip(self.side_words(drawing), ends, strict=True):
            near = nearer is not None and words.endswith("focus")
            way = self.way_of(end)
            color = theme.colors.accent if near else theme.colors.text
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


class TopView(SlabView):
    """The specimen as the image shows it, with the tilt axis, and how its right edge moves."""

    def __init__(self) -> None:
        super().__init__(
            "Along the beam: the image",
            "The specimen as the image sees it, tilted. Dashed: untilted. The axis is counted "
            "from +y counter-clockwise, and right is right of it where it is upright.",
            0.92,
        )

    def paint(self, painter: QPainter, drawing: TiltDrawing) -> None:
        """The slab, the frame of the image and the axis with its angle."""
        colors = theme.colors
        thin = QPen(QColor(colors.outline), 1)
        self.fill(painter, drawing.slab[_FACE, :2])
        for i, j in EDGES.tolist():
            self.line(painter, drawing.slab[[i, j], :2], QPen(QColor(colors.accent), 1))
        dashed = QPen(QColor(colors.outline), 1, Qt.PenStyle.DashLine)
        self.line(painter, drawing.flat[[*_FACE, _FACE[0]], :2], dashed)
        self._draw_angle(painter, drawing, thin)
        self.arrow(painter, drawing.image_axis, colors.text)
        self._draw_turn(painter, drawing)
        end = drawing.image_axis[1]
        upright = abs(end[1]) > abs(end[0])
        way = (1.0, 0.3) if upright else (0.7 * float(np.sign(end[0])), 1.0)
        words = f"tilt axis {degrees(self.degrees[1])}"
        self.write(painter, words, self.at(*end), way, colors.text)
        across = drawing.image_right
        self.write_sides(painter, drawing, np.array([_WORDS * across, -_WORDS * across]))
        self._draw_frame(painter)

    def _draw_turn(self, painter: QPainter, drawing: TiltDrawing) -> None:
        """An arrow over the axis: the way that the upper side moves, as its right edge sinks."""
        sinks = drawing.arc[-1, 2]
        if abs(sinks) < _STILL:
            return
        along = drawing.image_axis[1] / np.linalg.norm(drawing.image_axis[1])
        way = np.linspace(-1.0, 1.0, 15)[:, None] * -np.sign(sinks)
        bow = -_FAR - _BOW * (1.0 - way**2)
        points = _WIDE * way * drawing.image_right + bow * along
        self.arrow(painter, points, theme.colors.warning)

    def _draw_angle(self, painter: QPainter, drawing: TiltDrawing, pen: QPen) -> None:
        """+y of the image, and the way from it to the axis."""
        axis = drawing.image_axis[1]
        turn = np.arctan2(-axis[0], axis[1])
        around = np.linspace(0.0, turn, 40)
        self.line(painter, ((0.0, 0.0), (0.0, 0.3)), QPen(pen.color(), 1, Qt.PenStyle.DotLine))
        self.line(painter, 0.2 * np.column_stack([-np.sin(around), np.cos(around)]), pen)

    def _draw_frame(self, painter: QPainter) -> None:
        """x and y of the image, in its own corner."""
        colors = theme.colors
        origin = QPointF(2.5 * STEP, self.height() - 2.5 * STEP)
        painter.setPen(QPen(QColor(colors.quiet), 1))
        for name, way in (("x", (1.0, 0.0)), ("y", (0.0, 1.0))):
            end = QPointF(origin.x() + 24 * way[0], origin.y() - 24 * way[1])
            painter.setPen(QPen(QColor(colors.quiet), 1.5))
            painter.drawLine(origin, end)
            self.write(painter, name, end, way, colors.quiet)


class SideView(SlabView):
    """The specimen seen along its tilt axis: how it turns, and what comes nearer to focus."""

    def __init__(self) -> None:
        super().__init__(
            "Along the tilt axis",
            "The specimen seen along the axis, which points away from you; right of the axis is on "
            "the right. Dashed: untilted. The depth z is drawn upwards; which way the beam travels "
            "along it no file says.",
            0.62,
        )

    def paint(self, painter: QPainter, drawing: TiltDrawing) -> None:
        """The profile, the beam, the axis as a point, and the way of the right edge."""
        colors = theme.colors
        across = drawing.image_right
        beam = QPen(QColor(colors.outline), 1, Qt.PenStyle.DashDotLine)
        ends = ((0.0, -self._reach), (0.0, self._reach))
        top = self.line(painter, ends, beam).at(1)
        corner = QPointF(2.0 * STEP, self.height() - 2.5 * STEP)
        end = QPointF(corner.x(), corner.y() - 24)
        painter.setPen(QPen(QColor(colors.quiet), 1.5))
        painter.drawLine(corner, end)
        self.write(painter, "z", end, (0.0, 1.0), colors.quiet)
        self.fill(painter, drawing.side_view)
        closed = np.vstack([drawing.side_view, drawing.side_view[:1]])
        self.line(painter, closed, QPen(QColor(colors.accent), 1.5))
        flat = self._seen(drawing.flat[[*_PROFILE, _PROFILE[0]]], across)
        self.line(painter, flat, QPen(QColor(colors.outline), 1, Qt.PenStyle.DashLine))
        self.arrow(painter, _ARROW / 0.5 * self._seen(drawing.arc, across), colors.warning)
        self._draw_axis(painter)
        edges = self._seen(np.array([drawing.right, drawing.left]), across)
        self.write_sides(painter, drawing, _WORDS / 0.5 * edges)
        self.write(painter, "beam", top, (1.0, -1.0), colors.quiet)

    def way_of(self, end: Floats) -> tuple[float, float]:
        """Above or below a slab that lies, beside one that stands."""
        side = float(np.sign(end[0]))
        return (
            (side, 0.0) if abs(end[1]) > abs(end[0]) else (0.6 * side, 1.0 if end[1] >= 0 else -1.0)
        )

    def _draw_axis(self, painter: QPainter) -> None:
        """An arrow seen from behind: a ring with a cross."""
        middle = self.at(0.0, 0.0)
        painter.setPen(QPen(QColor(theme.colors.text), 1.5))
        painter.setBrush(QColor(theme.colors.canvas))
        painter.drawEllipse(middle, _RING, _RING)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        arm = _RING * 0.7
        for sign in (1, -1):
            off = QPointF(arm, sign * arm)
            painter.drawLine(middle - off, middle + off)

    @staticmethod
    def _seen(points: Floats, across: Floats) -> Floats:
        """Points (K, 3) as (K, 2): across the axis, and depth."""
        return np.column_stack([points[:, :2] @ across, points[:, 2]])
