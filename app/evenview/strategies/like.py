"""Cut to the shape of another distribution, as far as the particles go."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.strategies import Checked, parameter
from evenview.strategies._example import followed, shape
from evenview.strategies._level import cut_to, may_be_cut


@dataclass(frozen=True)
class Like(Checked):
    """Bins keep particles in proportion to those of another file, the most that can stay so.

    No particle is there twice, so bins that hold too few fall short of the proportion. They set the
    level all the same, unless some of them may be left out of account: `short` is the part of the
    wanted distribution (its particles; its area, where it is uniform) in bins that may fall short.
    At 0 the proportion holds in every bin; one bin that is almost empty then lets almost all go.
    Bins that the other file leaves empty keep nothing, but for the minimum asked for.

    The level is that of an actual bin and is rounded up in the others, as in `percentile`, which
    this is for a uniform distribution, so doing it twice changes nothing.

    Raises `UserError` where the file to follow is not open or has no views, and where nothing could
    stay.
    """

    name: ClassVar[str] = "like"
    title: ClassVar[str] = "Like another file"
    help: ClassVar[str] = (
        "Keep as many as can be spread over the sphere as the particles of another file are. "
        "Views that it does not have go. No particle is used twice."
    )
    idempotent: ClassVar[bool] = True

    like: str = followed()
    short: float = parameter(
        10.0,
        low=0.0,
        high=100.0,
        step=0.5,
        title="May fall short",
        help="The part of the wanted distribution that too few particles are there for. With more "
        "of it more stay, less alike.",
        unit="%",
    )

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        wanted = shape(bins, self.like)
        there = wanted > 0
        if not there.any():
            return bins.counts.copy()
        level = _level(bins.counts[there] / wanted[there], wanted[there], self.short / 100.0)
        quotas = cut_to(replace(bins, areas=wanted), level)
        return np.where(may_be_cut(bins) & ~there, 0, quotas)


def _level(ratios: NDArray[np.float64], weights: NDArray[np.float64], short: float) -> float:
    """The highest of the ratios below which lies no more than the part `short` of the weights."""
    order = np.argsort(ratios, kind="stable")
    below = np.cumsum(weights[order]) - weights[order]
    rank = int(np.searchsorted(below, (short + 1e-9) * weights.sum(), side="right")) - 1
    level = float(ratios[order[rank]])
    if level == 0:
        _refuse(float(weights[ratios == 0].sum() / weights.sum()))
    return level


def _refuse(missing: float) -> None:
    if missing == 1:
        raise UserError(
            "None of these particles has a view of the wanted distribution",
            hint="Look whether both files show the same map in the same setting.",
        )
    least = math.ceil(1000 * missing) / 10
    raise UserError(
        f"{missing:.1%} of the wanted distribution has no particle here, and every particle would "
        "go for its sake",
        hint=f"Let at least {least:g}% fall short, or choose larger bins.",
    )


STRATEGY = Like
