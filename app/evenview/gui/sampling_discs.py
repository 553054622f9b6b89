"""Two small spheres of Fourier space: how much each direction is sampled, before and after."""

from __future__ import annotations

import numpy as np

from evenview.gui.discs import Discs, Floats, Pair
from evenview.tasks.forecast import LiveScores

NAMES = ("before", "after")
#: Bounds of the colours: what is sampled less or more than the mean by this has the end's colour.
WIDEST, NARROWEST = 100.0, 2.0
TIP = (
    "How much each direction of Fourier space is sampled, in multiples of the mean, seen from the "
    "side of the large sphere; opposite directions are the same, so that one half shows all. Even "
    "sampling is one colour; empty directions are grey, and no thinning fills them."
)


class SamplingDiscs(Discs):
    """Sampling before and after thinning."""

    def __init__(self) -> None:
        super().__init__(NAMES, "mean", two_sided=True)
        self._scores: LiveScores | None = None
        self.setToolTip(TIP)
        self.setAccessibleName("Sampling of Fourier space before and after")

    def show_scores(self, scores: LiveScores | None) -> None:
        """Draw the sampling before and after; None draws nothing."""
        if scores is self._scores:
            return
        self._scores = scores
        if scores is None:
            self.show_pair(None)
            return
        values = scores.relative()
        self.show_pair(Pair(scores.foresight.shell.nearest, values, _limits(values[0])))


def _limits(values: Floats) -> tuple[float, float]:
    """As far below 1 as above it, so that the mean is in the middle of the colours."""
    there = values[np.isfinite(values) & (values > 0)]
    if not there.size:
        return 1.0 / NARROWEST, NARROWEST
    farthest = float(np.exp(np.abs(np.log(np.quantile(there, (0.02, 0.98)))).max()))
    steps = (2.0, 5.0, 10.0, 20.0, 50.0, WIDEST)
    most = next((step for step in steps if step >= farthest), WIDEST)
    return 1.0 / most, most
