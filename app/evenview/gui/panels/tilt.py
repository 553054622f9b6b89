"""Stage tilt: what the same particles would score on a tilted stage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSignalBlocker, QSizeF, Qt
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from evenview.core.sampling import Scores
from evenview.core.tilting import ANGLES, GOOD, Curve
from evenview.gui.fields import SliderField
from evenview.gui.free_corner import along, filled, freest, pixels
from evenview.gui.plots import Plot, ShareAxis
from evenview.gui.scoring import Scoring
from evenview.gui.text import NOTHING, share, whole
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, Facts, mark, quiet, row, wrapped

#: Pixels between a line and its name.
GAP = 6.0
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
        self.threshold = pg.InfiniteLine(pos=GOOD, angle=0)
        self.good = pg.TextItem(f"good from {GOOD:g}")
        self.line = pg.InfiniteLine(pos=0, angle=90, movable=True, bounds=(0, MOST))
        self.line.sigDragged.connect(lambda: dragged(float(self.line.value())))
        self._names = {name: pg.TextItem(name) for name in ("SCF*", "empty")}
        item = self.getPlotItem()
        item.setLabel("right", "empty")
        item.getAxis("bottom").setTicks([[(at, f"{at}") for at in range(0, MOST + 1, 10)]])
        words = (self.good, *self._names.values())
        for part in (self.threshold, self.star, self.empty, *words, self.line):
            item.addItem(part, ignoreBounds=part in words)
        item.getViewBox().sigResized.connect(lambda _box: self._place_words())
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
        self._place_words()

    def _place_words(self) -> None:
        """Put every name beside its line, where it covers no other and no curve."""
        box = self.getPlotItem().getViewBox()
        room = QRectF(0.0, 0.0, box.width(), box.height())
        threshold = np.array([[0.0, GOOD], [MOST, GOOD]])
        lines = {self.good: threshold}
        for name, drawn in (("SCF*", self.star), ("empty", self.empty)):
            x, y = drawn.getData()
            if x is not None and len(x):
                lines[self._names[name]] = np.column_stack([x, y])
        traces = {words: along(pixels(box, line)) for words, line in lines.items()}
        taken = np.vstack(list(traces.values()))
        for words, trace in traces.items():
            size = QSizeF(words.boundingRect().size())
            chosen = freest(size, _beside(trace, size, room), taken)
            words.setPos(box.mapToView(chosen.topLeft()))
            taken = np.vstack([taken, filled(chosen)])

    def show_tilt(self, degrees: float) -> None:
        """Put the line at a tilt; nobody is told."""
        with QSignalBlocker(self.line):
            self.line.setValue(degrees)

    def _color(self) -> None:
        colors = theme.colors
        self.star.setPen(pg.mkPen(colors.accent, width=2))
        self.empty.setPen(pg.mkPen(colors.warning, width=2))
        self.threshold.setPen(pg.mkPen(colors.quiet, width=1, style=Qt.PenStyle.DashLine))
        self.good.setColor(colors.quiet)
        self.line.setPen(pg.mkPen(colors.text, width=2))
        self.line.setHoverPen(pg.mkPen(colors.accent, width=3))
        self._names["SCF*"].setColor(colors.accent)
        self._names["empty"].setColor(colors.warning)


def _beside(trace: NDArray[np.float64], size: QSizeF, room: QRectF) -> tuple[QPointF, ...]:
    """Where words of a size may stand above and below a line (K, 2), within a plot; in pixels."""
    found = []
    for above in (True, False):
        for x in trace[:, 0]:
            span = np.abs(trace[:, 0] - x) <= size.width() / 2 + GAP
            near = trace[span, 1]
            top = near.min() - GAP - size.height() if above else near.max() + GAP
            place = QPointF(float(x) - size.width() / 2, float(top))
            if room.contains(QRectF(place, size)):
                found.append(place)
    return tuple(found) or (room.topLeft(),)


def _smallest(curve: Curve) -> str:
    if curve.smallest is None:
        return f"No tilt up to {MOST}° reaches {curve.threshold:g}."
    if not curve.smallest:
        return f"{curve.threshold:g} is reached without a tilt."
    return f"Smallest tilt that reaches {curve.threshold:g}: {curve.smallest:.1f}°"
