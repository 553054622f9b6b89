"""Cut the crowded bins to a multiple of the uniform density."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from evenview.core.thinning import BinTable
from evenview.strategies import parameter
from evenview.strategies._level import Levelled


@dataclass(frozen=True)
class TimesUniform(Levelled):
    """At most k × the density the particles of the file as opened would have if spread evenly.

    The level is a number of the input: 3 × uniform is the line marked 3 on the colour bar before
    thinning. The kept particles are fewer, their uniform density is lower, so thinning the kept
    file again by the same k would cut further: the rule is not idempotent.
    """

    name: ClassVar[str] = "times_uniform"
    title: ClassVar[str] = "k × uniform"
    help: ClassVar[str] = (
        "Cut every bin above k times the uniform density, as the colour bar shows it before."
    )
    idempotent: ClassVar[bool] = False

    times: float = parameter(
        3.0,
        low=0.05,
        high=100.0,
        step=0.05,
        title="At most",
        help="The highest density that stays, in multiples of a uniform spread of all particles.",
        unit="× uniform",
    )

    def level(self, bins: BinTable) -> float:
        """Particles per steradian that stay at most."""
        real = bins.areas > 0
        if not real.any():
            return math.inf
        uniform = bins.counts[real].sum() / bins.areas[real].sum()
        return self.times * float(uniform)


STRATEGY = TimesUniform
