"""Two small spheres of Fourier space: how much each direction is sampled, before and after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from evenview.core import colormap
from evenview.core.sampling import FourierShell
from evenview.gui.text import TIMES, significant
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, number_font
from evenview.render.theme import DARK, LIGHT
from evenview.tasks.forecast import LiveScores

Floats = NDArray[np.float64]

NAMES = ("before", "after")
#: Heights of the names above the discs and of the legend below.
NAME, LEGEND = 20, 34
#: Bounds of the colours: what is sampled less or more than the mean by this has the end's colour.
WIDEST, NARROWEST = 100.0, 2.0
TIP = (
    "How much each direction of Fourier space is sampled, in multiples of the mean, seen from the "
    "side of the large sphere; opposite directions are the same, so that one half shows all. Even "
    "sampling is one colour; empty directions are grey, and no thinning fills them."
)


class SamplingDiscs(QWidget):
    """Before and after in the same colours, with a legend.

    Signals
    -------
    pointed
        The direction of Fourier space under the pointer, (3,) or None.
    """

    pointed = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._scores: LiveScores | None = None
        self._values: tuple[Floats, Floats] | None = None
        self._limits = (1.0 / NARROWEST, NARROWEST)
        self._map = "viridis"
        self._rotation = np.eye(3)
        self._mark: Floats | None = None
        self._lookup = _Lookup()
        self.setMouseTracking(True)
        self.setMinimumSize(208, 132)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFont(number_font(self.font()))
        self.setToolTip(TIP)
        self.setAccessibleName("Sampling of Fourier space before and after")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two discs of the size that a low dock has room for."""
        return QSize(288, 180)

    def show_scores(self, scores: LiveScores | None) -> None:
        """Draw the sampling before and after; None draws nothing."""
        if scores is self._scores:
            return
        self._scores = scores
        self._values = None if scores is None else scores.relative()
        if self._values is not None:
            self._limits = _limits(self._values[0])
        self.update()

    def take_map(self, name: str) -> None:
        """The colour map of the pictures."""
        if name != self._map:
            self._map = name
            self.update()

    def look(self, rotation: Floats) -> None:
        """See from another side: rows (3, 3) are screen right, up and towards the viewer."""
        self._rotation = rotation
        self.update()

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
        """Where a disc is drawn: 0 before, 1 after."""
        size = self.diameter
        left = (self.width() - 2 * size - 2 * STEP) / 2
        top = NAME + (self.height() - NAME - LEGEND - size) / 2
        return QRectF(left + place * (size + 2 * STEP), top, size, size)

    def direction_at(self, position: QPointF) -> Floats | None:
        """(3,) the direction under a pixel, None off the discs."""
        for place in (0, 1):
            disc = self.disc(place)
            flat = (position - disc.center()) / (disc.width() / 2)
            squared = flat.x() ** 2 + flat.y() ** 2
            if squared < 1.0:
                seen = np.array([flat.x(), -flat.y(), np.sqrt(1.0 - squared)])
                return np.asarray(seen @ self._rotation)
        return None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Point at a direction."""
        if event is not None and self._scores is not None:
            self.pointed.emit(self.direction_at(event.position()))

    def leaveEvent(self, _event: QEvent | None) -> None:
        """Point at none."""
        self.pointed.emit(None)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw names, discs and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, name in enumerate(NAMES):
            self._paint_disc(painter, place, name)
        if self._values is not None:
            self._paint_legend(painter)
        painter.end()

    def _paint_disc(self, painter: QPainter, place: int, name: str) -> None:
        disc, colors = self.disc(place), theme.colors
        painter.setPen(QColor(colors.quiet))
        above = QRectF(disc.left() - STEP, disc.top() - NAME, disc.width() + 2 * STEP, NAME)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, self._title(place, name))
        if self._scores is not None and self._values is not None:
            image = self._image(self._scores.foresight.shell, self._values[place])
            painter.drawImage(disc, image)
        painter.setPen(QColor(colors.outline))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(disc)
        self._paint_mark(painter, disc)

    def _title(self, place: int, name: str) -> str:
        """The name, and what lies under the pointer."""
        if self._mark is None or self._values is None or self._scores is None:
            return name
        nearest = self._scores.foresight.shell.nearest(np.atleast_2d(self._mark))
        value = float(self._values[place][nearest[0]])
        return f"{name}: {f'{significant(value, 2)} {TIMES}' if np.isfinite(value) else 'empty'}"

    def _image(self, shell: FourierShell, values: Floats) -> QImage:
        size = round(self.diameter * self.devicePixelRatioF())
        table = colormap.colorize(values, *self._limits, "log", self._map, self._empty)
        table = np.vstack([table, np.zeros((1, 4), np.uint8)])  # the last one is off the disc
        pixels = np.ascontiguousarray(table[self._lookup.pixels(shell, self._rotation, size)])
        made = QImage(pixels.tobytes(), size, size, 4 * size, QImage.Format.Format_RGBA8888)
        return made.copy()  # Qt does not keep the bytes

    @property
    def _empty(self) -> tuple[int, int, int, int]:
        return (DARK if theme.colors.dark else LIGHT).empty_bytes

    def _paint_mark(self, painter: QPainter, disc: QRectF) -> None:
        if self._mark is None:
            return
        seen = self._rotation @ self._mark
        seen = seen if seen[2] >= 0 else -seen
        radius = disc.width() / 2
        center = disc.center() + QPointF(radius * seen[0], -radius * seen[1])
        for color, width in ((theme.colors.canvas, 3.0), (theme.colors.text, 1.4)):
            pen = painter.pen()
            pen.setColor(QColor(color))
            pen.setWidthF(width)
            painter.setPen(pen)
            painter.drawEllipse(center, 4.5, 4.5)

    def _paint_legend(self, painter: QPainter) -> None:
        low, high = self._limits
        left, right = self.disc(0).left(), self.disc(1).right()
        top = self.disc(0).bottom() + STEP
        swatch = QRectF(right - 46, top, 8, 8)
        bar = QRectF(left, top, swatch.left() - left - 2 * STEP, 8)
        table = np.ascontiguousarray(colormap.lut(self._map))
        painter.drawImage(bar, QImage(table.tobytes(), 256, 1, 1024, QImage.Format.Format_RGBA8888))
        painter.setPen(QColor(theme.colors.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.fillRect(swatch, QColor(*self._empty))
        painter.drawRect(swatch)
        painter.setPen(QColor(theme.colors.quiet))
        below = QRectF(bar.left(), bar.bottom() + 1, bar.width(), 16)
        painter.drawText(QRectF(swatch.right() + 5, top - 4, 40, 16), _MIDDLE, "empty")
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, significant(low, 1))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, significant(high, 1))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, f"1 {TIMES} mean")
        x = bar.center().x()
        painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3))


_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Lookup:
    """The point of the shell under each pixel of a disc, kept while nothing turns."""

    def __init__(self) -> None:
        self._shell: FourierShell | None = None
        self._rotation: Floats | None = None
        self._of_pixel = np.empty((0, 0), np.int32)

    def pixels(self, shell: FourierShell, rotation: Floats, size: int) -> NDArray[np.int32]:
        """(size, size) the index of the point under each pixel, -1 off the disc."""
        same = shell is self._shell and rotation is self._rotation
        if not same or len(self._of_pixel) != size:
            self._shell, self._rotation = shell, rotation
            self._of_pixel = _seen(shell, rotation, size)
        return self._of_pixel


def _seen(shell: FourierShell, rotation: Floats, size: int) -> NDArray[np.int32]:
    middle = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = np.meshgrid(middle, -middle)
    inside = x * x + y * y < 1.0
    x, y = x[inside], y[inside]
    z = np.sqrt(1.0 - x * x - y * y)
    # Not by a matrix product, whose threads would be in the way of those that look up.
    seen = sum(np.multiply.outer(part, row) for part, row in zip((x, y, z), rotation, strict=True))
    found = np.full((size, size), -1, np.int32)
    found[inside] = shell.nearest(np.asarray(seen))
    return found


def _limits(values: Floats) -> tuple[float, float]:
    """As far below 1 as above it, so that the mean is in the middle of the colours."""
    there = values[np.isfinite(values) & (values > 0)]
    if not there.size:
        return 1.0 / NARROWEST, NARROWEST
    farthest = float(np.exp(np.abs(np.log(np.quantile(there, (0.02, 0.98)))).max()))
    steps = (2.0, 5.0, 10.0, 20.0, 50.0, WIDEST)
    most = next((step for step in steps if step >= farthest), WIDEST)
    return 1.0 / most, most
