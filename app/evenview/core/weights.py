"""A weight for each particle instead of a choice of some: the part of its bin that would be left.

Of a bin that keeps 30 of 100 particles, each counts 0.3. Weights change the balance of the views
and add no signal. A reconstruction that divides by the sum of the weighted CTF² has at each place
of Fourier space the signal-to-noise ratio of (Σw)²/Σw² particles of those that sample it, which is
never more than there are. Where all their weights are alike the division takes them out again; they
then count only against what the program adds to the sum (a Wiener filter, a prior).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from evenview.core import copies
from evenview.core.density import evenness
from evenview.core.display import Display, Summary
from evenview.core.keep import bin_table, held
from evenview.core.thinning import BinTable, Strategy

Floats = NDArray[np.float64]


@runtime_checkable
class Sharing(Strategy, Protocol):
    """A strategy whose quotas are rounded from parts of the bins that it can say.

    It does not look ahead.
    """

    def shares(self, bins: BinTable) -> Floats:
        """(B,) the part of each bin that is to stay, 0 to 1."""
        ...


def bin_weights(display: Display) -> Floats:
    """(B,) the weight of each particle of a decision bin, 0 to 1; 1 where there is none.

    It is the strategy's share, where it says one, else quota / count. The minimum and the selection
    hold as for quotas.

    Raises `UserError` where the strategy cannot be followed or the plan has none.
    """
    quotas, thinning, binning = display.checked_quotas(), display.plan.thinning, display.binning
    assert thinning is not None
    counts = binning.decision_counts
    numbers: Floats | NDArray[np.int64] = quotas
    if isinstance(thinning.strategy, Sharing):
        bins = bin_table(binning, thinning, display.decision_selected, wanted=display.wanted)
        numbers = held(bins, thinning.minimum, thinning.strategy.shares(bins) * counts)
    return np.where(counts > 0, numbers / np.maximum(counts, 1), 1.0)


def row_weights(display: Display, weights: Floats) -> Floats:
    """(N,) the weight (B,) of each row's bin; 1 for rows without a pose."""
    bins = display.binning.bin_of_row
    return np.where(bins >= 0, weights[bins], 1.0)


def worth(weights: Floats) -> float:
    """(Σw)²/Σw² of weights (N,): the evenly weighted particles that have as little noise."""
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def effective_sampling(sums: Floats, squares: Floats) -> Floats:
    """(R,) (Σw)²/Σw² of the views that sample each direction, of Σw and Σw² (R,) there.

    The effective number (Kish 1965, Survey Sampling): so many views of one weight have as good a
    signal-to-noise ratio in that direction. It is their own number where their weights are alike.
    """
    return np.divide(np.square(sums), squares, out=np.zeros(len(sums)), where=squares > 0)


def weighted_summary(display: Display, weights: Floats) -> Summary:
    """The numbers of all particles, and the same with the evenness of weights (B,) added up.

    That is how even the denominators of a reconstruction are, not what the map is worth.
    """
    binning, before = display.binning, display.summary.before
    counts = copies.after_thinning(binning, display.particles, weights * binning.decision_counts)
    after = replace(
        before,
        evenness=evenness(counts, binning.areas),
        evenness_expected=copies.differ(binning),
    )
    return Summary(before, after)
