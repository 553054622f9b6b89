"""Leave at most so many particles in a bin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from evenview.core.thinning import BinTable
from evenview.strategies import parameter
from evenview.strategies._level import Levelled

#: The percentile of the occupied bins that a cap begins at.
GENTLE = 95


@dataclass(frozen=True)
class Cap(Levelled):
    """At most n particles in a bin of mean size.

    Smaller and larger bins (of an az/el grid, or at the border of an asymmetric unit) are held to
    the same density, rounded up to a whole particle.
    """

    name: ClassVar[str] = "cap"
    title: ClassVar[str] = "Cap"
    help: ClassVar[str] = (
        "Keep at most a fixed number of particles in a bin, in proportion to its area."
    )
    idempotent: ClassVar[bool] = True

    cap: int = parameter(
        100,
        low=1,
        high=1_000_000,
        step=1,
        title="At most",
        help="Particles that stay in a bin of mean size; other sizes in proportion.",
        unit="particles",
    )

    @classmethod
    def start(cls, bins: BinTable) -> Self:
        """A cap that cuts the most crowded of the occupied bins alone, one in twenty."""
        held = bins.counts[(bins.areas > 0) & (bins.counts > 0)]
        level = math.ceil(np.percentile(held, GENTLE)) if held.size else 1
        return cls(cap=min(level, 1_000_000))

    def level(self, bins: BinTable) -> float:
        """Particles per steradian that stay at most."""
        real = bins.areas[bins.areas > 0]
        if real.size == 0:
            return math.inf
        return self.cap / float(real.mean())


STRATEGY = Cap
