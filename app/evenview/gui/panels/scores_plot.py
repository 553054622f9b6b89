"""The empty part of Fourier space against the radius of the shell."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from evenview.core.empty import EmptyShell
from evenview.gui.plots import Plot, ShareAxis
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP


class EmptyPlot(Plot):
    """The empty part of every shell, with the one that is looked at marked."""

    def __init__(self) -> None:
        super().__init__("Fourier radius k (voxels)", "empty", {"left": ShareAxis("left")})
        self.setFixedHeight(18 * STEP)
        self.setToolTip(
            "The part of the directions that no view samples, against the radius of the shell. "
            "The dot is the shell that is looked at."
        )
        item = self.getPlotItem()
        item.setLogMode(x=True, y=False)
        item.getAxis("bottom").setTicks(
            [[(float(np.log10(k)), f"{k}") for k in (5, 10, 20, 50, 100, 200, 400)]]
        )
        self.curve = pg.PlotDataItem()
        self.dot = pg.PlotDataItem(symbol="o", symbolSize=8)
        for part in (self.curve, self.dot):
            item.addItem(part)
        theme.changed.connect(self._color)
        self._color()

    def show_shells(self, shells: tuple[EmptyShell, ...], radius: int, empty: float) -> None:
        """Draw them, and mark one."""
        radii = [shell.radius for shell in shells]
        parts = [shell.empty_fraction for shell in shells]
        self.curve.setData(radii, parts)
        self.dot.setData([radius], [empty])
        ends = np.log10([min(radii[0], radius), max(radii[-1], radius)])
        self.setXRange(*ends, padding=0.03)
        top = max(0.05, 1.1 * max(*parts, empty))
        self.setYRange(-0.04 * top, top, padding=0)

    def _color(self) -> None:
        colors = theme.colors
        self.curve.setPen(pg.mkPen(colors.accent, width=2))
        self.dot.setSymbolBrush(colors.text)
        self.dot.setSymbolPen(None)
