"""Rows copied with one more cell behind their last one."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes
from evenview.core.kernels.digits import WIDTH, copied_to, write_fixed
from evenview.core.kernels.star import next_cell

_BLANK, _TAB = 32, 9


@njit(cache=True, nogil=True)
def extend(
    data: Bytes,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int32],
    values: NDArray[np.float64],
    decimals: int,
    width: int,
    out: Bytes,
) -> int:
    """Copy data[0 : end of the last row] with a number more in each row; gives the bytes written.

    The number stands behind the last cell, to the right in so much room, or behind a tab where one
    parts the last two cells. What follows the last cell (blanks, a comment, the end of the
    line) follows the number.

    Parameters
    ----------
    starts, lengths
        (n,) rows; what lies before and between rows is copied.
    values
        (n,), below 10**15 / 10**decimals in size.
    out
        Has room for `WIDTH` + `width` + 1 bytes more than are read for each row.
    """
    text = np.empty(WIDTH, dtype=np.uint8)
    to, copied = 0, 0
    for row in range(starts.size):
        at, end, first = starts[row], starts[row] + lengths[row], starts[row]
        behind = first
        begin, stop, at = next_cell(data, at, end)
        while begin >= 0:
            first = begin - 1 if at > stop else begin  # a quote is no part of its cell
            behind = at
            begin, stop, at = next_cell(data, at, end)
        to = copied_to(data, copied, behind, out, to)
        copied = behind
        length = write_fixed(values[row], decimals, text, 0)
        if first > starts[row] and data[first - 1] == _TAB:
            out[to] = _TAB
            to += 1
        else:
            for _ in range(1 + max(width - length, 0)):
                out[to] = _BLANK
                to += 1
        to = copied_to(text, 0, length, out, to)
    if starts.size:
        to = copied_to(data, copied, starts[-1] + lengths[-1], out, to)
    return to
