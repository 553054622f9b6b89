"""Rows of numbers as comma-separated text."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes
from evenview.core.kernels.digits import TOO_LARGE, WIDTH, write_fixed

_COMMA, _NEWLINE = 44, 10


@njit(cache=True, nogil=True)
def csv_rows(values: NDArray[np.float64], decimals: NDArray[np.int64], out: Bytes) -> int:
    """Write `values` (n, k), each of so many `decimals` (k,); gives the bytes written.

    `out` has room for n k (`WIDTH` + 1) bytes. Gives `TOO_LARGE` where a number is too large.
    """
    to = 0
    for row in range(values.shape[0]):
        for k in range(values.shape[1]):
            to = write_fixed(values[row, k], decimals[k], out, to)
            if to < 0:
                return TOO_LARGE
            out[to] = _COMMA
            to += 1
        out[to - 1] = _NEWLINE
    return to


def room_for(rows: int, columns: int) -> Bytes:
    """An empty buffer for so many numbers."""
    return np.empty(rows * columns * (WIDTH + 1), dtype=np.uint8)
