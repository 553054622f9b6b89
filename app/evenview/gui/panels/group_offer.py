"""An offer: where views fill one unit of a group and no symmetry is given, that group is named."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from evenview.core.folded import FoldedHint
from evenview.core.particles import Particles
from evenview.core.progress import Cancelled
from evenview.gui.jobs import Jobs
from evenview.gui.widgets import STEP, quiet, row, wrapped
from evenview.tasks.score import suggest

#: The kind of work.
SUGGEST = "symmetry hint"


class GroupOffer(QWidget):
    """A quiet line and a group to take; nothing is done unasked.

    Signals
    -------
    group_wanted
        The name of the group.
    offered
        It shows now.
    """

    group_wanted = pyqtSignal(str)
    offered = pyqtSignal()

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._of: Particles | None = None
        self._hint: FoldedHint | None = None
        self._symmetry = "C1"
        self.told = wrapped(quiet())
        self.told.setMinimumWidth(20 * STEP)
        self.use = QPushButton()
        self.use.setObjectName("link")
        self.use.setToolTip("Give this symmetry: its copies count from then on.")
        self.use.clicked.connect(lambda _checked: self._take())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row(self.told, self.use))
        self.hide()

    def show_for(self, particles: Particles, symmetry: str) -> None:
        """Offer where no symmetry is given and one fits; the worker looks for it, once a file."""
        self._symmetry = symmetry
        if symmetry == "C1" and self._of is not particles:
            self._of, self._hint = particles, None
            self._jobs.run(
                SUGGEST,
                "Looking at the views",
                lambda _progress: suggest(particles),
                self._found,
                self._not_found,
            )
        self._show()

    def _found(self, hint: FoldedHint | None) -> None:
        self._hint = hint
        self._show()

    def _not_found(self, error: Exception) -> None:
        """Looking that was stopped begins again with the next step."""
        if isinstance(error, Cancelled):
            self._of = None

    def _show(self) -> None:
        hint = self._hint
        if hint is not None:
            self.told.setText(f"The views fill one unit of {hint.group} only.")
            self.told.setToolTip(hint.words)
            self.use.setText(f"Use {hint.group}")
        offered = hint is not None and self._symmetry == "C1"
        if offered and self.isHidden():
            self.offered.emit()
        self.setVisible(offered)

    def _take(self) -> None:
        if self._hint is not None:
            self.group_wanted.emit(self._hint.group)
