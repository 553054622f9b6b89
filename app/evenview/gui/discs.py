"""Two spheres side by side, seen from the same side and in the same colours, with a legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from evenview.core import colormap
from evenview.gui.text import TIMES, significant
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, number_font
from evenview.render.theme import DARK, LIGHT

Floats = NDArray[np.float64]
#: The place of each of some directions (N, 3) in the values.
Nearest = Callable[[Floats], NDArray[np.int32]]

#: Heights of the names above the discs and of the legend below.
NAME, LEGEND = 20, 38
#: Pixels for a number at an end of the legend.
_END = 44


@dataclass(frozen=True, eq=False)
class Pair:
    """What two discs show.

    Attributes
    ----------
    nearest
        Which value a direction has. Discs of the same one are not looked up anew.
    values
        Two times (B,), multiples of a mean; NaN where there is nothing.
    limits
        The values at both ends of the colours, logarithmic between.
    """

    nearest: Nearest
    values: tuple[Floats, Floats]
    limits: tuple[float, float]


class Discs(QWidget):
    """Two discs with names above and a legend below.

    Parameters
    ----------
    names
        What stands above the discs.
    of
        What the values are multiples of.
    two_sided
        Opposite directions are the same, so that the half that is seen shows all.

    Signals
    -------
    pointed
        The direction under the pointer, (3,) or None.
    """

    pointed = pyqtSignal(object)

    def __init__(self, names: tuple[str, str], of: str, *, two_sided: bool) -> None:
        super().__init__()
        self.names = names
        self._of, self._two_sided = of, two_sided
        self._pair: Pair | None = None
        self._map = "viridis"
        self._rotations = (np.eye(3), np.eye(3))
        self.turn = np.eye(3)
        self._mark: Floats | None = None
        self._lookups = (_Lookup(), _Lookup())
        self.setMouseTracking(True)
        self.setMinimumSize(208, 132)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFont(number_font(self.font()))
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two discs of the size that a low dock has room for."""
        return QSize(288, 180)

    @property
    def pair(self) -> Pair | None:
        """What is drawn."""
        return self._pair

    def show_pair(self, pair: Pair | None) -> None:
        """Draw two spheres; None draws nothing in the discs."""
        self._pair = pair
        self.update()

    def take_map(self, name: str) -> None:
        """The colour map of the pictures."""
        if name != self._map:
            self._map = name
            self.update()

    def look(self, rotation: Floats) -> None:
        """See from another side: rows (3, 3) are screen right, up and towards the viewer."""
        is_one = np.array_equal(self.turn, np.eye(3))  # looked up once for both
        self._rotations = (rotation, rotation if is_one else rotation @ self.turn.T)
        self.update()

    def take_turn(self, turn: Floats) -> None:
        """Draw a direction d of the first disc where turn (3, 3) times d is on the second."""
        if not np.array_equal(turn, self.turn):
            self.turn = turn
            self.look(self._rotations[0])

    def mark(self, direction: Floats | None) -> None:
        """Ring a direction, or none."""
        if direction is not self._mark:
            self._mark = direction
            self.update()

    @property
    def diameter(self) -> int:
        """Of a disc, in logical pixels."""
        return max(16, min((self.width() - 3 * STEP) // 2, self.height() - NAME - LEGEND))

    def disc(self, place: int) -> QRectF:
        """Where a disc is drawn: 0 on the left, 1 on the right."""
        size = self.diameter
        left = (self.width() - 2 * size - 2 * STEP) / 2
        top = NAME + (self.height() - NAME - LEGEND - size) / 2
        return QRectF(left + place * (size + 2 * STEP), top, size, size)

    def direction_at(self, position: QPointF) -> Floats | None:
        """(3,) the direction under a pixel, as the first disc has it, None off the discs."""
        for place in (0, 1):
            disc = self.disc(place)
            flat = (position - disc.center()) / (disc.width() / 2)
            squared = flat.x() ** 2 + flat.y() ** 2
            if squared < 1.0:
                seen = np.array([flat.x(), -flat.y(), np.sqrt(1.0 - squared)])
                return np.asarray(seen @ self._rotations[0])
        return None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Point at a direction."""
        if event is not None and self._pair is not None:
            self.pointed.emit(self.direction_at(event.position()))

    def leaveEvent(self, _event: QEvent | None) -> None:
        """Point at none."""
        self.pointed.emit(None)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw names, discs and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in (0, 1):
            self._paint_name(painter, place)
            self._paint_disc(painter, place)
            self._paint_mark(painter, self.disc(place))
        if self._pair is not None:
            self._paint_legend(painter, self._pair.limits)
        painter.end()

    def _paint_name(self, painter: QPainter, place: int) -> None:
        disc = self.disc(place)
        painter.setPen(QColor(theme.colors.quiet))
        above = QRectF(disc.left() - STEP, disc.top() - NAME, disc.width() + 2 * STEP, NAME)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, self._title(place))

    def _paint_disc(self, painter: QPainter, place: int) -> None:
        disc = self.disc(place)
        if self._pair is not None:
            painter.drawImage(disc, self._image(self._pair, place))
        painter.setPen(QColor(theme.colors.outline))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(disc)

    def _title(self, place: int) -> str:
        """The name, and what lies under the pointer."""
        name = self.names[place]
        if self._mark is None or self._pair is None:
            return name
        mark = self.turn @ self._mark if place else self._mark
        nearest = self._pair.nearest(np.atleast_2d(mark))
        value = float(self._pair.values[place][nearest[0]])
        return f"{name}: {f'{significant(value, 2)} {TIMES}' if np.isfinite(value) else 'empty'}"

    def _image(self, pair: Pair, place: int) -> QImage:
        size = round(self.diameter * self.devicePixelRatioF())
        values = pair.values[place]
        table = colormap.colorize(values, *pair.limits, "log", self._map, self._empty)
        table = np.vstack([table, np.zeros((1, 4), np.uint8)])  # the last one is off the disc
        lookup = self._lookups[place if self._rotations[0] is not self._rotations[1] else 0]
        pixels = np.ascontiguousarray(
            table[lookup.pixels(pair.nearest, self._rotations[place], size)]
        )
        made = QImage(pixels.tobytes(), size, size, 4 * size, QImage.Format.Format_RGBA8888)
        return made.copy()  # Qt does not keep the bytes

    @property
    def _empty(self) -> tuple[int, int, int, int]:
        return (DARK if theme.colors.dark else LIGHT).empty_bytes

    def _paint_mark(self, painter: QPainter, disc: QRectF) -> None:
        if self._mark is None:
            return
        seen = self._rotations[0] @ self._mark
        if seen[2] < 0 and not self._two_sided:
            return
        seen = seen if seen[2] >= 0 else -seen
        radius = disc.width() / 2
        center = disc.center() + QPointF(radius * seen[0], -radius * seen[1])
        for color, width in ((theme.colors.canvas, 3.0), (theme.colors.text, 1.4)):
            pen = painter.pen()
            pen.setColor(QColor(color))
            pen.setWidthF(width)
            painter.setPen(pen)
            painter.drawEllipse(center, 4.5, 4.5)

    def _paint_legend(self, painter: QPainter, limits: tuple[float, float]) -> None:
        low, high = limits
        left, right = self.disc(0).left(), self.disc(1).right()
        top = self.disc(0).bottom() + STEP
        named = painter.fontMetrics().horizontalAdvance("empty") + 1
        swatch = QRectF(right - named - 5 - 8, top, 8, 8)
        bar = QRectF(left, top, swatch.left() - left - 2 * STEP, 8)
        table = np.ascontiguousarray(colormap.lut(self._map))
        painter.drawImage(bar, QImage(table.tobytes(), 256, 1, 1024, QImage.Format.Format_RGBA8888))
        painter.setPen(QColor(theme.colors.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.fillRect(swatch, QColor(*self._empty))
        painter.drawRect(swatch)
        painter.setPen(QColor(theme.colors.quiet))
        painter.drawText(QRectF(swatch.right() + 5, top - 4, named, 16), _MIDDLE, "empty")
        below = QRectF(bar.left(), bar.bottom() + 5, bar.width(), 16)
        x = bar.left() + bar.width() * float(np.log(1.0 / low) / np.log(high / low))
        one = f"1 {TIMES} {self._of}"
        wide = painter.fontMetrics().horizontalAdvance(one)
        start = min(max(x - wide / 2, below.left()), below.right() - wide)
        painter.drawText(QRectF(start, below.top(), wide, 16), Qt.AlignmentFlag.AlignLeft, one)
        if start - below.left() > _END:
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, significant(low, 1))
        if below.right() - start - wide > _END:
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, significant(high, 1))
        painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3))


_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Lookup:
    """The value under each pixel of a disc, kept while nothing turns."""

    def __init__(self) -> None:
        self._nearest: Nearest | None = None
        self._rotation: Floats | None = None
        self._of_pixel = np.empty((0, 0), np.int32)

    def pixels(self, nearest: Nearest, rotation: Floats, size: int) -> NDArray[np.int32]:
        """(size, size) the index of the value under each pixel, -1 off the disc."""
        same = nearest == self._nearest and rotation is self._rotation
        if not same or len(self._of_pixel) != size:
            self._nearest, self._rotation = nearest, rotation
            self._of_pixel = _seen(nearest, rotation, size)
        return self._of_pixel


def _seen(nearest: Nearest, rotation: Floats, size: int) -> NDArray[np.int32]:
    middle = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = np.meshgrid(middle, -middle)
    inside = x * x + y * y < 1.0
    x, y = x[inside], y[inside]
    z = np.sqrt(1.0 - x * x - y * y)
    # Not by a matrix product, whose threads would be in the way of those that look up.
    seen = sum(np.multiply.outer(part, row) for part, row in zip((x, y, z), rotation, strict=True))
    found = np.full((size, size), -1, np.int32)
    found[inside] = nearest(np.asarray(seen))
    return found
