"""The plot that the hand is read from: defocus against x·sin(tilt), and the line through it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor

from evenview.core.tilt.hand import Hand, Points
from evenview.gui.plots import Plot
from evenview.gui.text import typeset
from evenview.gui.theme import theme
from evenview.gui.widgets import quiet, wrapped

BOTTOM, SCALED = "x · sin(tilt), in proportion", "x · sin(tilt) ({})"
SIDES, PLACES = "right − left ({})", "defocus ({})"
TIP = (
    "Each point is one measured value: right less left without what all tilts share, or defocus "
    "without the level of its tilt. A line that rises is a right side that is more underfocused "
    "at positive tilt (in IMOD's sense). The hand is decided where the shaded band has no level "
    "line in it."
)
KEY = "Line: the slope. Shaded: {0:.1f} standard errors to both sides, which decide."
EXPECTED = " Dashed: slopes of 1 and −1, one of which is expected."
#: Å of the units.
_UNITS = {"Å": 1.0, "µm": 1e4}
#: Points beyond this many are drawn as a sample.
_MOST = 4_000


class SignedAxis(pg.AxisItem):
    """Numbers with true minus signs."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """As pyqtgraph writes them."""
        return [typeset(str(text)) for text in super().tickStrings(values, scale, spacing)]


class SlopePlot(Plot):
    """Points, a line, the band of its error, and the two slopes that are expected.

    Attributes
    ----------
    key
        What is drawn, to be put beside the plot.
    """

    def __init__(self) -> None:
        super().__init__(
            BOTTOM, SIDES.format("Å"), {side: SignedAxis(side) for side in ("bottom", "left")}
        )
        self.setToolTip(TIP)
        self.setAccessibleName("Defocus against x sin(tilt)")
        self.key = wrapped(quiet())
        self.key.setMinimumHeight(2 * self.key.fontMetrics().lineSpacing())
        self.points = pg.ScatterPlotItem(size=6)
        self.low, self.high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.band = pg.FillBetweenItem(self.low, self.high)
        self.fit = pg.PlotCurveItem()
        self.expected = pg.PlotCurveItem(connect="pairs")
        for part in (self.band, self.expected, self.points, self.fit):
            self.addItem(part)
        theme.changed.connect(self._color)
        self._color()

    def show_hand(self, points: Points | None, hand: Hand | None, unit: str = "Å") -> None:
        """Draw values in Å or µm, and what was found of them; None for none."""
        for part in (self.points, self.low, self.high, self.fit, self.expected):
            part.setData([], [])
        self.key.setText("")
        if points is None or hand is None or not len(points.x):
            return
        slope = hand.slope
        high = _UNITS[unit]
        wide = high if points.scaled else 1.0
        x = points.x / wide
        y = points.levelled(None if slope is None else slope.value) / high
        step = max(1, len(x) // _MOST)
        self.points.setData(x[::step], y[::step])
        item = self.getPlotItem()
        item.setLabel("bottom", SCALED.format(unit) if points.scaled else BOTTOM)
        item.setLabel("left", (PLACES if points.groups.any() else SIDES).format(unit))
        if slope is None:
            return
        reach = float(np.abs(x).max()) or 1.0
        ends = np.array([-reach, reach])
        rise = slope.value * wide / high
        sure = hand.needed * slope.error * wide / high
        # The line goes through the middle of the values, where the error turns it.
        middle = float(np.median(y - rise * x))
        self.fit.setData(ends, middle + rise * ends)
        fine = np.linspace(-reach, reach, 3)
        self.low.setData(fine, middle + rise * fine - sure * np.abs(fine))
        self.high.setData(fine, middle + rise * fine + sure * np.abs(fine))
        self.key.setText(KEY.format(hand.needed) + (EXPECTED if points.scaled else ""))
        if points.scaled:
            both = np.array([-reach, reach, -reach, reach])
            self.expected.setData(both, middle + both * np.array([1.0, 1.0, -1.0, -1.0]))

    def _color(self) -> None:
        colors = theme.colors
        shade = QColor(colors.accent)
        shade.setAlpha(60)
        self.band.setBrush(shade)
        none = pg.mkPen(None)
        self.low.setPen(none)
        self.high.setPen(none)
        self.fit.setPen(pg.mkPen(colors.accent, width=2))
        self.points.setPen(none)
        self.points.setBrush(QColor(colors.text))
        self.expected.setPen(pg.mkPen(colors.outline, width=1, style=Qt.PenStyle.DashLine))
