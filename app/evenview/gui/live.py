"""Live: the scores before and after thinning, anew with every step of a slider."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.binning import Binning
from evenview.core.foresight import foresee
from evenview.core.progress import Cancelled, Progress
from evenview.core.resolve import Display
from evenview.core.search_grid import search_grid_of
from evenview.document import cause
from evenview.gui.desk import Desk
from evenview.tasks.forecast import Forecast, LiveScores

#: The kind of work: one pass over the rows, whenever they are binned anew.
FORESIGHT = "foresight"


class Live(QObject):
    """The scores of what is drawn.

    The particles are gone through once per binning, in the worker; from then on a step is a matter
    of bins and takes milliseconds, so that it is done at once.

    Attributes
    ----------
    scores
        None until they are known, and where no particle has a pose.

    Signals
    -------
    changed
        The scores are others, `LiveScores` or None.
    """

    changed = pyqtSignal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._binning: Binning | None = None
        self._forecast: Forecast | None = None
        self.scores: LiveScores | None = None
        desk.document.display_changed.connect(self._on_display)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        if after.binning is not self._binning:
            self._ask(after)
        elif self._forecast is not None and not self._shows(after.quotas):
            self._set(self._forecast.of(after.quotas))

    def _shows(self, quotas: NDArray[np.int64] | None) -> bool:
        return self.scores is not None and self.scores.quotas is quotas

    def _ask(self, display: Display) -> None:
        self._binning, self._forecast = display.binning, None
        self._set(None)
        if not display.binning.decision_counts.any():
            self._desk.jobs.drop(FORESIGHT)
            return
        particles, binning = display.particles, display.binning

        def work(progress: Progress) -> Forecast:
            forecast = Forecast(foresee(particles, binning, progress), search_grid_of(particles))
            forecast.of()
            return forecast

        self._desk.jobs.run(FORESIGHT, "Scoring the views", work, self._take, self._failed)

    def _take(self, forecast: Forecast) -> None:
        self._forecast = forecast
        if self._desk.display is not None:
            self._set(forecast.of(self._desk.display.quotas))

    def _failed(self, error: Exception) -> None:
        """The next step asks again."""
        self._binning = None
        if not isinstance(error, Cancelled):
            self._desk.failed.emit(cause(error))

    def _set(self, scores: LiveScores | None) -> None:
        if scores is not self.scores:
            self.scores = scores
            self.changed.emit(scores)
