"""The plot of the trade: effective particles against SCF*, and the place of what stays."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

from evenview.core.sampling import REFERENCE
from evenview.core.tilting import GOOD
from evenview.core.trade import Trade
from evenview.gui.plots import Plot
from evenview.gui.text import whole
from evenview.gui.theme import theme
from evenview.gui.trade_words import Place, TradeWords, fitted

#: Pixels from the curve within which the pointer is on it.
REACH = 20.0
#: Per cent of the way that one press of an arrow goes, and one of a page key.
SMALL, LARGE = 0.5, 5.0
#: key: per cent of the way
KEYS = {
    Qt.Key.Key_Left: -SMALL,
    Qt.Key.Key_Down: -SMALL,
    Qt.Key.Key_Right: SMALL,
    Qt.Key.Key_Up: SMALL,
    Qt.Key.Key_PageDown: -LARGE,
    Qt.Key.Key_PageUp: LARGE,
    Qt.Key.Key_Home: -100.0,
    Qt.Key.Key_End: 100.0,
}
TIP = (
    "Every point is a way to thin: how even it makes the sampling, and how many effective "
    "particles are left. The line holds the best trades of all (no other thinning known keeps "
    "more for its SCF*), from all particles (the ring) on; the full dot is the thinning that is "
    "set. Drag along the line, or use the arrow keys, to take a best trade."
)


class _WholeAxis(pg.AxisItem):
    """An axis of counts: 1,000, 2,000."""

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """In groups of three figures."""
        return [whole(value) for value in values]


class TradePlot(Plot):
    """The curve, the threshold, all particles, and the present place with lines to the axes.

    Signals
    -------
    moved
        (per cent of the way along the curve, whether the hand is still on it)
    """

    moved = pyqtSignal(float, bool)

    def __init__(self) -> None:
        super().__init__("SCF*", "effective particles", {"left": _WholeAxis("left")})
        self._curve: Trade | None = None
        self._place: Place | None = None
        self._line = np.empty((0, 2))
        self._dragging = False
        self._keyed = False
        self._way = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setToolTip(TIP)
        self.setAccessibleName("Trade between evenness and effective particles")
        self._make_parts()
        theme.changed.connect(self._color)
        self._color()

    def _make_parts(self) -> None:
        self.curve = pg.PlotCurveItem()
        self.threshold = pg.InfiniteLine(pos=GOOD, angle=90)
        self.all = pg.ScatterPlotItem(size=9)
        self.drop = pg.PlotCurveItem(connect="pairs")
        self.present = pg.ScatterPlotItem(size=11)
        self.hover = pg.ScatterPlotItem(size=7)
        self.words = TradeWords(self.getPlotItem().getViewBox())
        below = (self.threshold, self.words.good, self.drop, self.curve)
        for depth, part in enumerate(
            (*below, self.all, self.hover, self.present, self.words.label)
        ):
            part.setZValue(depth)
            self.addItem(part, ignoreBounds=True)
        self.getPlotItem().getViewBox().sigResized.connect(lambda _box: self._say(self._place))

    def _color(self) -> None:
        colors = theme.colors
        self.curve.setPen(pg.mkPen(colors.accent, width=2))
        self.threshold.setPen(pg.mkPen(colors.before, width=1, style=Qt.PenStyle.DashLine))
        self.drop.setPen(pg.mkPen(colors.before, width=1, style=Qt.PenStyle.DotLine))
        self.all.setPen(pg.mkPen(colors.before, width=2))
        self.all.setBrush(pg.mkBrush(colors.window))
        self.hover.setPen(pg.mkPen(colors.accent, width=2))
        self.hover.setBrush(pg.mkBrush(colors.window))
        ring = colors.accent if self.hasFocus() else colors.window
        self.present.setPen(pg.mkPen(ring, width=2))
        self.present.setBrush(pg.mkBrush(colors.text))
        self.words.color()

    def show_curve(self, curve: Trade | None) -> None:
        """The best trades; None while they are not known."""
        self._curve = curve
        self._line = np.empty((0, 2))
        if curve is not None:
            along = curve.rising
            self._line = np.column_stack([curve.scf_star[along], curve.effective[along]])
            self.getPlotItem().setLabel("bottom", _axis_title(curve))
            self.getPlotItem().setYRange(0.0, 1.12 * max(1.0, curve.effective[0]), padding=0)
            self.all.setData(self._line[:1, 0], self._line[:1, 1])
            self._fit()
        self.curve.setData(self._line[:, 0], self._line[:, 1])
        self._show_hover(None)

    def show_place(self, place: Place | None) -> None:
        """Where the thinning is that is set."""
        self._place = place
        if place is None:
            self.present.clear()
            self.drop.setData([], [])
        else:
            x, y = place.scf_star, place.effective
            top = self._height_at(x)
            self._fit()
            self.present.setData([x], [y])
            edge = self.getPlotItem().getViewBox().viewRange()[0][0]
            self.drop.setData([x, x, edge, x], [0.0, max(y, top), y, y])
        self._say(place)

    def _fit(self) -> None:
        """Let the axis be as long as the curve, and reach the place that is set."""
        if len(self._line):
            set_at = () if self._place is None else (self._place.scf_star,)
            self.getPlotItem().setXRange(*fitted(self._line[:, 0], *set_at), padding=0)

    def _height_at(self, x: float) -> float:
        """Of the curve above a place; 0 beside it."""
        if not len(self._line):
            return 0.0
        return float(np.interp(x, self._line[:, 0], self._line[:, 1], left=0.0, right=0.0))

    def _say(self, place: Place | None) -> None:
        whole_effective = float(self._curve.effective[0]) if self._curve is not None else 0.0
        self.words.say(self._line, place, whole_effective)

    # The hand

    def nearest(self, position: QPointF) -> tuple[Place, float] | None:
        """The place on the curve nearest to a pixel, and how many pixels it is away."""
        if self._curve is None or len(self._line) < 2:
            return None
        pixels = np.array([_xy(self._pixel(*point)) for point in self._line])
        start, step = pixels[:-1], np.diff(pixels, axis=0)
        length = np.maximum((step**2).sum(axis=1), 1e-12)
        part = np.clip(((np.array(_xy(position)) - start) * step).sum(axis=1) / length, 0.0, 1.0)
        away = np.linalg.norm(start + part[:, None] * step - _xy(position), axis=1)
        k = int(away.argmin())
        x, y = (1 - part[k]) * self._line[k] + part[k] * self._line[k + 1]
        return self._on_curve(float(x), float(y)), float(away[k])

    def _pixel(self, x: float, y: float) -> QPointF:
        """Where a place of the plot is drawn."""
        scene = self.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
        return QPointF(self.viewportTransform().map(scene))

    def _on_curve(self, x: float, y: float) -> Place:
        assert self._curve is not None
        along = self._curve.rising
        n = np.interp(x, self._line[:, 0], self._curve.particles[along])
        return Place(x, y, float(n / self._curve.particles[0]))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of the curve."""
        self._take_to(event, start=True)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Move along it, or say what is there."""
        if self._dragging:
            self._take_to(event)
        elif event is not None:
            found = self.nearest(event.position())
            self._show_hover(found[0] if found is not None and found[1] <= REACH else None)

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        """Let go."""
        if self._dragging:
            self._dragging = False
            self.moved.emit(self._way, False)

    def _take_to(self, event: QMouseEvent | None, *, start: bool = False) -> None:
        if event is None or (start and event.button() != Qt.MouseButton.LeftButton):
            return
        found = self.nearest(event.position())
        if found is None or self._curve is None or (start and found[1] > REACH):
            return
        self._dragging = True
        self._show_hover(None)
        self._go(100.0 * self._curve.way_to(found[0].scf_star), moving=True)

    def _go(self, way: float, *, moving: bool) -> None:
        self._way = round(float(np.clip(way, 0.0, 100.0)) / SMALL) * SMALL
        self.moved.emit(self._way, moving)

    def wheelEvent(self, event: object) -> None:
        """The whole curve is always seen."""

    def leaveEvent(self, event: object) -> None:
        """The pointer is elsewhere."""
        self._show_hover(None)
        super().leaveEvent(event)

    def _show_hover(self, place: Place | None) -> None:
        if place is None:
            self.hover.clear()
            self._say(self._place)
        else:
            self.hover.setData([place.scf_star], [place.effective])
            self._say(place)
        self.setCursor(
            Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor
        )

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows go along the curve; all of one press is one step back."""
        step = KEYS.get(Qt.Key(event.key())) if event is not None else None
        if event is None or step is None or self._curve is None or self._place is None:
            super().keyPressEvent(event)
            return
        if not self._keyed:
            self._way = 100.0 * self._curve.way_to(self._place.scf_star)
        self._keyed = True
        self._go(self._way + step, moving=True)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """The last step of a press."""
        if self._keyed and event is not None and not event.isAutoRepeat():
            self._keyed = False
            self.moved.emit(self._way, False)
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show that arrows work here."""
        super().focusInEvent(event)
        self._color()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Arrows work elsewhere."""
        super().focusOutEvent(event)
        self._color()


def _xy(point: QPointF) -> tuple[float, float]:
    return point.x(), point.y()


def _axis_title(curve: Trade) -> str:
    reference = min(REFERENCE, int(curve.foresight.counts.sum()))
    return f"SCF* of {whole(reference)} views"
