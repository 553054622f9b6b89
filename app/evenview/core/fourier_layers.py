"""Quantities of Fourier space over the bins: how much a direction is sampled, what a view is worth.

Both come from a `Foresight`, so that they can be shown as they are and as a thinning leaves them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evenview.core.binning import Binning
from evenview.core.density import Layer
from evenview.core.errors import UserError
from evenview.core.foresight import Foresight
from evenview.core.grid import SphereGrid, parse_grid
from evenview.core.sampling import ORDER, REFERENCE, half_bins
from evenview.core.symmetry import parse_group

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


def fourier_layer(
    quantity: str, foresight: Foresight, binning: Binning, quotas: NDArray[np.int64] | None = None
) -> Layer:
    """One of `QUANTITIES` over the bins as shown, before thinning or with `quotas` (B,) after it.

    "sampling": a bin is a direction u of Fourier space, and its value is S(u) in multiples of the
    mean; NaN where 10,000 of the particles (or all, of fewer) would more likely than not leave u
    without a view. "value": a bin is a view v, and its value what one more particle there is worth
    (`FourierShell.value`), 1 on average over the sphere; particles of little value are
    redundant. Raises `UserError` for another quantity.
    """
    if quantity == SAMPLING:
        values = _sampling(foresight, binning.grid, quotas)
        values[binning.areas == 0] = np.nan
        return Layer(values, "× mean sampling", "Fourier sampling", False, True, 1.0, _SAMPLING)
    if quantity == VALUE:
        values = view_values(foresight, binning, quotas)
        values[binning.areas == 0] = np.nan
        return Layer(values, "× mean value", "Value of a view", False, True, 1.0, _VALUE)
    raise UserError(f"There is no quantity called {quantity!r}")


@dataclass(frozen=True, eq=False)
class ValuedBins:
    """A binning that also says what a view is worth (`selection.BinsOfSphere`)."""

    binning: Binning
    foresight: Foresight | None

    @property
    def centers(self) -> Floats:
        """(B, 3) unit vectors."""
        return self.binning.centers

    @property
    def density(self) -> Floats:
        """(B,) multiples of uniform."""
        return self.binning.density

    @property
    def counts(self) -> NDArray[np.int64]:
        """(B,)"""
        return self.binning.counts

    @property
    def grid_name(self) -> str:
        """As in `Plan.grid`."""
        return self.binning.grid_name

    @property
    def neighbors(self) -> Sequence[NDArray[np.int64]]:
        """For each bin, the bins that share an edge with it."""
        return self.binning.neighbors

    @cached_property
    def value(self) -> Floats:
        """(B,) what one more view is worth. Raises `ValueError` without a foresight."""
        if self.foresight is None:
            raise ValueError("the value of a view needs a foresight")
        return view_values(self.foresight, self.binning)


def view_values(
    foresight: Foresight, binning: Binning, quotas: NDArray[np.int64] | None = None
) -> Floats:
    """(B,) what one more particle is worth in each bin as shown, 1 on average."""
    worth = foresight.shell.value(foresight.sampled(quotas), foresight.empty_sampling)
    return np.asarray(worth[half_bins(ORDER).index_of(binning.centers)])


def _sampling(foresight: Foresight, grid: SphereGrid, quotas: NDArray[np.int64] | None) -> Floats:
    views = _all_copies(foresight.views(quotas), foresight.shell.group.name)
    if not views.any():
        return np.full(grid.n, np.nan)
    half = foresight.shell.half_width
    sampled = np.asarray(_bands(_cut(grid), half) @ views, dtype=np.float64)
    # The mean over the sphere: each view samples the part 1/(2k) of the directions.
    mean = float(views.sum()) * half
    present = float((foresight.counts if quotas is None else quotas).sum())
    drawn = min(REFERENCE, float(foresight.counts.sum())) / present
    values = np.where(sampled * drawn >= math.log(2.0), sampled / mean, np.nan)
    return values if grid.n <= _MOST_BINS else values[_nearest(grid.name)]


def _cut(grid: SphereGrid) -> str:
    return grid.name if grid.n <= _MOST_BINS else _FINEST


@lru_cache(maxsize=4)
def _bands(grid: str, half_width: float) -> csr_array:
    """(B, F) sparse: how much of each of `half_bins` lies in the plane across each bin's centre."""
    from evenview.core.kernels.sampling import band

    bins = half_bins(ORDER)
    centers = np.ascontiguousarray(parse_grid(grid).centers)
    starts, columns, values = band(centers, bins.centers, math.asin(half_width), bins.radius)
    shape = (len(centers), len(bins.centers))
    return csr_array((values, columns, starts), shape=shape)


@lru_cache(maxsize=4)
def _nearest(grid: str) -> NDArray[np.int64]:
    """(B,) the bin of `_FINEST` that each bin's centre lies in."""
    return np.asarray(parse_grid(_FINEST).index_of(parse_grid(grid).centers), dtype=np.int64)


def _all_copies(views: Floats, group: str) -> Floats:
    """(F,) views of all copies, of (F,) numbers of views in `half_bins`."""
    return np.asarray(sum(np.bincount(to, views, len(views)) for to in _copies(group)), np.float64)


@cache
def _copies(group: str) -> tuple[NDArray[np.int32], ...]:
    """For each operator of a group, (F,) the half-bin that the copy of a half-bin lies in."""
    bins = half_bins(ORDER)
    return tuple(bins.index_of(copy) for copy in parse_group(group).expand(bins.centers))
