"""Drawings of a tilted specimen: along the beam, and along the tilt axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from evenview.core.tilt.drawing import EDGES, TiltDrawing
from evenview.gui.text import degrees
from evenview.gui.theme import theme
from evenview.gui.tilt_series.slab import SlabView
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
#: Where the arrow of the beam ends.
_BEAM_END = 0.3
_RING = 5.0


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
    """The specimen seen along its tilt axis: how it turns, and which side is less underfocused."""

    def __init__(self) -> None:
        super().__init__(
            "Along the tilt axis",
            "The specimen seen along the axis, which points away from you; right of the axis is on "
            "the right. Dashed: untilted. The depth z is drawn upwards. The beam comes from the "
            "side that is less underfocused: a lens that is too weak has in focus what is nearer "
            "to the source. Where the hand is not known it may come from either side.",
            0.62,
        )

    def paint(self, painter: QPainter, drawing: TiltDrawing) -> None:
        """The profile, the beam, the axis as a point, and the way of the right edge."""
        colors = theme.colors
        across = drawing.image_right
        corner = QPointF(2.0 * STEP, self.height() - 2.5 * STEP)
        end = QPointF(corner.x(), corner.y() - 24)
        painter.setPen(QPen(QColor(colors.quiet), 1.5))
        painter.drawLine(corner, end)
        self.write(painter, "z", end, (0.0, 1.0), colors.quiet)
        self._draw_beam(painter, drawing)
        self.fill(painter, drawing.side_view)
        closed = np.vstack([drawing.side_view, drawing.side_view[:1]])
        self.line(painter, closed, QPen(QColor(colors.accent), 1.5))
        flat = self._seen(drawing.flat[[*_PROFILE, _PROFILE[0]]], across)
        self.line(painter, flat, QPen(QColor(colors.outline), 1, Qt.PenStyle.DashLine))
        self.arrow(painter, _ARROW / 0.5 * self._seen(drawing.arc, across), colors.warning)
        self._draw_axis(painter)
        edges = self._seen(np.array([drawing.right, drawing.left]), across)
        self.write_sides(painter, drawing, _WORDS / 0.5 * edges)

    def _draw_beam(self, painter: QPainter, drawing: TiltDrawing) -> None:
        """A line through the middle; an arrow where it comes in, if that is known."""
        colors, beam = theme.colors, drawing.beam
        pen = QPen(QColor(colors.outline), 1, Qt.PenStyle.DashDotLine)
        self.line(painter, ((0.0, -self._reach), (0.0, self._reach)), pen)
        source = 1.0 if beam is None else -float(beam[2])
        start = self.at(0.0, source * self._reach)
        if beam is not None:
            way = ((0.0, source * self._reach), (0.0, source * _BEAM_END))
            self.arrow(painter, way, colors.text)
        words = "beam, from either side" if beam is None else "beam"
        # Beside the line, away from the words at the side that the beam comes from.
        away = -1.0 if drawing.less_side == "right" else 1.0
        self.write(painter, words, start, (away, -source), colors.text)

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
