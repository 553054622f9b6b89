"""Rows copied with other numbers in some cells."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes
from evenview.core.kernels.digits import MOST_DECIMALS, TOO_LARGE, WIDTH, copied_to, write_fixed
from evenview.core.kernels.star import next_cell

Floats = NDArray[np.float64]

_BLANK, _TAB, _DOT, _ZERO, _NINE, _MINUS, _PLUS = 32, 9, 46, 48, 57, 45, 43


@njit(cache=True, nogil=True)
def decimals_of(data: Bytes, start: int, stop: int) -> int:
    """The decimals of the number in data[start:stop], written out if it has an exponent."""
    at, decimals, point = start, 0, False
    while at < stop and (data[at] == _DOT or _ZERO <= data[at] <= _NINE or at == start):
        if data[at] == _DOT:
            point = True
        elif point:
            decimals += 1
        at += 1
    if at + 1 < stop and (data[at] == 69 or data[at] == 101):
        negative, exponent = data[at + 1] == _MINUS, 0
        for k in range(at + 1, stop):
            if _ZERO <= data[k] <= _NINE:
                exponent = min(10 * exponent + data[k] - _ZERO, 1000)
        decimals += exponent if negative else -exponent
    return decimals


@njit(cache=True, nogil=True)
def _number(value: float, decimals: int, text: Bytes) -> int:
    """Write a number with as many of the decimals as its size leaves room for."""
    length = TOO_LARGE
    while length == TOO_LARGE and decimals >= 0:
        length = write_fixed(value, decimals, text, 0)
        decimals -= 1
    return length


@njit(cache=True, nogil=True)
def _room(data: Bytes, first: int, start: int, stop: int, length: int) -> tuple[int, int]:
    """Where the new text of a cell begins to take room, and the blanks that are put before it.

    Blanks from `first` on may be given up, as long as one is left.
    """
    spare = stop - start - length
    if start > first and data[start - 1] == _TAB:
        return start, 0
    while spare < 0 and start - 2 >= first and data[start - 1] == _BLANK == data[start - 2]:
        start -= 1
        spare += 1
    return start, spare


@njit(cache=True, nogil=True)
def splice(
    data: Bytes,
    begin: int,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int32],
    columns: NDArray[np.int64],
    values: Floats,
    least: int,
    out: Bytes,
) -> int:
    """Copy data[begin : end of the last row] with other numbers; gives the bytes written.

    A number takes the place of the old one and of the blanks before it: it ends where the old one
    ended, if that leaves a blank before it. Between tabs and in quotes it is just put in.

    Parameters
    ----------
    begin
        Not behind the first row; what lies before and between rows is copied.
    starts, lengths
        (n,) rows.
    columns
        (k,) columns, from 0, ascending.
    values
        (k, n), smaller than 2**62 in size. NaN leaves the cell as it is.
    least
        The fewest decimals; a cell that has more keeps as many.
    out
        Has room for `WIDTH` bytes more than are read for each of n * k cells.
    """
    text = np.empty(WIDTH, dtype=np.uint8)
    to, copied = 0, begin
    for row in range(starts.size):
        at, end, cell = starts[row], starts[row] + lengths[row], -1
        start, stop = 0, 0
        for k in range(columns.size):
            while cell < columns[k]:
                start, stop, at = next_cell(data, at, end)
                cell += 1
            if np.isnan(values[k, row]):
                continue
            decimals = min(max(least, decimals_of(data, start, stop)), MOST_DECIMALS)
            length = _number(values[k, row], decimals, text)
            blanks = 0
            if at == stop:  # not in quotes
                start, blanks = _room(data, max(copied, starts[row]), start, stop, length)
            to = copied_to(data, copied, start, out, to)
            for _ in range(blanks):
                out[to] = _BLANK
                to += 1
            to = copied_to(text, 0, length, out, to)
            copied = stop
    if starts.size:
        to = copied_to(data, copied, starts[-1] + lengths[-1], out, to)
    return to
