"""What the strategies share: densities of bins, and cutting them down to a level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable

#: Products of a density and an area this close to a whole number (relative) are that number.
_ROUNDING = 1e-9


def densities(bins: BinTable) -> NDArray[np.float64]:
    """Particles per steradian of the bins that have an area (fewer than B numbers)."""
    real = bins.areas > 0
    density: NDArray[np.float64] = bins.counts[real] / bins.areas[real]
    return density


def cut_to(bins: BinTable, density: float) -> NDArray[np.int64]:
    """(B,) quotas: selected bins above `density` (particles per steradian) are cut down to it.

    Rounded up. A bin that was cut then never lies below the level, so the order of the bins
    around the level stays what it was: this is what makes the percentile rule idempotent. It
    also leaves at least one particle in every bin that had one, for any level above 0.
    """
    level = density * bins.areas
    whole = np.rint(level)
    near = np.abs(level - whole) <= _ROUNDING * np.maximum(whole, 1)
    most = np.where(near, whole, np.ceil(level))
    cut = bins.selected & (bins.areas > 0) & (bins.counts > most)
    return np.where(cut, most, bins.counts).astype(np.int64)
