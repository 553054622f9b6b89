"""Cut the crowded bins until a given number of particles is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.core.words import counted
from evenview.strategies import Checked, parameter


@dataclass(frozen=True)
class Target(Checked):
    """Exactly so many particles stay, as evenly as the bins that may be thinned allow.

    All bins that may be thinned are cut to one density λ ("water level"), the one at which
    Σ min(count, λ·area) and what must stay add up to the target. Fractions of a particle go to
    the bins with the largest remainders (of equals, to those of lower index), so the sum is
    exact. A minimum left in each bin, if asked for, comes on top.

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
        _check(self.target, fixed, int(bins.counts.sum()))
        quotas = bins.counts.copy()
        quotas[free] = _fill(bins.counts[free], bins.areas[free], self.target - fixed)
        return quotas


def _check(target: int, fixed: int, present: int) -> None:
    if target > present:
        raise UserError(
            f"{counted(target, 'particle')} cannot be kept: only {present:,} are there",
            hint="Choose a smaller number.",
        )
    if target < fixed:
        raise UserError(
            f"{target:,} is less than the {counted(fixed, 'particle')} outside the selection, "
            "which cannot leave",
            hint="Select more of the sphere, or choose a larger number.",
        )


def _fill(counts: NDArray[np.int64], areas: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers that add up to `total`, as near to min(count, λ·area) as can be."""
    level = np.minimum(counts, _water_level(counts, areas, total) * areas)
    quotas = np.minimum(np.floor(level * (1 + 1e-12)).astype(np.int64), counts)
    missing = total - int(quotas.sum())
    remainder = np.where(quotas < counts, level - quotas, -1.0)
    quotas[np.argsort(-remainder, kind="stable")[:missing]] += 1
    return quotas


def _water_level(counts: NDArray[np.int64], areas: NDArray[np.float64], total: int) -> float:
    """The λ with Σ min(count, λ·area) = total; the sum is linear between the bins' densities."""
    if total == counts.sum():
        return float(np.inf)
    density = counts / areas
    order = np.argsort(density, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(counts[order])[:-1]])
    above = np.cumsum(areas[order][::-1])[::-1]
    reached = below + density[order] * above
    k = int(np.searchsorted(reached, total))
    return float((total - below[k]) / above[k])


STRATEGY = Target
