"""The conical FSCs of half-maps as a fan of curves, with their mean and what is to be compared."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QGraphicsItem, QLabel

from evenview.core.directional import DirectionalScores
from evenview.core.prediction import Prediction
from evenview.gui.plots import Plot, ResolutionAxis
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, mark, wrapped

Floats = NDArray[np.float64]

#: Of more axes than this not every curve is drawn.
MOST_DRAWN = 256
#: Pixels between the pointer and the curve that it points to, at most.
REACH = 8.0
LOWEST, HIGHEST = -0.06, 1.04


class HalfMapPlot(Plot):
    """FSC against spatial frequency.

    Signals
    -------
    hovered
        The axis (3,) of the curve under the pointer, None when there is none any more.
    clicked
        The axis of the curve that was clicked.

    Attributes
    ----------
    key
        Says which line is which, to be put beside the plot.
    chosen
        The number of the axis that is brought out.
    """

    hovered = pyqtSignal(object)
    clicked = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("spatial frequency (1/Å)", "FSC", {"top": ResolutionAxis("top")})
        self.setMinimumSize(160, 100)
        self.setAccessibleName("Conical FSC of the half-maps")
        self._scores: DirectionalScores | None = None
        self._unmasked: Floats | None = None
        self._prediction: Prediction | None = None
        self._hovering = False
        self.chosen: int | None = None
        self._make_parts()
        self._set_up()
        theme.changed.connect(self._color)
        self._color()

    def _make_parts(self) -> None:
        self.fan = pg.PlotCurveItem()
        # Thousands of translucent lines take too long to be drawn anew while something moves.
        self.fan.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        edges = (pg.PlotCurveItem(), pg.PlotCurveItem())
        self._edges = edges
        self.band = pg.FillBetweenItem(*edges)
        self.mean, self.overall, self.unmasked, self.predicted, self.curve = (
            pg.PlotCurveItem(antialias=True) for _ in range(5)
        )
        self.threshold = pg.InfiniteLine(
            angle=0, label="", labelOpts={"position": 0.01, "anchors": [(0, 1), (0, 1)]}
        )
        self.key = QLabel()
        self.key.setTextFormat(Qt.TextFormat.RichText)
        wrapped(self.key).setMinimumWidth(20 * STEP)
        mark(self.key, "quiet", True)

    def _set_up(self) -> None:
        item = self.getPlotItem()
        item.getAxis("left").setTickSpacing(0.5, 0.1)
        item.setYRange(LOWEST, HIGHEST, padding=0)
        for part in (
            self.fan, *self._edges, self.band, self.threshold, self.unmasked, self.overall,
            self.mean, self.predicted, self.curve,
        ):  # fmt: skip
            item.addItem(part)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        self.viewport().installEventFilter(self)

    def show_scores(self, scores: DirectionalScores | None, unmasked: Floats | None) -> None:
        """Draw the curves of half-maps; `unmasked` (S,) is their FSC without the mask."""
        self._scores, self._unmasked = scores, unmasked
        self.chosen = None
        if scores is not None:
            self._draw(scores)
        self._draw_chosen()
        self._fill_key()

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Draw the mean conical FSC that is expected."""
        fresh = (prediction is None) != (self._prediction is None)
        self._prediction = prediction
        if prediction is None or self._scores is None:
            self.predicted.setData([], [])
        else:
            self._set(self.predicted, prediction.mean)
        if fresh:
            self._fill_key()

    def point_to(self, direction: Floats | None) -> None:
        """Bring out the curve of the axis nearest to a direction (3,), None for none."""
        scores = self._scores
        chosen = None
        if scores is not None and direction is not None:
            chosen = int(np.abs(scores.axes @ direction).argmax())
        if chosen != self.chosen:
            self.chosen = chosen
            self._draw_chosen()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """The pointer left."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self._hover(None)
        return bool(super().eventFilter(watched, event))

    def _draw(self, scores: DirectionalScores) -> None:
        frequency = self._frequency
        curves = scores.cones[:: -(-len(scores.cones) // MOST_DRAWN), 1:]
        known = np.isfinite(curves)
        joined = known & np.roll(known, -1, axis=1)
        joined[:, -1] = False
        self.fan.setData(
            np.tile(frequency, len(curves)),
            np.where(known, curves, 0.0).ravel(),
            connect=joined.ravel().astype(np.int32),
        )
        for edge, sign in zip(self._edges, (-1.0, 1.0), strict=True):
            edge.setData(frequency, np.nan_to_num(scores.mean + sign * scores.sd)[1:])
        self._set(self.mean, scores.mean)
        self._set(self.overall, scores.fsc)
        if self._unmasked is None:
            self.unmasked.setData([], [])
        else:
            self._set(self.unmasked, self._unmasked)
        self.threshold.setValue(scores.settings.threshold)
        self.threshold.label.setFormat(f"{scores.settings.threshold:g}")
        self.getPlotItem().setXRange(0.0, frequency[-1], padding=0.01)

    def _set(self, part: pg.PlotCurveItem, curve: Floats) -> None:
        part.setData(self._frequency, curve[1:], connect="finite")

    @property
    def _frequency(self) -> Floats:
        """(S - 1,) 1/Å of the shells from the first on."""
        assert self._scores is not None
        return np.arange(1, len(self._scores.fsc)) / self._scores.side

    def _draw_chosen(self) -> None:
        scores, chosen = self._scores, self.chosen
        if scores is None or chosen is None:
            self.curve.setData([], [])
        else:
            self._set(self.curve, scores.cones[chosen])

    def _axis_at(self, place: QPointF) -> Floats | None:
        """The axis of the curve at a place of the scene."""
        scores, box = self._scores, self.getPlotItem().getViewBox()
        if scores is None or not box.sceneBoundingRect().contains(place):
            return None
        at = box.mapSceneToView(place)
        frequency, (_width, height) = self._frequency, box.viewPixelSize()
        if not frequency[0] <= at.x() <= frequency[-1]:
            return None
        shell = at.x() * scores.side
        low = min(int(shell), len(frequency) - 1)
        near = scores.cones[:, low] + (shell - low) * (
            scores.cones[:, low + 1] - scores.cones[:, low]
        )
        off = np.nan_to_num(np.abs(near - at.y()), nan=np.inf)
        nearest = int(off.argmin())
        return scores.axes[nearest] if off[nearest] <= REACH * height else None

    def _on_moved(self, place: QPointF) -> None:
        self._hover(self._axis_at(place))

    def _hover(self, axis: Floats | None) -> None:
        if axis is not None or self._hovering:
            self._hovering = axis is not None
            self.hovered.emit(axis)

    def _on_clicked(self, event: object) -> None:
        axis = self._axis_at(event.scenePos())  # type: ignore[attr-defined]
        if axis is not None:
            self.clicked.emit(axis)

    def _fill_key(self) -> None:
        scores, colors = self._scores, theme.colors
        if scores is None:
            self.key.clear()
            return
        found = [
            (colors.before, "─", f"{len(scores.axes):,} axes"),
            (colors.accent, "━", "mean ± 1 sd"),
            (colors.text, "─", "overall"),
        ]
        if self._unmasked is not None:
            found.append((colors.text, "┈", "no mask"))
        if self._prediction is not None:
            found.append((colors.accent, "╍", "predicted mean"))
        self.key.setText(
            "&ensp; ".join(
                f'<span style="color: {color}">{2 * line}</span>&nbsp;{name.replace(" ", "&nbsp;")}'
                for color, line, name in found
            )
        )

    def _color(self) -> None:
        colors = theme.colors
        self.fan.setPen(pg.mkPen(_faint(colors.before, 70)))
        for edge in self._edges:
            edge.setPen(pg.mkPen(None))
        self.band.setBrush(pg.mkBrush(_faint(colors.accent, 60)))
        self.mean.setPen(pg.mkPen(colors.accent, width=3))
        self.overall.setPen(pg.mkPen(colors.text, width=1.5))
        dots, dashes = Qt.PenStyle.DotLine, Qt.PenStyle.DashLine
        self.unmasked.setPen(pg.mkPen(colors.text, width=1.5, style=dots))
        self.predicted.setPen(pg.mkPen(colors.accent, width=2, style=dashes))
        self.curve.setPen(pg.mkPen(colors.warning, width=2.5))
        self.threshold.setPen(pg.mkPen(colors.quiet, width=1, style=dashes))
        self.threshold.label.setColor(colors.quiet)
        self._fill_key()


def _faint(color: str, alpha: int) -> QColor:
    made = QColor(color)
    made.setAlpha(alpha)
    return made
