"""Texts of cells: which are alike, and the two parts of an image's name."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.cells import hash_of
from evenview.core.kernels.decimals import Bytes

Places = NDArray[np.int64]

_AT, _ZERO, _NINE = 64, 48, 57
_MOST_DIGITS = 18


@njit(cache=True, nogil=True)
def _same(data: Bytes, start: int, other: int, length: int) -> bool:
    k = 0
    while k < length and data[start + k] == data[other + k]:
        k += 1
    return k == length


@njit(cache=True, nogil=True)
def number_words(data: Bytes, begins: Places, ends: Places, codes: Places) -> Places:
    """Number the different texts data[begins:ends] (n,) in the order in which they first come.

    Fills `codes` (n,), -1 for an empty text, and gives (words,) the row where each first comes.
    """
    size = 16
    while size < 2 * begins.size:
        size *= 2
    slots = np.full(size, -1, dtype=np.int64)
    firsts = np.empty(begins.size, dtype=np.int64)
    words, mask = 0, np.uint64(size - 1)
    for row in range(begins.size):
        begin, length = begins[row], ends[row] - begins[row]
        if length <= 0:
            codes[row] = -1
            continue
        slot = np.int64(hash_of(data, begin, ends[row]) & mask)
        while slots[slot] >= 0:
            first = firsts[slots[slot]]
            if ends[first] - begins[first] == length and _same(data, begins[first], begin, length):
                break
            slot = (slot + 1) % size
        if slots[slot] < 0:
            slots[slot] = words
            firsts[words] = row
            words += 1
        codes[row] = slots[slot]
    return firsts[:words].copy()


@njit(cache=True, nogil=True)
def split_images(data: Bytes, begins: Places, ends: Places, index: Places) -> None:
    """The places in stacks of "12@stack" (n,) into `index`, and `begins` put behind the "@".

    0, and all of the text, where there is no such number.
    """
    for row in range(begins.size):
        at, place = begins[row], 0
        while at < ends[row] and _ZERO <= data[at] <= _NINE and at - begins[row] < _MOST_DIGITS:
            place = 10 * place + (data[at] - _ZERO)
            at += 1
        found = begins[row] < at < ends[row] and data[at] == _AT
        index[row] = place if found else 0
        if found:
            begins[row] = at + 1
