"""Plots of a few curves in the colours of the window, which nobody pans or zooms."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt6.QtGui import QColor

from evenview.gui.theme import theme

#: Pixels between two labelled resolutions, at least.
APART = 40.0
#: Å at which resolutions may be labelled.
LABELLED = (
    100, 50, 30, 20, 15, 12, 10, 9, 8, 7, 6, 5.5, 5, 4.5, 4, 3.5, 3.2, 3, 2.8, 2.6, 2.4, 2.2, 2,
    1.8, 1.6, 1.4, 1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.6, 0.5,
)  # fmt: skip


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
        sides = ("bottom", "left", "right", "top")
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


class ResolutionAxis(pg.AxisItem):
    """Labels of frequencies by their resolution."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """The largest set of round resolutions that leaves each label its room."""
        scale = size / max(high - low, 1e-9)
        found: list[float] = []
        for resolution in LABELLED:
            place = 1.0 / resolution
            fits = low <= place and (high - place) * scale >= APART / 2  # half of its label
            if fits and (not found or (place - found[-1]) * scale >= APART):
                found.append(place)
        return [(1.0, found)]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """In Å."""
        return [f"{1.0 / value:.3g} Å" for value in values]
