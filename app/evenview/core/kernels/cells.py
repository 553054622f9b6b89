"""Where a cell of each row lies, what it hashes to, and what stands between rows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes
from evenview.core.kernels.star import nth_cell

Places = NDArray[np.int64]
Keys = NDArray[np.uint64]

#: What a line between rows is.
BLANK, COMMENT, OTHER = 0, 1, 2

_NEWLINE, _HASH, _AT, _ZERO, _NINE = 10, 35, 64, 48, 57
_SEED, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


@njit(cache=True, nogil=True)
def locate(
    data: Bytes,
    starts: Places,
    lengths: NDArray[np.int32],
    column: int,
    begins: Places,
    ends: Places,
) -> None:
    """The bytes of one column's cells, without quotes, of the rows at `starts` (n,)."""
    for row in range(starts.size):
        begins[row], ends[row] = nth_cell(data, starts[row], starts[row] + lengths[row], column)


@njit(cache=True, nogil=True)
def hash_of(data: Bytes, start: int, stop: int) -> np.uint64:
    """FNV-1a of 64 bits, mixed once more."""
    key = _SEED
    for at in range(start, stop):
        key = (key ^ np.uint64(data[at])) * _PRIME
    key = (key ^ (key >> _SHIFT)) * _MIX
    return key ^ (key >> _SHIFT)


@njit(cache=True, nogil=True)
def _name_start(data: Bytes, start: int, stop: int) -> int:
    """Past the leading zeros of the number of "000001@stack": "1@stack" is the same image."""
    at = start
    while at < stop and _ZERO <= data[at] <= _NINE:
        at += 1
    if at == stop or data[at] != _AT:
        return start
    while start < at - 1 and data[start] == _ZERO:
        start += 1
    return start


@njit(cache=True, nogil=True)
def image_keys(data: Bytes, begins: Places, ends: Places, keys: Keys) -> None:
    """A key for each image name at data[begins:ends] (n,): equal for names of one image."""
    for row in range(begins.size):
        keys[row] = hash_of(data, _name_start(data, begins[row], ends[row]), ends[row])


@njit(cache=True, nogil=True)
def text_keys(texts: NDArray[np.uint8], keys: Keys) -> None:
    """A key for each text of `texts` (n, width); zero bytes at the end do not count."""
    for row in range(texts.shape[0]):
        stop = texts.shape[1]
        while stop > 0 and texts[row, stop - 1] == 0:
            stop -= 1
        keys[row] = hash_of(texts[row], 0, stop)


@njit(cache=True, nogil=True)
def _kind(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """What the line at a byte is, and where the next one begins."""
    kind = BLANK
    while at < end and data[at] != _NEWLINE:
        if kind == BLANK and (data[at] > 32 or data[at] < 9 or 13 < data[at] < 32):
            kind = COMMENT if data[at] == _HASH else OTHER
        at += 1
    return kind, min(at + 1, end)


@njit(cache=True, nogil=True)
def _count_lines(data: Bytes, begins: Places, ends: Places) -> int:
    lines = 0
    for gap in range(begins.size):
        at = begins[gap]
        while at < ends[gap]:
            _, at = _kind(data, at, ends[gap])
            lines += 1
    return lines


@njit(cache=True, nogil=True)
def gap_lines(data: Bytes, begins: Places, ends: Places) -> tuple[Places, Places, Bytes, Places]:
    """Every line of the gaps data[begins:ends] (g,).

    Returns (starts, stops, kinds, gaps), (n,) each: the line with its ending, `BLANK`, `COMMENT` or
    `OTHER`, and the gap that it is in.
    """
    n = _count_lines(data, begins, ends)
    starts, stops = np.empty(n, np.int64), np.empty(n, np.int64)
    kinds, gaps = np.empty(n, np.uint8), np.empty(n, np.int64)
    line = 0
    for gap in range(begins.size):
        at = begins[gap]
        while at < ends[gap]:
            starts[line], gaps[line] = at, gap
            kinds[line], at = _kind(data, at, ends[gap])
            stops[line] = at
            line += 1
    return starts, stops, kinds, gaps
