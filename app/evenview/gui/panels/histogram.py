"""Histogram: how many bins hold how many particles, before (faint) and after (solid)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from evenview.core.display import Display
from evenview.core.plan import Thinning
from evenview.core.thinning import Strategy
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.level import level_of, strategy_at, table_of
from evenview.gui.plots import Plot
from evenview.gui.text import counted, whole
from evenview.gui.theme import theme
from evenview.strategies import files, parameters

#: Bars per decade of particles.
BARS_PER_DECADE = 12
#: Where bars stand, as a logarithm: a single bin is seen.
FLOOR = float(np.log10(0.7))


class _CountAxis(pg.AxisItem):
    """A logarithmic axis that says 1, 10, 100, 1,000."""

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        """Decades, and unlabelled 2 to 9 between."""
        decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        between = [d + np.log10(m) for d in decades for m in range(2, 10)]
        return [
            (1.0, [float(d) for d in decades if low <= d <= high]),
            (0.1, [value for value in between if low <= value <= high]),
        ]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        """Whole numbers at the decades."""
        return [whole(10**value) if spacing == 1.0 else "" for value in values]


class HistogramPanel(QWidget):
    """Bars over a logarithmic axis, and the level of the strategy as a line to drag."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._display: Display | None = None
        self.setMinimumSize(240, 120)
        axes = {side: _CountAxis(side) for side in ("bottom", "left")}
        self.plot = Plot("particles a bin", "bins", axes)
        self.plot.setToolTip(
            "How many bins hold how many particles; the faint bars are before thinning, the solid "
            "ones after. An even distribution is one narrow peak; drag the line to move the level."
        )
        self._before, self._after = _bars(), _bars()
        self.line = pg.InfiniteLine(angle=90, movable=True, label="", labelOpts={"position": 0.9})
        self.line.sigDragged.connect(lambda: self._drag(moving=True))
        self.line.sigPositionChangeFinished.connect(lambda: self._drag(moving=False))
        for part in (self._before, self._after, self.line):
            self.plot.addItem(part)
        self.line.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.addWidget(self.plot)
        desk.document.display_changed.connect(self._on_display)
        theme.changed.connect(self._color)
        self._color()

    def _color(self) -> None:
        colors = theme.colors
        faint, solid = QColor(colors.before), QColor(colors.accent)
        faint.setAlpha(110)
        for bars, color in ((self._before, faint), (self._after, solid)):
            bars.setOpts(brush=color, pen=pg.mkPen(None))
        self.line.setPen(pg.mkPen(colors.text, width=2))
        self.line.setHoverPen(pg.mkPen(colors.accent, width=3))
        self.line.label.setColor(colors.text)

    def _on_display(self, before: Display | None, after: Display) -> None:
        self._display = after
        if (
            before is not None
            and before.binning is after.binning
            and before.quotas is after.quotas
            and before is not after
        ):
            return
        counts = after.binning.decision_counts[after.binning.decision_areas > 0]
        edges = _edges(int(counts.max(initial=1)))
        _fill(self._before, edges, counts)
        left = counts
        if after.quotas is not None:
            left = after.quotas[after.binning.decision_areas > 0]
        _fill(self._after, edges, left)
        empty = int((counts == 0).sum())
        item = self.plot.getPlotItem()
        hidden = f"   ({counted(empty, 'empty bin')} not drawn)" if empty else ""
        where = " of one asymmetric unit" if after.plan.look == "expanded" else ""
        item.setLabel("bottom", f"particles a bin{where}{hidden}")
        item.setXRange(edges[0], edges[-1], padding=0.02)
        most = max(np.histogram(part, 10**edges)[0].max() for part in (counts, left))
        top = float(np.log10(max(2, most))) + 0.25
        item.setYRange(FLOOR, top + 0.1 * (top % 1 < 0.1), padding=0)  # no label cut in half
        self._show_line(after)

    def _show_line(self, display: Display) -> None:
        level = None
        if display.quotas is not None:
            level = level_of(display.binning.decision_counts, display.quotas)
        thinning = display.plan.thinning
        shown = thinning is not None and _is_level(thinning.strategy) and bool(level)
        self.line.setVisible(shown)
        if not shown or level is None or thinning is None:
            return
        strategy = thinning.strategy
        self.line.setMovable(len(parameters(strategy)) == 1)
        self.line.label.setFormat(f"≤ {whole(level)}")
        if not self.line.moving:
            with QSignalBlocker(self.line):
                self.line.setValue(np.log10(level))

    def _drag(self, *, moving: bool) -> None:
        thinning = self._display.plan.thinning if self._display is not None else None
        if thinning is not None and self._display is not None:
            self._set_level(self._display, thinning, 10 ** float(self.line.value()), moving)

    def _set_level(self, display: Display, thinning: Thinning, level: float, moving: bool) -> None:
        bins = table_of(display, thinning.only_selected)
        strategy = strategy_at(thinning.strategy, max(1.0, level), bins)
        label = f"Rebalance: {strategy.title.lower()}"
        self._desk.document.edit(label, lambda plan: edits.thin(plan, strategy), transient=moving)


def _is_level(strategy: Strategy) -> bool:
    """Whether crowded bins are cut to one level, and not by what their views are worth or by what
    another file holds."""
    return not strategy.looks_ahead and not files(strategy)


def _bars() -> pg.BarGraphItem:
    bars = pg.BarGraphItem(x0=[], x1=[], y0=[], height=[])
    bars.setCursor(Qt.CursorShape.ArrowCursor)
    return bars


def _edges(most: int) -> NDArray[np.float64]:
    """Edges of the bars as decimal logarithms, from a half to above the fullest bin.

    Where bars would be narrower than one particle each whole number has a bar of its own.
    """
    singles = np.arange(1, min(most + 1, 6)) - 0.5
    first = np.log10(singles[-1] + 1)
    n = max(1, int(np.ceil((np.log10(most + 1) - first) * BARS_PER_DECADE)) + 1)
    rest = first + np.arange(n) / BARS_PER_DECADE
    return np.unique(np.concatenate([np.log10(singles), np.log10(np.ceil(10**rest) - 0.5)]))


def _fill(bars: pg.BarGraphItem, edges: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
    heights = np.histogram(counts, 10**edges)[0]
    gap = 0.004 * (edges[-1] - edges[0])
    tops = np.log10(np.maximum(heights, 10.0**FLOOR))
    bars.setOpts(
        x0=edges[:-1] + gap / 2, x1=edges[1:] - gap / 2, y0=FLOOR + 0 * tops, height=tops - FLOOR
    )
