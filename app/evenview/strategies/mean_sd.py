"""Cut the bins that stand out from the others by so many standard deviations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from evenview.core.thinning import BinTable
from evenview.strategies import parameter
from evenview.strategies._level import Levelled


@dataclass(frozen=True)
class MeanSd(Levelled):
    """starpy's rule: at most the mean of the bins that are not empty plus k standard deviations.

    starpy counts in cells of 1° of rot by tilt and does not mind that they shrink towards the
    poles. Here mean and deviation (of the population, ``ddof=0``) are those of the density,
    weighted by area; on bins of equal area that is the same rule. Not idempotent: what is kept
    has a smaller deviation.
    """

    name: ClassVar[str] = "mean_sd"
    title: ClassVar[str] = "Mean + k·sd"
    help: ClassVar[str] = (
        "Cut every bin above the mean of the bins that are not empty plus k standard deviations. "
        "starpy's rule, with k = 3."
    )
    idempotent: ClassVar[bool] = False

    deviations: float = parameter(
        3.0,
        low=0.0,
        high=10.0,
        step=0.1,
        title="Deviations",
        help="How many standard deviations above the mean a bin may rise.",
        unit="sd",
    )

    def level(self, bins: BinTable) -> float:
        """Particles per steradian that stay at most."""
        occupied = (bins.areas > 0) & (bins.counts > 0)
        if not occupied.any():
            return math.inf
        areas = bins.areas[occupied]
        density = bins.counts[occupied] / areas
        mean = np.average(density, weights=areas)
        sd = np.sqrt(np.average((density - mean) ** 2, weights=areas))
        return float(mean + self.deviations * sd)


STRATEGY = MeanSd
