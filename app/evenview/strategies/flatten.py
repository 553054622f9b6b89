"""Make the density of views flatter by a power of itself: made to be written as weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable, whole_numbers
from evenview.strategies import Checked, parameter
from evenview.strategies._level import densities, may_be_cut


@dataclass(frozen=True)
class Flatten(Checked):
    """Of a bin of density d the part (reference / d)^s stays, at most all of it.

    At strength s = 1 all bins above the reference end at one density; at 1/2 the contrast between
    them is the root of what it was. The reference is the density of the emptiest bin that is not
    empty, but no less than one at which the fullest bin keeps the least weight: a bin of one
    particle would otherwise set the scale of all. Fractions of a particle are carried from bin
    to bin. Not idempotent: what is left is less dense.
    """

    name: ClassVar[str] = "flatten"
    title: ClassVar[str] = "Flatten the density"
    help: ClassVar[str] = (
        "Keep of every bin a part that falls with its density, so that crowded views stand out "
        "less. Made for weights, which need not remove any particle."
    )
    idempotent: ClassVar[bool] = False

    strength: float = parameter(
        50.0,
        low=0.0,
        high=100.0,
        step=1.0,
        title="Strength",
        help="How much of the contrast goes: at 0 all stays, at 100 bins end at one density.",
        unit="%",
    )
    least: float = parameter(
        10.0,
        low=0.1,
        high=100.0,
        step=0.1,
        title="Least weight",
        help="What stays of the fullest bin at the least; bins below that density keep all.",
        unit="%",
    )

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        return whole_numbers(self.shares(bins) * bins.counts)

    def shares(self, bins: BinTable) -> NDArray[np.float64]:
        """(B,) the part of each bin that is to stay, the weight of its particles."""
        shares = np.ones(len(bins.counts))
        there = densities(bins)
        there = there[there > 0]
        if not there.size or self.strength == 0.0:
            return shares
        power = self.strength / 100.0
        cut = may_be_cut(bins)
        # As logarithms: a small strength takes the least weight to a power that is no number.
        density = np.log(bins.counts[cut] / bins.areas[cut])
        lowest, highest = math.log(there.min()), math.log(there.max())
        reference = max(lowest, highest + math.log(self.least / 100.0) / power)
        shares[cut] = np.exp(-power * np.maximum(density - reference, 0.0))
        return shares


STRATEGY = Flatten
