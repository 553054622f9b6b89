"""Choosing the first few rows of every group without sorting the rest."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def keep_first(
    groups: NDArray[np.int32],
    quotas: NDArray[np.int64],
    first: NDArray[np.uint64],
    second: NDArray[np.uint64],
) -> NDArray[np.bool_]:
    """Keep the lowest rows of each group by `first`, equals by `second`, and those by row number.

    Parameters
    ----------
    groups
        (N,) the group of each row, -1 for rows that always stay.
    quotas
        (G,) how many stay; a group of no more rows stays whole.
    first, second
        (N,) what rows are ranked by.

    Returns
    -------
    (N,) bool
    """
    kept = np.ones(len(groups), dtype=np.bool_)
    rows, starts = _rows_by_group(groups, quotas)
    _thin(rows, starts, quotas, first, second, kept)
    return kept


@njit(cache=True, nogil=True)
def _rows_by_group(
    groups: NDArray[np.int32], quotas: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of groups above their quota, ascending within a group (a counting sort)."""
    counts = np.zeros(len(quotas), dtype=np.int64)
    for group in groups:
        if group >= 0:
            counts[group] += 1
    starts = np.zeros(len(quotas) + 1, dtype=np.int64)
    for g in range(len(quotas)):
        starts[g + 1] = starts[g] + (counts[g] if counts[g] > quotas[g] else 0)
    at = starts[:-1].copy()
    rows = np.empty(starts[-1], dtype=np.int64)
    for row in range(len(groups)):
        g = groups[row]
        if g >= 0 and counts[g] > quotas[g]:
            rows[at[g]] = row
            at[g] += 1
    return rows, starts


@njit(cache=True, nogil=True)
def _thin(
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    quotas: NDArray[np.int64],
    first: NDArray[np.uint64],
    second: NDArray[np.uint64],
    kept: NDArray[np.bool_],
) -> None:
    for g in range(len(quotas)):
        members = rows[starts[g] : starts[g + 1]]
        if len(members) == 0:
            continue
        kept[members] = False
        equals, missing = _keep_below(members, quotas[g], first, kept)
        equals, missing = _keep_below(equals, missing, second, kept)
        kept[equals[:missing]] = True


@njit(cache=True, nogil=True)
def _keep_below(
    rows: NDArray[np.int64],
    wanted: int,
    ranks: NDArray[np.uint64],
    kept: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], int]:
    """Keep the rows that surely belong to the `wanted` lowest; return the equals that may, too."""
    if wanted <= 0 or wanted >= len(rows):
        return rows, wanted
    own = ranks[rows]
    limit = _select(own.copy(), wanted - 1)
    equals = np.empty(len(rows), dtype=np.int64)
    n_equal = 0
    missing = wanted
    for i in range(len(rows)):
        if own[i] < limit:
            kept[rows[i]] = True
            missing -= 1
        elif own[i] == limit:
            equals[n_equal] = rows[i]
            n_equal += 1
    return equals[:n_equal], missing


@njit(cache=True, nogil=True)
def _select(values: NDArray[np.uint64], k: int) -> np.uint64:
    """The k-th lowest value, from 0 (Hoare's quickselect); `values` is shuffled."""
    low = 0
    high = len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i = low
        j = high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    chosen: np.uint64 = values[k]
    return chosen
