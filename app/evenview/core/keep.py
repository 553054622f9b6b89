"""From bins to rows: how many stay in each bin, how they share out over half-sets, and which."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.binning import Binning
from evenview.core.foresight import Foresight
from evenview.core.particles import Particles
from evenview.core.plan import Order, Thinning
from evenview.core.thinning import BinTable, whole_numbers

Number = TypeVar("Number", np.int64, np.float64)

_HALVES = 3
_LAST = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_SIGN = np.uint64(1 << 63)


def bin_quotas(
    binning: Binning,
    thinning: Thinning,
    selected: NDArray[np.bool_],
    foresight: Foresight | None = None,
    wanted: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """(B,) particles that stay in each decision bin.

    Whatever the strategy says, bins that may not be thinned (outside `selected`, where only the
    selection is to be thinned, and bins without area) keep all, and no bin falls below
    ``thinning.minimum`` unless it had fewer. A strategy that looks ahead needs `foresight`, one
    that follows an example `wanted` (see `BinTable`). Raises the strategy's `UserError` where its
    rule makes no sense on these bins.
    """
    bins = bin_table(binning, thinning, selected, foresight, wanted)
    return held(bins, thinning.minimum, thinning.strategy.quotas(bins))


def bin_table(
    binning: Binning,
    thinning: Thinning,
    selected: NDArray[np.bool_],
    foresight: Foresight | None = None,
    wanted: NDArray[np.float64] | None = None,
) -> BinTable:
    """What a strategy may look at; see `bin_quotas`."""
    counts, areas = binning.decision_counts, binning.decision_areas
    free = selected if thinning.only_selected else np.ones(len(counts), dtype=np.bool_)
    return BinTable(counts, areas, free, foresight, wanted)


def held(bins: BinTable, minimum: int, numbers: NDArray[Number]) -> NDArray[Number]:
    """Numbers (B,) of particles within what must stay, however a strategy wants it."""
    within = np.clip(numbers, np.minimum(bins.counts, minimum), bins.counts)
    return np.where(bins.selected & (bins.areas > 0), within, bins.counts).astype(numbers.dtype)


def half_quotas(
    half_counts: NDArray[np.int64], quotas: NDArray[np.int64], keep_halves: bool = True
) -> NDArray[np.int64]:
    """Share the quota of each bin out over the half-sets.

    Each bin's quota goes to its halves in proportion to their counts; roundings are carried from
    bin to bin, so that they do not add up. With `keep_halves` the shares are then moved, spread
    over all thinned bins, until half 1 and half 2 stand to each other as they did before thinning
    (within one particle, as far as the particles allow); in a set of random halves that is a
    fraction of a particle in a bin.

    Parameters
    ----------
    half_counts
        (3, B) particles of no half, of half 1, of half 2.
    quotas
        (B,) particles that stay, at most the sum over halves.
    keep_halves
        False: halves are not looked at when rows are chosen, and the result is only what is to be
        expected of a random choice.

    Returns
    -------
    (3, B) int64, never above `half_counts`; sums over halves are `quotas`.
    """
    total = half_counts.sum(axis=0)
    without = whole_numbers(quotas * _share(half_counts[0], total))
    rest = quotas - without
    halves = half_counts[1:]
    first = rest * _share(halves[0], halves.sum(axis=0))
    if keep_halves:
        first = _rebalanced(first, rest, halves)
    one = whole_numbers(first)
    return np.stack([without, one, rest - one])


def choose_rows(
    particles: Particles,
    binning: Binning,
    kept_counts: NDArray[np.int64],
    thinning: Thinning,
) -> NDArray[np.bool_]:
    """Which rows stay.

    In each bin (and half-set, with ``thinning.keep_halves``) as many as the quota says: the first
    by ``thinning.order``, cells that are not numbers last, equals in random order. Random is the
    raw 64-bit output of numpy's PCG64 seeded with ``thinning.seed``, one draw a row in file order;
    numpy promises that stream never to change, so the same seed keeps the same rows of the same
    file on every machine.

    Parameters
    ----------
    kept_counts
        (B,) quotas of `bin_quotas`.

    Returns
    -------
    (N,) bool in file order. Rows that cannot be placed stay.

    Raises `UserError` for a column that the file does not have.
    """
    from evenview.core.kernels.thinning import keep_first

    n_bins = len(kept_counts)
    groups, quotas = binning.bin_of_row, kept_counts
    if thinning.keep_halves and particles.halves is not None:
        quotas = half_quotas(binning.half_counts, kept_counts).ravel()
        offset = particles.halves.astype(np.int32) * np.int32(n_bins)
        groups = np.where(groups >= 0, groups + offset, np.int32(-1))
    draw = np.random.PCG64(thinning.seed).random_raw(len(groups)).astype(np.uint64, copy=False)
    first = _ranks(particles, thinning.order) if thinning.order.column else draw
    return keep_first(groups, quotas, first, draw)


def count_halves(
    particles: Particles, kept: NDArray[np.bool_] | None = None
) -> tuple[int, int] | None:
    """Rows of half 1 and half 2 (of those where `kept` (N,) is true), None without half-sets."""
    if particles.halves is None:
        return None
    halves = particles.halves if kept is None else particles.halves[kept]
    numbers = np.bincount(halves, minlength=_HALVES)
    return int(numbers[1]), int(numbers[2])


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)


def _rebalanced(
    first: NDArray[np.float64], rest: NDArray[np.int64], halves: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Move shares between the halves, bin by bin within what there is, until the totals balance."""
    before = halves.sum()
    if before == 0:
        return first
    missing = rest.sum() * (halves[0].sum() / before) - first.sum()
    second = rest - first
    if missing > 0:
        room = np.minimum(halves[0] - first, second)
    else:
        room = np.minimum(halves[1] - second, first)
    most = room.sum()
    return first + room * np.clip(missing / most, -1, 1) if most > 0 else first


def _ranks(particles: Particles, order: Order) -> NDArray[np.uint64]:
    """(N,) whole numbers that sort as the column does, what stays first lowest, NaN highest."""
    assert order.column is not None
    values = particles.table.numeric(order.column)
    bits = ((-values if order.descending else values) + 0.0).view(np.uint64)
    ranks = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    ranks[np.isnan(values)] = _LAST
    return ranks
