"""The FSC of a moved map against the reference, with the two thresholds that are read."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt

from evenview.gui.plots import Plot, ResolutionAxis
from evenview.gui.theme import theme
from evenview.gui.widgets import quiet, wrapped
from evenview.tasks.align import MapResult
from evenview.tasks.align_words import HALF, SEVENTH, fsc_words

THRESHOLDS = (HALF, SEVENTH)
TIP = (
    "Fourier shell correlation of the aligned map and the reference, in the largest ball of the "
    "box. A mask of the reference multiplies both, which raises the curve; it is not corrected."
)
KEY = "FSC against the reference: {0}."
LOWEST, HIGHEST = -0.08, 1.04


class FscPlot(Plot):
    """A curve, its thresholds and where it crosses them.

    Attributes
    ----------
    key
        Where it crosses them in words, to be put above the plot.
    """

    def __init__(self) -> None:
        super().__init__("spatial frequency (1/Å)", "FSC", {"top": ResolutionAxis("top")})
        self.setMinimumSize(200, 150)
        self.setToolTip(TIP)
        self.setAccessibleName("FSC of the aligned map and the reference")
        self.key = wrapped(quiet("", TIP))
        self.curve = pg.PlotCurveItem(antialias=True)
        self.crossings = pg.ScatterPlotItem(size=8)
        self.thresholds = [
            pg.InfiniteLine(
                level,
                angle=0,
                label=f"{level:g}",
                labelOpts={"position": 0.96, "anchors": [(1, 1), (1, 1)]},
            )
            for level in THRESHOLDS
        ]
        for part in (*self.thresholds, self.curve, self.crossings):
            self.addItem(part)
        self.setYRange(LOWEST, HIGHEST, padding=0)
        theme.changed.connect(self._color)
        self._color()

    def show_map(self, result: MapResult | None) -> None:
        """Draw the curve of a map; None for none."""
        if result is None:
            self.curve.setData([], [])
            self.crossings.setData([], [])
            self.key.setText("")
            return
        likeness = result.likeness
        frequency = np.arange(1, len(likeness.fsc)) / likeness.side
        self.curve.setData(frequency, likeness.fsc[1:])
        crossings = [
            (1.0 / at, level)
            for level in THRESHOLDS
            if (at := likeness.crossing(level)) is not None and not likeness.reaches_the_end(level)
        ]
        self.crossings.setData([x for x, _ in crossings], [y for _, y in crossings])
        self.setXRange(0.0, float(frequency[-1]), padding=0.02)
        words = KEY.format(fsc_words(likeness, masked=result.masked))
        self.key.setText(words.replace(" Å", "\N{NO-BREAK SPACE}Å"))

    def _color(self) -> None:
        colors = theme.colors
        self.curve.setPen(pg.mkPen(colors.accent, width=2))
        self.crossings.setBrush(colors.accent)
        self.crossings.setPen(pg.mkPen(colors.window, width=1))
        for line in self.thresholds:
            line.setPen(pg.mkPen(colors.outline, width=1, style=Qt.PenStyle.DashLine))
            line.label.setColor(colors.quiet)
