"""Cut the crowded bins to the population of the bin at a percentile: cryoSPARC's rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.strategies import parameter
from evenview.strategies._level import Levelled, densities


@dataclass(frozen=True)
class Percentile(Levelled):
    """CryoSPARC's "Rebalance Orientations", on any grid.

    All bins with an area, empty ones among them, are ranked by density (by population, where areas
    are equal), and the bins above the K-th percentile are cut to the density of the bin there: of
    an actual bin, where the percentile falls between two the lower one
    (``numpy.percentile(..., method="lower")``). An interpolated value would be cut anew each time,
    whereas the ranks around an actual bin stay as they were, so a second pass changes nothing.

    Raises `UserError` when that bin is empty: the rule would then drop every particle it may.
    """

    name: ClassVar[str] = "percentile"
    title: ClassVar[str] = "Percentile"
    help: ClassVar[str] = (
        "Cut every bin above a percentile to the population of the bin at that percentile. "
        "CryoSPARC's rule; doing it twice changes nothing."
    )
    idempotent: ClassVar[bool] = True

    percentile: float = parameter(
        80.0,
        low=0.0,
        high=100.0,
        step=0.5,
        title="Percentile",
        help="Bins fuller than this share of all bins, empty ones counted, are cut down.",
        unit="%",
    )

    def level(self, bins: BinTable) -> float:
        """Particles per steradian that stay at most."""
        density = densities(bins)
        if density.size == 0:
            return math.inf
        rank = _rank(self.percentile, density.size)
        level = float(np.partition(density, rank)[rank])
        if level == 0:
            _refuse(self.percentile, density)
        return level


def _rank(percentile: float, n: int) -> int:
    """The lower of the ranks, from 0, that the percentile of n values falls between."""
    return math.floor(percentile / 100 * (n - 1) + 1e-9)


def _refuse(percentile: float, density: NDArray[np.float64]) -> None:
    empty = np.count_nonzero(density == 0)
    if empty == density.size:
        raise UserError("No particle lies in any bin, so there is nothing to thin")
    least = math.ceil(10 * 100 * empty / (density.size - 1)) / 10
    raise UserError(
        f"{empty / density.size:.1%} of the bins are empty, so the bin at percentile "
        f"{percentile:g} holds nothing and every particle would go",
        hint=f"Choose a percentile of at least {least:g}, a coarser grid, or, where the views fill "
        "one asymmetric unit only, their symmetry with the look “folded”.",
    )


STRATEGY = Percentile
