"""An offer: views that fill one unit of the group alone can be folded or expanded by a click."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from evenview.core.particles import Particles
from evenview.core.symmetry import parse_group
from evenview.core.unit_hint import NEARLY_ALL, suggest_setting
from evenview.gui.widgets import STEP, quiet, row, wrapped

#: Views that are looked at, spread over the file: a hundredth outside is seen in these.
ENOUGH = 20_000


class UnitOffer(QWidget):
    """A quiet line and two looks to choose; nothing is done unasked.

    Signals
    -------
    look_wanted
        "folded" or "expanded".
    """

    look_wanted = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._of: tuple[Particles, str] | None = None
        self._fits = False
        self.told = wrapped(quiet())
        self.fold = self._button("Show folded", "folded")
        self.expand = self._button("Show expanded", "expanded")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.told)
        column.addLayout(row(self.fold, self.expand, 1, gap=STEP))
        self.hide()

    def show_for(self, particles: Particles, symmetry: str, look: str) -> None:
        """Offer where the views as stored fill one unit."""
        offered = look == "stored" and self._fit(particles, symmetry)
        if offered:
            self.told.setText(f"The views lie in one asymmetric unit of {symmetry}.")
        self.setVisible(offered)

    def _fit(self, particles: Particles, symmetry: str) -> bool:
        asked = (particles, symmetry)
        if self._of is None or self._of[0] is not particles or self._of[1] != symmetry:
            self._of, self._fits = asked, fill_one_unit(particles, symmetry)
        return self._fits

    def _button(self, words: str, look: str) -> QPushButton:
        button = QPushButton(words)
        button.setObjectName("link")
        button.setToolTip("Another look at the same particles: nothing is written by it.")
        button.clicked.connect(lambda _checked: self.look_wanted.emit(look))
        return button


def fill_one_unit(particles: Particles, symmetry: str) -> bool:
    """Whether nearly all views lie in RELION's asymmetric unit of a group, where that can be told.

    It can for groups with several settings alone (`core.unit_hint`).
    """
    directions = particles.directions
    sample = directions[:: max(1, len(directions) // ENOUGH)]
    group = parse_group(symmetry)
    shares = suggest_setting(sample, group).shares
    return len(shares) > 1 and shares.get(group.name, 0.0) > NEARLY_ALL
