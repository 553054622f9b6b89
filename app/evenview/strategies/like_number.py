"""Cut to the shape of another distribution until a given number of particles is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable, water_level, whole_numbers
from evenview.strategies import Checked
from evenview.strategies._example import followed, shape
from evenview.strategies._level import left
from evenview.strategies._number import check_number, half_of, particles_left


@dataclass(frozen=True)
class LikeNumber(Checked):
    """As `like`, with exactly so many particles left: min(count, λ · wanted), λ found for the sum.

    Fractions of a particle are carried from bin to bin.

    Raises `UserError` when the number is more than can stay, or less than what must stay because
    it lies outside the selection.
    """

    name: ClassVar[str] = "like_number"
    title: ClassVar[str] = "Like another file, to a number"
    help: ClassVar[str] = (
        "Keep exactly this many, spread over the sphere as much like the particles of another file "
        "as they can be. No particle is used twice."
    )
    idempotent: ClassVar[bool] = True
    family: ClassVar[str] = "like"

    like: str = followed()
    particles: int = particles_left()

    @classmethod
    def start(cls, bins: BinTable) -> Self:
        """Half of what is there."""
        return cls(particles=half_of(bins))

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        return whole_numbers(self.shares(bins) * bins.counts)

    def shares(self, bins: BinTable) -> NDArray[np.float64]:
        """(B,) the part of each bin that is to stay, not rounded."""
        wanted = shape(bins, self.like)
        free = bins.selected & (bins.areas > 0)
        there = free & (wanted > 0)
        counts = bins.counts[there]
        fixed = int(bins.counts[~free].sum())
        why = "have a view of the wanted distribution" if self.like else "are there"
        check_number(self.particles, fixed, int(counts.sum()), why)
        total = self.particles - fixed
        most = np.zeros(len(wanted))
        most[there] = water_level(counts, wanted[there], total) * wanted[there]
        return left(bins, most)


STRATEGY = LikeNumber
