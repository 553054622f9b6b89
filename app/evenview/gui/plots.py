"""Plots of a few curves in the colours of the window, which nobody pans or zooms."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt6.QtGui import QColor

from evenview.gui.theme import theme


class Plot(pg.PlotWidget):
    """Axes with names; curves are added to it as items."""

    def __init__(self, bottom: str, left: str, axes: dict[str, pg.AxisItem] | None = None) -> None:
        super().__init__(axisItems=axes)
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        for side, title in (("bottom", bottom), ("left", left)):
            item.setLabel(side, title)
        for side in self._sides:
            item.getAxis(side).enableAutoSIPrefix(False)
        theme.changed.connect(self._repaint)
        self._repaint()

    @property
    def _sides(self) -> tuple[str, ...]:
        item = self.getPlotItem()
        sides = ("bottom", "left", "right")
        return tuple(side for side in sides if item.getAxis(side).isVisible())

    def _repaint(self) -> None:
        colors = theme.colors
        self.setBackground(colors.window)
        for side in self._sides:
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(colors.line)
            axis.setTextPen(colors.quiet)
            axis.label.setDefaultTextColor(QColor(colors.quiet))


class ShareAxis(pg.AxisItem):
    """An axis of parts, 0 to 1, that says per cent."""

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        """0 %, 20 %, 40 %."""
        digits = 0 if spacing > 0.0099 else 1
        return [f"{100 * value:.{digits}f} %" for value in values]
