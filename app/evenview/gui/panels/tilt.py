"""Stage tilt: what the same particles would score on a tilted stage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from evenview.core.sampling import Scores
from evenview.core.tilting import ANGLES, GOOD, Curve
from evenview.gui.fields import SliderField
from evenview.gui.plots import Plot, ShareAxis
from evenview.gui.scoring import Scoring
from evenview.gui.text import NOTHING, share, whole
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, Facts, mark, quiet, row, wrapped

#: Where the words at the threshold stand, and how far from its curve a name does.
BESIDE_LINE, AWAY = 0.89, 0.1
MOST = round(ANGLES[-1])
ASSUMED = "Same particles, in-plane angles random; thicker ice and damage are not counted."
TILT = (
    "Degrees that the stage is tilted. Each view becomes a ring around itself, as particles lie on "
    "the support turned at random."
)


class TiltPanel(QWidget):
    """SCF* and the empty part against the tilt, a tilt to choose, and the numbers there."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__()
        self._scoring = scoring
        self.setMinimumSize(240, 120)
        self.plot = TiltPlot(self._drag)
        self.tilt = SliderField(0, MOST, 1, whole=True)
        self.tilt.box.setSuffix("°")
        self.tilt.box.setFixedWidth(64)
        self.tilt.explain("Tilt of the stage", TILT)
        self.tilt.changed.connect(lambda _value, _moving: self._show_tilt())
        self.smallest = wrapped(quiet())
        self.assumed = wrapped(quiet(ASSUMED))
        for label in (self.smallest, self.assumed):
            label.setMinimumWidth(20 * STEP)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(STEP, STEP, STEP + 4, STEP // 2)
        layout.setSpacing(2 * STEP)
        layout.addWidget(self.plot, 3)
        layout.addLayout(self._numbers(), 2)
        scoring.changed.connect(self._show)
        scoring.watch.add(self)
        self._show()

    def _numbers(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(STEP // 2)
        column.addLayout(row(quiet("Tilt", TILT), self.tilt))
        facts = Facts()
        facts.setVerticalSpacing(2)
        self.star = facts.add_number("SCF*", "At this tilt, for 10,000 particles.")
        self.empty = facts.add_number("Empty", "Directions of Fourier space that no view samples.")
        self.effective = facts.add_number(
            "Effective, N·SCF*",
            "Effective particles at this tilt: N · SCF* with all particles counted.",
        )
        column.addLayout(facts)
        column.addWidget(self.smallest)
        column.addStretch(1)
        column.addWidget(self.assumed)
        return column

    @property
    def _curve(self) -> Curve | None:
        result = self._scoring.result
        return result.curve if result is not None else None

    def _show(self) -> None:
        curve, fresh = self._curve, self._scoring.is_fresh
        self.setEnabled(fresh)
        mark(self.smallest, "quiet", not fresh)
        self.smallest.setText(_smallest(curve) if fresh and curve else self._scoring.why_not)
        if curve is not None:
            self.plot.show_curve(curve)
        self._show_tilt()

    def _show_tilt(self) -> None:
        degrees, curve = round(self.tilt.value), self._curve
        self.plot.show_tilt(degrees)
        scores = curve.scores[curve.degrees.index(degrees)] if curve is not None else None
        self._say(scores)

    def _say(self, scores: Scores | None) -> None:
        if scores is None:
            for label in (self.star, self.empty, self.effective):
                label.setText(NOTHING)
            return
        self.star.setText(f"{scores.scf_star:.3f}")
        self.empty.setText(share(scores.empty_fraction, 1.0))
        self.effective.setText(whole(scores.effective_particles))

    def _drag(self, degrees: float) -> None:
        self.tilt.set_value(round(degrees))
        self._show_tilt()


class TiltPlot(Plot):
    """Two curves on one scale, the threshold, and a line to drag."""

    def __init__(self, dragged: Callable[[float], None]) -> None:
        super().__init__("tilt of the stage (°)", "SCF*", {"right": ShareAxis("right")})
        self.setToolTip(
            "SCF* (left scale) and the empty part of Fourier space (right scale) against the tilt "
            "of the stage. Drag the upright line to read another tilt."
        )
        self.star, self.empty = pg.PlotDataItem(), pg.PlotDataItem()
        self.threshold = pg.InfiniteLine(
            pos=GOOD,
            angle=0,
            label=f"good from {GOOD:g}",
            labelOpts={"position": 0.01, "anchors": [(0, 1), (0, 1)]},
        )
        self.line = pg.InfiniteLine(pos=0, angle=90, movable=True, bounds=(0, MOST))
        self.line.sigDragged.connect(lambda: dragged(float(self.line.value())))
        self._names = {name: pg.TextItem(name, anchor=(0.5, 0.5)) for name in ("SCF*", "empty")}
        item = self.getPlotItem()
        item.setLabel("right", "empty")
        item.getAxis("bottom").setTicks([[(at, f"{at}") for at in range(0, MOST + 1, 10)]])
        for part in (self.threshold, self.star, self.empty, *self._names.values(), self.line):
            item.addItem(part)
        self.setXRange(0, MOST, padding=0.02)
        self.setYRange(0, 1, padding=0.04)
        theme.changed.connect(self._color)
        self._color()

    def show_curve(self, curve: Curve) -> None:
        """Draw the curves."""
        star = [scores.scf_star for scores in curve.scores]
        empty = [scores.empty_fraction for scores in curve.scores]
        self.star.setData(curve.degrees, star)
        self.empty.setData(curve.degrees, empty)
        taken = np.full((2, len(star)), GOOD)
        taken[1, : len(star) // 2] = BESIDE_LINE
        rows = np.vstack([star, empty, taken])
        for name, values in (("SCF*", star), ("empty", empty)):
            index, height = _clearest(np.array(values), rows)
            self._names[name].setPos(curve.degrees[index], height)

    def show_tilt(self, degrees: float) -> None:
        """Put the line at a tilt; nobody is told."""
        with QSignalBlocker(self.line):
            self.line.setValue(degrees)

    def _color(self) -> None:
        colors = theme.colors
        self.star.setPen(pg.mkPen(colors.accent, width=2))
        self.empty.setPen(pg.mkPen(colors.warning, width=2))
        self.threshold.setPen(pg.mkPen(colors.quiet, width=1, style=Qt.PenStyle.DashLine))
        self.threshold.label.setColor(colors.quiet)
        self.line.setPen(pg.mkPen(colors.text, width=2))
        self.line.setHoverPen(pg.mkPen(colors.accent, width=3))
        self._names["SCF*"].setColor(colors.accent)
        self._names["empty"].setColor(colors.warning)


def _clearest(
    values: NDArray[np.float64], taken: NDArray[np.float64], width: int = 8
) -> tuple[int, float]:
    """The index and the height, above or below a curve (T,), farthest from all that is drawn.

    `taken` (K, T) are the heights of that; a name covers `width` steps to both sides.
    """
    best = (-1.0, 0, 0.0)
    for index in range(width, len(values) - width):
        near = taken[:, index - width : index + width + 1]
        for height in (values[index] + AWAY, values[index] - AWAY):
            room = min(float(np.abs(near - height).min()), height, 1.0 - height)
            best = max(best, (room, index, float(height)))
    return best[1:]


def _smallest(curve: Curve) -> str:
    if curve.smallest is None:
        return f"No tilt up to {MOST}° reaches {curve.threshold:g}."
    if not curve.smallest:
        return f"{curve.threshold:g} is reached without a tilt."
    return f"Smallest tilt that reaches {curve.threshold:g}: {curve.smallest:.1f}°"
