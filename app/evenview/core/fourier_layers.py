"""Quantities of Fourier space over the bins: how much a direction is sampled, what a view is worth.

Both come from a `Foresight`, so that they can be shown as they are and as a thinning leaves them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from evenview.core.binning import Binning
from evenview.core.density import Layer
from evenview.core.errors import UserError
from evenview.core.foresight import Foresight, Quotas, narrow
from evenview.core.grid import SphereGrid, parse_grid
from evenview.core.sampling import REFERENCE, FourierShell

Floats = NDArray[np.float64]

#: Of the directions of Fourier space, and of the views of the particles.
QUANTITIES = ("sampling", "value")
SAMPLING, VALUE = QUANTITIES

_SAMPLING = (
    "A place is a direction of Fourier space here, not a view: how many views sample it, in "
    "multiples of the mean. A view samples the great circle across it, so a crowd is seen as a "
    "ring; the neutral is a direction that none samples."
)
_VALUE = (
    "What one more particle of a view is worth: much where the directions that it samples are "
    "sampled little. Views of little value are redundant; empty ones of great value are those to "
    "collect."
)

#: Grids with more bins get the values of the nearest bins of this one.
_FINEST = "healpix:5"
_MOST_BINS = 12 * 4**5


#: A bin takes the mean of the shell's directions in it, or where they are fewer than this, of as
#: many that are nearest, weighted by a Gaussian of that standard deviation (radians).
_ENOUGH, _SMOOTH = 6, math.radians(1.2)


@dataclass(frozen=True, eq=False)
class FourierBins:
    """Fourier space over the bins as shown: each bin from the directions of the shell.

    Attributes
    ----------
    foresight
        Where S is from.
    places
        (C, R) sparse: S at the place of each bin, as a mean over directions of the shell.
    circles
        (C, R) sparse: the mean over the directions that a view in the bin samples.
    coarser
        (B,) which of C each bin lies in, where there are more bins than directions.
    """

    foresight: Foresight
    places: csr_array
    circles: csr_array
    coarser: NDArray[np.int32] | None

    @cached_property
    def worth(self) -> Floats:
        """(B,) what one more particle is worth before thinning."""
        return self.worth_after(None)

    def worth_after(self, quotas: Quotas | None) -> Floats:
        """(B,) what one more particle is worth in each bin, 1 on average (`FourierShell.value`)."""
        ahead = self.foresight
        return self._shown(
            ahead.shell.value(ahead.sampled(quotas), self.circles, ahead.empty_sampling)
        )

    def sampling(self, quotas: Quotas | None) -> Floats:
        """(B,) S in multiples of its mean, NaN where it is called empty."""
        ahead = self.foresight
        sampled, present = ahead.sampled(quotas), ahead.counts if quotas is None else quotas
        drawn = min(REFERENCE, float(ahead.counts.sum())) / max(1.0, float(present.sum()))
        own = self._shown(self.places @ sampled)
        mean = float(sampled.mean())
        return np.where(own * drawn >= math.log(2.0), own / mean if mean else 0.0, np.nan)

    def _shown(self, values: Floats) -> Floats:
        return np.asarray(values if self.coarser is None else values[self.coarser])


_known: WeakKeyDictionary[Binning, FourierBins] = WeakKeyDictionary()


def is_ready(binning: Binning) -> bool:
    """Whether `fourier_bins` answers at once."""
    return binning in _known


def fourier_bins(foresight: Foresight | None, binning: Binning) -> FourierBins:
    """Fourier space over the bins of a binning, made once: a tenth of a second.

    Raises `ValueError` without its foresight.
    """
    if foresight is None:
        raise ValueError("Fourier space over bins needs a foresight")
    known = _known.get(binning)
    if known is None:
        grid, coarser, shell = binning.grid, None, foresight.shell
        if grid.n > _MOST_BINS:
            grid = parse_grid(_FINEST)
            coarser = grid.index_of(binning.centers)
        places, circles = narrow(_places(grid, shell)), narrow(shell.circles(grid.centers))
        known = _known[binning] = FourierBins(foresight, places, circles, coarser)
    return known


def fourier_layer(
    quantity: str, foresight: Foresight | None, binning: Binning, quotas: Quotas | None = None
) -> Layer:
    """One of `QUANTITIES` over the bins as shown, before thinning or with `quotas` (B,) after it.

    "sampling": a bin is a direction u of Fourier space, and its value is S(u) in multiples of the
    mean; NaN where 10,000 of the particles (or all, of fewer) would more likely than not leave u
    without a view. "value": a bin is a view v, and its value what one more particle there is worth
    (`FourierShell.value`), 1 on average over the sphere; particles of little value are
    redundant. Raises `UserError` for another quantity, `ValueError` without a foresight.
    """
    bins = fourier_bins(foresight, binning)
    if quantity == SAMPLING:
        values = bins.sampling(quotas)
        unit, title, about = "× mean sampling", "Fourier sampling", _SAMPLING
    elif quantity == VALUE:
        values = (bins.worth if quotas is None else bins.worth_after(quotas)).copy()
        unit, title, about = "× mean value", "Value of a view", _VALUE
    else:
        raise UserError(f"There is no quantity called {quantity!r}")
    values[binning.areas == 0] = np.nan
    return Layer(values, unit, title, loggable=True, marked=1.0, about=about)


def _places(grid: SphereGrid, shell: FourierShell) -> csr_array:
    """(B, R) sparse: the mean over the directions of the shell in or near each bin.

    A sharp crowd is not missed by a coarse bin that it passes through, and a fine bin between
    directions is not empty.
    """
    every, point = shell.everywhere
    inside = grid.index_of(every)
    held = np.bincount(inside, minlength=grid.n)
    many = held[inside] >= _ENOUGH
    few = np.flatnonzero(held < _ENOUGH)
    away, near = cKDTree(every).query(grid.centers[few], k=_ENOUGH)
    weights = np.exp(-0.5 * np.square(away / _SMOOTH))
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.concatenate([inside[many], np.repeat(few, _ENOUGH)])
    columns = np.concatenate([point[many], point[near].ravel()])
    values = np.concatenate([1.0 / held[inside[many]], weights.ravel()])
    return csr_array(coo_array((values, (rows, columns)), shape=(grid.n, len(shell.points))))
