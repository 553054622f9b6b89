"""Trade-off: what a thinning gains in evenness and loses in signal, and the best there is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from evenview.core.display import Display
from evenview.core.foresight import Foresight
from evenview.core.progress import Cancelled, Progress
from evenview.core.trade import Trade, trade
from evenview.document import cause
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.live import Live
from evenview.gui.sampling_discs import SamplingDiscs
from evenview.gui.seen import is_seen
from evenview.gui.trade_plot import TradePlot
from evenview.gui.trade_words import Place
from evenview.gui.widgets import STEP, quiet
from evenview.render.sphere import SphereScene
from evenview.strategies.best_trade import BestTrade
from evenview.tasks.forecast import LiveScores

#: The kind of work: the curve takes up to a second.
TRADE = "trade"
LABEL = f"Rebalance: {BestTrade.title.lower()}"
#: Milliseconds between two looks at where the camera stands.
FOLLOW = 40

OPEN = "Open a file to see what thinning would gain and lose."
WAIT = "Working out the best trades…"
NO_POSES = "No particle has a pose, so there is nothing to thin."
NOTHING_TO_THIN = "Nothing is selected, so there is nothing to thin."
STOPPED = "Working out the best trades was stopped."
EVEN = "Thinning gains nothing here: the sampling is as even as these views allow."


class TradePanel(QWidget):
    """The curve of best trades to drag along, and the sampling of Fourier space beside it.

    The curve is worked out while the panel is seen.
    """

    def __init__(self, desk: Desk, live: Live, sphere: SphereScene) -> None:
        super().__init__()
        self._desk, self._live, self._sphere = desk, live, sphere
        self._asked: tuple[Foresight, bytes] | None = None
        self.plot = TradePlot()
        self.plot.moved.connect(self._thin)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._words())
        self.pages.addWidget(self.plot)
        self.discs = SamplingDiscs()
        self.discs.pointed.connect(desk.point)
        line = QHBoxLayout(self)
        line.setContentsMargins(STEP, STEP, STEP, STEP // 2)
        line.setSpacing(STEP)
        line.addWidget(self.pages, 3)
        line.addWidget(self.discs, 2)
        self.setMinimumSize(384, 140)
        self._camera = QTimer(self)
        self._camera.setSingleShot(True)
        self._camera.setInterval(FOLLOW)
        self._camera.timeout.connect(self._on_time)
        sphere.turned.connect(self._on_turned)
        live.changed.connect(self._on_scores)
        desk.pointed.connect(self.discs.mark)
        desk.document.display_changed.connect(self._on_display)

    def _words(self) -> QWidget:
        self.told = quiet(OPEN)
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.told.setWordWrap(True)
        self.again = QPushButton("Work them out")
        self.again.setToolTip("Work the best trades out after all.")
        self.again.clicked.connect(lambda _checked: self._begin_again())
        self.again.hide()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setSpacing(STEP)
        column.addStretch(1)
        column.addWidget(self.told)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def look_soon(self) -> None:
        """Draw what has changed while nobody looked, as soon as the panels are where they go."""
        if self.isVisible():
            self._camera.start()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Somebody may look."""
        super().showEvent(event)
        self.look_soon()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._camera.stop()

    def _on_turned(self) -> None:
        if is_seen(self) and not self._camera.isActive():
            self._camera.start()

    def _on_time(self) -> None:
        if is_seen(self):
            self._look()
            self._refresh()

    def _look(self) -> None:
        self.discs.look(self._sphere.view_rotation)

    def _on_scores(self, _scores: LiveScores | None) -> None:
        self._refresh()

    def _on_display(self, before: Display | None, after: Display) -> None:
        self.discs.take_map(after.plan.colormap)
        if before is None or _free(before).tobytes() != _free(after).tobytes():
            self._refresh()

    def _refresh(self) -> None:
        if not is_seen(self):
            return
        scores, display = self._live.scores, self._desk.display
        self.discs.show_scores(scores)
        if scores is None or display is None:
            self._asked = None
            self._say(STOPPED if self._live.stopped else _why_none(display))
            return
        self._ask(scores.foresight, _free(display))
        left = scores.outcome.after.fourier
        place = Place(left.scf_star, left.effective_particles, scores.part_kept)
        self.plot.show_place(place)

    def _ask(self, foresight: Foresight, free: NDArray[np.bool_]) -> None:
        """The curve, unless it is there or on its way."""
        wanted = (foresight, free.tobytes())
        if wanted == self._asked:
            return
        self._asked = wanted
        if not foresight.counts[free].any():
            self._desk.jobs.drop(TRADE)
            self._say(NOTHING_TO_THIN)
            return
        self._say(WAIT)

        def work(_progress: Progress) -> Trade:
            curve = trade(foresight, free)
            curve.rising, curve.effective  # noqa: B018 - worked out here rather than while drawing
            return curve

        self._desk.jobs.run(TRADE, "Finding the best trades", work, self._take, self._failed)

    def _take(self, curve: Trade) -> None:
        self.plot.show_curve(curve)
        if len(curve.rising) < 2:
            self._say(EVEN)
            return
        self.pages.setCurrentWidget(self.plot)
        self._refresh()

    def _failed(self, error: Exception) -> None:
        """It stays so for this selection and these bins, until a hand begins again."""
        self._say(STOPPED)
        if not isinstance(error, Cancelled):
            self._desk.failed.emit(cause(error))

    def _begin_again(self) -> None:
        self._asked = None
        self._live.ask_again()
        self._refresh()

    def _say(self, words: str) -> None:
        self.plot.show_curve(None)
        self.told.setText(words)
        self.again.setVisible(words == STOPPED)
        self.pages.setCurrentIndex(0)

    def _thin(self, way: float, moving: bool) -> None:
        strategy = BestTrade(way=way)
        self._desk.document.edit(LABEL, lambda plan: edits.thin(plan, strategy), transient=moving)


def _free(display: Display) -> NDArray[np.bool_]:
    """(B,) the bins that may be thinned."""
    thinning, areas = display.plan.thinning, display.binning.decision_areas
    everywhere = thinning is None or not thinning.only_selected
    return areas > 0 if everywhere else display.decision_selected & (areas > 0)


def _why_none(display: Display | None) -> str:
    if display is None:
        return OPEN
    return WAIT if display.binning.decision_counts.any() else NO_POSES
