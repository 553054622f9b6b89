"""Counting of particles by bin."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def add(bins: NDArray[Any], counts: NDArray[Any]) -> None:
    """Add to ``counts`` (B,) one for each of ``bins`` (N,); -1 counts nowhere."""
    for b in bins:
        if b >= 0:
            counts[b] += 1


@njit(cache=True, nogil=True)
def add_by_half(bins: NDArray[Any], halves: NDArray[Any], counts: NDArray[Any]) -> None:
    """As `add`, to the row of ``counts`` (3, B) that ``halves`` (N,) says."""
    for i in range(len(bins)):
        if bins[i] >= 0:
            counts[halves[i], bins[i]] += 1
