"""What is known of the map that is looked at, a page for each kind of question."""

from __future__ import annotations

from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from evenview.gui.aligning.fsc_plot import FscPlot
from evenview.gui.aligning.moved import ParticlesPart
from evenview.gui.aligning.pose import PosePart
from evenview.gui.aligning.poses import PosesPart
from evenview.gui.aligning.work import Aligning
from evenview.gui.aligning.written import FilesPart
from evenview.gui.desk import Desk
from evenview.gui.theme import icon, theme
from evenview.gui.widgets import STEP, scroller

RUNNERS_UP = "Runners-up"
#: Pages and what their tabs say where the pointer rests.
PAGES = {
    "FSC": "How alike aligned map and reference are, shell by shell.",
    "Pose": "Turn, shift and hand in every form, to be copied.",
    RUNNERS_UP: "Which other poses fit, and how well; another than the best can be taken.",
    "Particles": "The views of the particles before and after.",
    "Files": "What is written of this map.",
}


class ChosenPart(QTabWidget):
    """Pages about one map."""

    def __init__(self, desk: Desk, aligning: Aligning) -> None:
        super().__init__()
        self._aligning = aligning
        self._doubtful = False
        theme.changed.connect(self._mark)
        self.plot, self.pose, self.others = FscPlot(), PosePart(), PosesPart()
        self.others.wanted.connect(aligning.take)
        aligning.changed.connect(self._allow)
        self.particles, self.files = ParticlesPart(desk, aligning), FilesPart(desk)
        self.setDocumentMode(True)
        bar = self.tabBar()
        if bar is not None:
            bar.setDrawBase(False)
            bar.setExpanding(False)
        parts = (self._curve(), scroller(self.pose), self.others, self.particles, self.files)
        for place, (part, (name, tip)) in enumerate(zip(parts, PAGES.items(), strict=True)):
            self.addTab(part, name)
            self.setTabToolTip(place, tip)

    def show_page(self, name: str) -> None:
        """Turn to a page."""
        self.setCurrentIndex(list(PAGES).index(name))

    def show_map(self) -> None:
        """Say what is known of the map that is looked at."""
        result = self._aligning.map
        self.plot.show_map(result)
        self.pose.show_map(result)
        self.others.show_map(result, self._aligning.best)
        doubtful = result is not None and bool(result.found.ambiguous or result.found.taken)
        self._doubtful = doubtful
        self._mark()

    def _mark(self) -> None:
        """A sign at the runners-up where one of them may be the answer."""
        sign = icon("warning") if self._doubtful else QIcon()
        self.setTabIcon(list(PAGES).index(RUNNERS_UP), sign)

    def _allow(self) -> None:
        self.others.allow(not self._aligning.busy)

    def _curve(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, STEP, 0, 0)
        column.setSpacing(STEP // 2)
        column.addWidget(self.plot.key)
        column.addWidget(self.plot, 1)
        return page
