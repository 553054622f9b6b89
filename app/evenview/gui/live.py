"""Live: the scores before and after thinning, anew with every step of a slider."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.binning import Binning
from evenview.core.display import Display
from evenview.core.foresight import foresee
from evenview.core.progress import Cancelled, Progress
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
    stopped
        Whether there are none because working them out was stopped, or went wrong.

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
        self.stopped = False
        desk.document.display_changed.connect(self._on_display)

    def ask_again(self) -> None:
        """After it was stopped."""
        if self.stopped and self._desk.display is not None:
            self._ask(self._desk.display)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        if after.binning is not self._binning:
            self._ask(after)
        elif self._forecast is not None and not self._shows(after.quotas):
            self._set(self._forecast.of(after.quotas, after.wanted))

    def _shows(self, quotas: NDArray[np.int64] | None) -> bool:
        return self.scores is not None and self.scores.quotas is quotas

    def _ask(self, display: Display) -> None:
        self._binning, self._forecast = display.binning, None
        self._lack(stopped=False)
        if not display.binning.decision_counts.any():
            self._desk.jobs.drop(FORESIGHT)
            return
        particles, binning = display.particles, display.binning

        def work(progress: Progress) -> Forecast:
            forecast = Forecast(foresee(particles, binning, progress), search_grid_of(particles))
            forecast.of()
            forecast.foresight.shell.nearest(np.eye(3))  # looked up here rather than while drawing
            return forecast

        self._desk.jobs.run(FORESIGHT, "Scoring the views", work, self._take, self._failed)

    def _take(self, forecast: Forecast) -> None:
        self._forecast = forecast
        display = self._desk.display
        if display is not None:
            self._set(forecast.of(display.quotas, display.wanted))

    def _failed(self, error: Exception) -> None:
        """The next step asks again."""
        self._binning = None
        self._lack(stopped=True)
        if not isinstance(error, Cancelled):
            self._desk.failed.emit(cause(error))

    def _lack(self, *, stopped: bool) -> None:
        self.scores, self.stopped = None, stopped
        self.changed.emit(None)

    def _set(self, scores: LiveScores) -> None:
        self.scores = scores
        self.changed.emit(scores)
