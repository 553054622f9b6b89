"""What half-maps come to, over the plot: the verdict, the extremes, and what must not be missed."""

from __future__ import annotations

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from evenview.core.particles import Particles
from evenview.gui.options import in_fields
from evenview.gui.text import typeset
from evenview.gui.widgets import STEP, mark, words_label
from evenview.tasks.half_map_verdict import other_side
from evenview.tasks.half_maps import HalfMapsResult


class HalfMapVerdict(QWidget):
    """A few lines that are always in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.verdict, self.extremes, self.warning = words_label(), words_label(), words_label()
        mark(self.extremes, "quiet", True)
        mark(self.warning, "warn", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP, STEP, STEP, 0)
        column.setSpacing(0)
        for part in (self.verdict, self.extremes, self.warning):
            column.addWidget(part)

    def show_result(self, result: HalfMapsResult | None, particles: Particles | None) -> None:
        """Say what a result means, and whether it can be of the particles that are open."""
        if result is None:
            return
        self.verdict.setText(typeset(result.headline))
        self.extremes.setText(typeset(result.extremes))
        warned = (result.mask_note, other_side(_side(particles), result.side))
        words = "\n".join(word for word in warned if word)
        self.warning.setText(in_fields(typeset(words)))
        self.warning.setVisible(bool(words))


def _side(particles: Particles | None) -> float | None:
    """Å, of the particle images, where both numbers are known."""
    if particles is None or particles.box is None or particles.pixel_size is None:
        return None
    return particles.box * particles.pixel_size
