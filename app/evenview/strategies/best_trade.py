"""A point of the curve of best trades between evenness and signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable
from evenview.strategies import Checked, parameter
from evenview.strategies._ahead import best_trades


@dataclass(frozen=True)
class BestTrade(Checked):
    """So far on the way from the SCF* of all particles to the highest that thinning can reach.

    Of each SCF* it is the thinning that loses the least N·SCF* (see `core.trade`). 0 % leaves
    everything. Not idempotent: the way of what is left begins anew.
    """

    name: ClassVar[str] = "best_trade"
    title: ClassVar[str] = "Best trade"
    help: ClassVar[str] = (
        "Go along the curve of best trades, from all particles to the most even sampling. Every "
        "point loses the fewest effective particles for its SCF*."
    )
    idempotent: ClassVar[bool] = False
    looks_ahead: ClassVar[bool] = True

    way: float = parameter(
        50.0,
        low=0.0,
        high=100.0,
        step=0.5,
        title="Way",
        help="How far along the curve, measured in SCF*: at 0 all stays, at 100 it is highest.",
        unit="%",
    )

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        return best_trades(bins).of_way(self.way / 100.0)


STRATEGY = BestTrade
