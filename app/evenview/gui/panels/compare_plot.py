"""Errors of a comparison as a histogram, with the limit of agreement and what chance would give."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPointF, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QColor

from evenview.core.compare.spread import Spread, Spreads
from evenview.gui.plots import Plot
from evenview.gui.text import counted, share, significant, whole
from evenview.gui.theme import theme

Floats = NDArray[np.float64]
Scale = Literal["log", "linear"]

#: How much higher a plot is than its highest bar: its name stands there.
HEADROOM = 1.3
#: Degrees that the limit can be dragged to.
LEAST, MOST = 0.01, 180.0


class _DegreeAxis(pg.AxisItem):
    """Degrees, on an even scale or on a logarithmic one."""

    scale_shown: Scale = "log"

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Decades, and unlabelled 2 to 9 between; Qt's own on an even scale."""
        if self.scale_shown == "linear":
            found: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return found
        decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        between = [d + np.log10(m) for d in decades for m in range(2, 10)]
        return [
            (1.0, [float(d) for d in decades if low - 1e-6 <= d <= high]),
            (0.1, [value for value in between if low <= value <= high]),
        ]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        """10°, 0.1°."""
        if self.scale_shown == "linear":
            return [f"{value:.4g}°".replace("-", "\N{MINUS SIGN}") for value in values]
        return [f"{10**value:.3g}°" if spacing == 1.0 else "" for value in values]


class _CountAxis(pg.AxisItem):
    """Particles: 1,000, 2,000."""

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        """Whole numbers only."""
        return [whole(value) if spacing >= 1.0 else "" for value in values]


class ErrorPlot(Plot):
    """Particles against one error.

    Signals
    -------
    said
        What is under the pointer, in words; "" when it left.
    limited
        (degrees, still moving): the limit of agreement, by the user's hand.
    """

    said = pyqtSignal(str)
    limited = pyqtSignal(float, bool)

    def __init__(self, name: str, tip: str) -> None:
        self._bottom = _DegreeAxis("bottom")
        super().__init__("", "", {"bottom": self._bottom, "left": _CountAxis("left")})
        self.setMinimumSize(160, 80)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self._spreads: Spreads | None = None
        self._limit = 0.0
        self.scale_shown: Scale = "log"
        nothing = [0.0, 1.0], [0.0]
        self.bars = pg.PlotCurveItem(*nothing, stepMode="center", fillLevel=0)
        self.unrelated = pg.PlotCurveItem(*nothing, stepMode="center")
        self.lines = (self._line(1.0), self._line(-1.0))
        self.name = pg.TextItem(name, anchor=(0, 0))
        item = self.getPlotItem()
        for side in ("bottom", "left"):
            item.showLabel(side, False)
            item.getAxis(side).setStyle(tickLength=3)  # outwards, not into the bars
        item.getAxis("left").setWidth(44)
        item.getAxis("bottom").setHeight(22)
        for part in (self.bars, self.unrelated, *self.lines, self.name):
            item.addItem(part)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.viewport().installEventFilter(self)
        theme.changed.connect(self._color)
        self._color()

    def _line(self, sign: float) -> pg.InfiniteLine:
        line = pg.InfiniteLine(angle=90, movable=True)
        line.sigDragged.connect(lambda: self._drag(line, sign, moving=True))
        line.sigPositionChangeFinished.connect(lambda: self._drag(line, sign, moving=False))
        return line

    @property
    def spread(self) -> Spread | None:
        """What is drawn."""
        return None if self._spreads is None else getattr(self._spreads, self.scale_shown)

    def show_spreads(self, found: Spreads | None, scale: Scale) -> None:
        """Draw a histogram on a scale."""
        self._spreads, self.scale_shown, self._bottom.scale_shown = found, scale, scale
        spread = self.spread
        for part in (self.bars, self.unrelated, *self.lines):
            part.setVisible(spread is not None)
        if spread is None:
            return
        edges = self._places(spread.edges)
        self.bars.setData(edges, spread.counts.astype(np.float64))
        self.unrelated.setData(edges, spread.unrelated)
        most = max(1.0, float(spread.counts.max()), float(spread.unrelated.max()))
        self.setXRange(edges[0], edges[-1], padding=0.01)
        self.setYRange(0.0, HEADROOM * most, padding=0)
        # Where there are the fewest particles.
        left = scale == "log"
        self.name.setAnchor((0 if left else 1, 0))
        self.name.setPos(edges[0 if left else -1], HEADROOM * most)
        self._bottom.picture = None  # labels of the other scale are kept else
        self.show_limit(self._limit)

    def show_limit(self, degrees: float) -> None:
        """Mark the limit of agreement; nobody is told."""
        self._limit = degrees
        spread = self.spread
        signed = spread is not None and bool(spread.edges[0] < 0)
        for line, sign in zip(self.lines, (1.0, -1.0), strict=True):
            line.setVisible(spread is not None and degrees > 0 and (sign > 0 or signed))
            if not line.moving:
                with QSignalBlocker(line):
                    line.setValue(self._places(np.array([sign * max(degrees, LEAST)]))[0])

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """The pointer left."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self.said.emit("")
        return bool(super().eventFilter(watched, event))

    def place_of(self, degrees: float) -> QPointF:
        """Where a number of degrees is, halfway up, in the widget's pixels."""
        view = self.getPlotItem().getViewBox()
        x = self._places(np.array([degrees]))[0]
        return QPointF(
            self.mapFromScene(view.mapViewToScene(QPointF(x, view.viewRect().center().y())))
        )

    def _places(self, degrees: Floats) -> Floats:
        if self.scale_shown == "linear":
            return degrees
        return np.log10(np.maximum(np.abs(degrees), 1e-6))

    def _drag(self, line: pg.InfiniteLine, sign: float, *, moving: bool) -> None:
        at = float(line.value())
        degrees = 10.0**at if self.scale_shown == "log" else sign * at
        self.limited.emit(min(max(degrees, LEAST), MOST), moving)

    def _on_moved(self, place: QPointF) -> None:
        spread, box = self.spread, self.getPlotItem().getViewBox()
        if spread is None or not box.sceneBoundingRect().contains(place):
            self.said.emit("")
            return
        edges = self._places(spread.edges)
        at = int(np.searchsorted(edges, box.mapSceneToView(place).x(), side="right")) - 1
        self.said.emit(_words(spread, at) if 0 <= at < len(spread.counts) else "")

    def _color(self) -> None:
        colors = theme.colors
        self.bars.setBrush(QColor(colors.accent))
        self.bars.setPen(pg.mkPen(colors.accent, width=1))
        faint = QColor(colors.text)
        faint.setAlpha(110)
        self.unrelated.setPen(pg.mkPen(faint, width=1))
        self.name.setColor(colors.quiet)
        self.name.fill = pg.mkBrush(colors.window)
        for line in self.lines:
            line.setPen(pg.mkPen(colors.text, width=1.5, style=Qt.PenStyle.DashLine))
            line.setHoverPen(pg.mkPen(colors.accent, width=3))


def _words(spread: Spread, at: int) -> str:
    """A bar in words: its degrees, its particles, and how many chance would give."""
    low, high = (significant(float(edge), 2) for edge in spread.edges[at : at + 2])
    number = int(spread.counts[at])
    part = share(number, int(spread.counts.sum()))
    chance = significant(float(spread.unrelated[at]), 2)
    return f"{low}° to {high}°: {counted(number, 'particle')} ({part}); by chance {chance}"
