"""Cut the crowded bins until a given number of particles is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable, water_level, whole_numbers
from evenview.strategies import Checked, parameter
from evenview.strategies._number import check_number


@dataclass(frozen=True)
class Target(Checked):
    """Exactly so many particles stay, as evenly as the bins that may be thinned allow.

    All bins that may be thinned are cut to one density λ ("water level"), the one at which
    Σ min(count, λ·area) and what must stay add up to the target. Fractions of a particle are
    carried from bin to bin, so the sum is exact. A minimum left in each bin, if asked for, comes
    on top.

    Raises `UserError` when the target is more than there is, or less than what must stay because
    it lies outside the selection.
    """

    name: ClassVar[str] = "target"
    title: ClassVar[str] = "Target number"
    help: ClassVar[str] = "Keep exactly this many particles, taking from the fullest bins first."
    idempotent: ClassVar[bool] = True

    target: int = parameter(
        10_000,
        low=1,
        high=1_000_000_000,
        step=1,
        title="Keep",
        help="Particles with a pose that stay in all, selected or not.",
        unit="particles",
    )

    @classmethod
    def start(cls, bins: BinTable) -> Self:
        """Half of what is there."""
        return cls(target=max(1, int(bins.counts.sum() // 2)))

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        free = bins.selected & (bins.areas > 0)
        fixed = int(bins.counts[~free].sum())
        check_number(self.target, fixed, int(bins.counts[free].sum()))
        quotas = bins.counts.copy()
        quotas[free] = _fill(bins.counts[free], bins.areas[free], self.target - fixed)
        return quotas


def _fill(counts: NDArray[np.int64], areas: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers that add up to `total`, as near to min(count, λ·area) as can be."""
    level = np.minimum(counts, water_level(counts, areas, total) * areas)
    return whole_numbers(level)


STRATEGY = Target
