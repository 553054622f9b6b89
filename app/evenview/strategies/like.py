"""Cut to the shape of another distribution, as far as the particles go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable, whole_numbers
from evenview.strategies import Checked, parameter
from evenview.strategies._example import followed, shape
from evenview.strategies._level import left


@dataclass(frozen=True)
class Like(Checked):
    """Bins keep particles in proportion to those of another file, the most that can stay so.

    No particle is there twice, so bins that hold too few fall short of the proportion. Those that
    hold none can never be filled and are left out of account. The others set the level, but for
    some of them: `short` is the part of what is wanted of them (particles of the other file; area,
    where it is uniform) that lies in bins that may fall short. At 0 the proportion holds in every
    bin that holds any; one that is almost empty then lets almost all go. Bins that the other file
    leaves empty keep nothing, but for the minimum asked for.

    Fractions of a particle are carried from bin to bin, so that bins with less than one each keep
    their share together. Not idempotent: of few particles a bin is then a little below its share,
    and would set the level anew.

    Raises `UserError` where the file to follow is not open or has no views, and where none of these
    particles has a view of the wanted distribution.
    """

    name: ClassVar[str] = "like"
    title: ClassVar[str] = "Like another file"
    help: ClassVar[str] = (
        "Keep as many as can be spread over the sphere as the particles of another file are. "
        "Views that it does not have go. No particle is used twice."
    )
    idempotent: ClassVar[bool] = False

    like: str = followed()
    short: float = parameter(
        10.0,
        low=0.0,
        high=100.0,
        step=0.5,
        title="May fall short",
        help="The part of the wanted distribution that too few particles are there for, not "
        "counting bins that hold none. With more of it more stay, less alike.",
        unit="%",
    )

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        return whole_numbers(self.shares(bins) * bins.counts)

    def shares(self, bins: BinTable) -> NDArray[np.float64]:
        """(B,) the part of each bin that is to stay, not rounded."""
        wanted = shape(bins, self.like)
        if not (wanted > 0).any():
            return np.ones(len(wanted))
        there = (wanted > 0) & (bins.counts > 0)
        if not there.any():
            raise UserError(
                "None of these particles has a view of the wanted distribution",
                hint="Look whether both files show the same map in the same setting.",
            )
        level = _level(bins.counts[there] / wanted[there], wanted[there], self.short / 100.0)
        return left(bins, level * wanted)


def _level(ratios: NDArray[np.float64], weights: NDArray[np.float64], short: float) -> float:
    """The highest of the ratios below which lies no more than the part `short` of the weights."""
    order = np.argsort(ratios, kind="stable")
    below = np.cumsum(weights[order]) - weights[order]
    rank = int(np.searchsorted(below, (short + 1e-9) * weights.sum(), side="right")) - 1
    return float(ratios[order[rank]])


STRATEGY = Like
