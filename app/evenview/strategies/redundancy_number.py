"""Take the least valuable particles until a given number is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable
from evenview.strategies import Checked
from evenview.strategies._ahead import best_trades
from evenview.strategies._number import check_number, half_of, particles_left


@dataclass(frozen=True)
class RedundancyNumber(Checked):
    """Exactly so many particles stay, with the highest N·SCF* that so many can have.

    As `redundancy`; at equal numbers it is never a worse trade than cutting to one density.

    Raises `UserError` when the number is more than there is, or less than what must stay.
    """

    name: ClassVar[str] = "redundancy_number"
    title: ClassVar[str] = "Least valuable, to a number"
    help: ClassVar[str] = (
        "Remove the particles that are worth least until this many are left. The number of "
        "effective particles is then the highest that so many can have."
    )
    idempotent: ClassVar[bool] = False
    looks_ahead: ClassVar[bool] = True
    family: ClassVar[str] = "redundancy"

    particles: int = particles_left()

    @classmethod
    def start(cls, bins: BinTable) -> Self:
        """Half of what is there."""
        return cls(particles=half_of(bins))

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        curve = best_trades(bins)
        free, fixed = bins.counts[curve.free], bins.counts[~curve.free]
        check_number(self.particles, int(fixed.sum()), int(free.sum()))
        return curve.of_particles(self.particles)


STRATEGY = RedundancyNumber
