"""Half-maps: their scores by direction, linked to the views of the particles that are open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.gui.beside import beside
from evenview.gui.desk import Desk
from evenview.gui.files import ask_save
from evenview.gui.half_map_scores import HalfMapScores
from evenview.gui.live import Live
from evenview.gui.options import in_this_window
from evenview.gui.panels.half_maps_inputs import INTRO, HalfMapInputs
from evenview.gui.panels.half_maps_numbers import HalfMapNumbers
from evenview.gui.panels.half_maps_plot import HalfMapPlot
from evenview.gui.panels.half_maps_verdict import HalfMapVerdict
from evenview.gui.text import degrees, significant, typeset
from evenview.gui.widgets import (
    STEP,
    button,
    lead,
    quiet,
    row,
    scroller,
    text_button,
    to_clipboard,
    wrapped,
)
from evenview.tasks.half_maps import HalfMapsResult

TABLES = "Comma-separated text (*.csv)"
VOLUMES = "Maps (*.mrc)"
SCORE_TIP = "Compare the two maps in every direction. The maps themselves are not changed."
POINTED = (
    "The axis nearest to the direction under the pointer, on the sphere, in the chart or in the "
    "plot. The cone around it has this resolution; a view along it samples the torus across it."
)
WRITTEN = "Wrote {0}."
#: The numbers beside the plot.
SIDE = 30 * STEP
#: What the panel needs to be read.
ROOM = 320
POINT = "Point to a direction, or to a curve."
ALONG = "Along az {0}, el {1}: {2} Å.\nAs a view: relative signal {3}."
#: Below this width the panel scrolls sideways.
LEAST = 54 * STEP
#: Names of files need no more.
WIDEST = 100 * STEP


class HalfMapsPanel(QWidget):
    """First what is to be compared; then curves and numbers.

    Signals
    -------
    show_wanted
        A direction (3,) that the sphere is to turn to.
    said
        A word for the status bar.
    """

    show_wanted = pyqtSignal(object)
    said = pyqtSignal(str)

    def __init__(self, desk: Desk, live: Live) -> None:
        super().__init__()
        self._desk = desk
        self.scores = HalfMapScores(desk, live)
        self._shown: HalfMapsResult | None = None
        self.inputs = HalfMapInputs(desk)
        self.plot, self.numbers = HalfMapPlot(), HalfMapNumbers()
        self.verdict = HalfMapVerdict()
        self.setMinimumSize(240, 120)
        self.pointed = wrapped(quiet(POINT, POINTED))
        self.pointed.setMinimumWidth(20 * STEP)
        self.pointed.setMinimumHeight(2 * self.pointed.fontMetrics().lineSpacing())
        self._make_buttons()
        self.pages = QStackedWidget()
        self.pages.addWidget(self._form())
        self.pages.addWidget(self._result())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(_Sideways(self.pages))
        self._connect()
        self.scores.watch.add(self)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """Small: what has no room scrolls."""
        return QSize(240, 120)

    def begin(self) -> None:
        """The panel was asked for: where there is no result the first file is to be named."""
        if self.scores.result is None:
            self.inputs.first.setFocus()

    def take(self, first: Path, second: Path) -> None:
        """Two half-maps came from elsewhere: they are shown, and scored on a click."""
        self.inputs.take(first, second)
        self._show_page(form=True)
        self.start.setFocus()

    def _make_buttons(self) -> None:
        self.start = button("Score", SCORE_TIP, self._score)
        lead(self.start, True)
        self.stop = button("Cancel", "Stop scoring. What was there before stays.", self.scores.stop)
        self.back = button("Back to the scores", "The inputs stay as they are.", self._back)
        self.again = text_button(
            "Inputs…",
            "Choose other maps, another mask or other settings.",
            lambda: self._show_page(form=True),
        )
        self.save = text_button("Save ▾", "Write the curves or the 3DFSC to a file.")
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.save)
        menu.setToolTipsVisible(True)
        self.save_curves = menu.addAction("Save curves (CSV)…", self._ask_curves)
        self.save_volume = menu.addAction("Save 3DFSC (.mrc)…", self._ask_volume)
        for action, tip in (
            (self.save_curves, "A row for each shell, a column for each curve."),
            (self.save_volume, "Of each voxel of Fourier space the FSC of the cone around it."),
        ):
            if action is not None:
                action.setToolTip(tip)
        self.save.setMenu(menu)
        self.copy = text_button("Copy", "Copy all scores and settings as text.", self._copy)
        self.clear = text_button(
            "Clear", "Forget these half-maps, and colour nothing by them.", self._clear
        )

    def _form(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(STEP + 4, STEP, STEP + 4, STEP)
        column.setSpacing(STEP)
        column.addWidget(wrapped(quiet(INTRO)))
        self.inputs.setMaximumWidth(WIDEST)
        column.addWidget(self.inputs)
        column.addLayout(row(self.start, self.stop, self.back, self.inputs.note, 1))
        column.addStretch(1)
        return scroller(page)

    def _result(self) -> QWidget:
        side = QWidget()
        beside_plot = QVBoxLayout(side)
        beside_plot.setContentsMargins(0, STEP, STEP // 2, 0)
        beside_plot.setSpacing(STEP)
        beside_plot.addLayout(row(self.again, self.save, self.copy, self.clear, 1, gap=0))
        beside_plot.addWidget(self.pointed)
        beside_plot.addWidget(scroller(self.numbers), 1)
        side.setFixedWidth(SIDE)
        page = QWidget()
        left = QVBoxLayout()
        left.setContentsMargins(STEP, STEP, 0, STEP // 2)
        left.setSpacing(STEP // 2)
        left.addWidget(self.plot.key)
        left.addWidget(self.plot, 1)
        both = QHBoxLayout()
        both.setSpacing(STEP)
        both.addLayout(left, 1)
        both.addWidget(side)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.verdict)
        column.addLayout(both, 1)
        return page

    def _connect(self) -> None:
        for part in (self.plot, self.numbers):
            part.hovered.connect(self._desk.point)
            part.clicked.connect(self.show_wanted)
        self._desk.pointed.connect(self._point_to)
        self.scores.changed.connect(self._show)
        self.scores.predicted.connect(self._show_prediction)
        self.scores.written.connect(lambda path: self.said.emit(WRITTEN.format(path)))

    def _point_to(self, direction: NDArray[np.float64] | None) -> None:
        """Bring the axis out that is nearest to a direction (3,)."""
        self.plot.point_to(direction)
        result, chosen = self.scores.result, self.plot.chosen
        if result is None or chosen is None:
            self.pointed.setText(POINT)
            return
        scores = result.scores
        az, el = convention.azimuth_elevation(scores.axes[chosen][None])[0]
        resolution = significant(float(scores.resolutions[chosen]))
        signal = significant(float(scores.relative_signal[chosen]), 2)
        self.pointed.setText(ALONG.format(degrees(az), degrees(el), resolution, signal))

    def _score(self) -> None:
        try:
            request = self.inputs.request()
        except UserError as error:
            self._desk.failed.emit(in_this_window(error))
        else:
            self.scores.score(request)

    def _back(self) -> None:
        self._show_page(form=False)

    def _clear(self) -> None:
        self.scores.clear()
        self._show_page(form=True)

    def _show(self) -> None:
        scores = self.scores
        result, running = scores.result, scores.running
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        self.inputs.setEnabled(not running)
        self.back.setVisible(result is not None and not running)
        self.numbers.show_result(result, earlier=scores.is_earlier)
        self.verdict.show_result(result, self._desk.document.particles)
        if result is self._shown:
            return
        self._shown = result
        self.plot.show_scores(
            None if result is None else result.scores,
            None if result is None or result.maps.mask is None else result.unmasked.fsc,
        )
        self._point_to(self._desk.direction)
        self._show_page(form=result is None)

    def _show_page(self, *, form: bool) -> None:
        self.pages.setCurrentIndex(0 if form else 1)

    def _show_prediction(self) -> None:
        prediction = self.scores.prediction
        self.plot.show_prediction(prediction)
        self.numbers.show_prediction(prediction)

    def _ask_curves(self) -> None:
        self._save("Save curves", TABLES, "curves", ".csv", self.scores.write_curves)

    def _ask_volume(self) -> None:
        self._save("Save 3DFSC", VOLUMES, "3dfsc", ".mrc", self.scores.write_volume)

    def _save(
        self, title: str, kinds: str, word: str, suffix: str, write: Callable[[Path], None]
    ) -> None:
        result = self.scores.result
        if result is None:
            return
        path = ask_save(self, title, kinds, beside(result.request.first, word, suffix))
        if path is not None:
            write(path)

    def _copy(self) -> None:
        result = self.scores.result
        if result is not None:
            to_clipboard(typeset(result.summary()))
            self.said.emit("The scores of the half-maps were copied.")


class _Sideways(QScrollArea):
    """A body as high as there is room, and never narrower than it can be read."""

    def __init__(self, body: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(body)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt's own way would ask for all the height that a plot would like to have."""
        super().resizeEvent(event)
        body, port = self.widget(), self.viewport()
        if body is not None and port is not None:
            body.resize(max(LEAST, port.width()), port.height())
