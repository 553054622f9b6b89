"""Take the least valuable particles until a part of the effective particles is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable
from evenview.strategies import Checked, parameter
from evenview.strategies._ahead import best_trades


@dataclass(frozen=True)
class RedundancyLoss(Checked):
    """As `redundancy`, until N·SCF* has lost a part.

    N·SCF* counts every particle, so it falls as they go. The loss is of what the file has
    as opened: not idempotent.
    """

    name: ClassVar[str] = "redundancy_loss"
    title: ClassVar[str] = "Least valuable, to a loss"
    help: ClassVar[str] = (
        "Remove the particles that are worth least until this part of the effective particles is "
        "lost."
    )
    idempotent: ClassVar[bool] = False
    looks_ahead: ClassVar[bool] = True
    family: ClassVar[str] = "redundancy"

    loss: float = parameter(
        5.0,
        low=0.0,
        high=95.0,
        step=0.5,
        title="Lose at most",
        help="The part of the effective particles, N·SCF*, that may go.",
        unit="%",
    )

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        if self.loss == 0.0:
            return bins.counts.copy()
        return best_trades(bins).of_loss(self.loss / 100.0)


STRATEGY = RedundancyLoss
