"""What the strategies share: densities of bins, and cutting them down to a level."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable
from evenview.strategies import Checked

#: Products of a density and an area this close to a whole number (relative) are that number.
_ROUNDING = 1e-9


class Levelled(Checked, ABC):
    """Base of a strategy that cuts every bin down to one density."""

    @abstractmethod
    def level(self, bins: BinTable) -> float:
        """Particles per steradian that stay at most; infinite where nothing is to be cut."""

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        return cut_to(bins, self.level(bins))

    def shares(self, bins: BinTable) -> NDArray[np.float64]:
        """(B,) the part of each bin that is to stay, not rounded."""
        level = self.level(bins)
        return np.ones(len(bins.areas)) if level == np.inf else left(bins, level * bins.areas)


def densities(bins: BinTable) -> NDArray[np.float64]:
    """Particles per steradian of the bins that have an area (fewer than B numbers)."""
    real = bins.areas > 0
    density: NDArray[np.float64] = bins.counts[real] / bins.areas[real]
    return density


def may_be_cut(bins: BinTable) -> NDArray[np.bool_]:
    """(B,) the selected bins that have an area and hold something."""
    return bins.selected & (bins.areas > 0) & (bins.counts > 0)


def left(bins: BinTable, most: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) the part of each bin that is left where those that may be cut keep `most` (B,)."""
    cut = may_be_cut(bins) & (bins.counts > most)
    return np.where(cut, most / np.maximum(bins.counts, 1), 1.0)


def cut_to(bins: BinTable, density: float) -> NDArray[np.int64]:
    """(B,) quotas: selected bins above `density` (particles per steradian) are cut down to it.

    Rounded up. A bin that was cut then never lies below the level, so the order of the bins
    around the level stays what it was: this is what makes the percentile rule idempotent. It
    also leaves at least one particle in every bin that had one, for any level above 0.
    """
    if density == np.inf:
        return bins.counts.copy()
    level = density * bins.areas
    whole = np.rint(level)
    near = np.abs(level - whole) <= _ROUNDING * np.maximum(whole, 1)
    most = np.where(near, whole, np.ceil(level))
    cut = may_be_cut(bins) & (bins.counts > most)
    return np.where(cut, most, bins.counts).astype(np.int64)
