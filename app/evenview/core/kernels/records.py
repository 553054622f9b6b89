"""Rows of binary records, some of whose cells say their own length."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes

Places = NDArray[np.int64]

#: The width of a cell that is a little-endian int32 and as many bytes as it says.
COUNTED = -1

_LENGTH_BYTES = 4


@njit(cache=True, nogil=True)
def _behind(data: Bytes, at: int, width: int) -> int:
    """Where the cell at `at` ends; -1 if that is beyond the data."""
    if width == COUNTED:
        if at + _LENGTH_BYTES > data.size:
            return -1
        width = 0
        for k in range(_LENGTH_BYTES):
            width |= int(data[at + k]) << (8 * k)
        at += _LENGTH_BYTES
    return at + width if at + width <= data.size else -1


@njit(cache=True, nogil=True)
def find_rows(data: Bytes, widths: Places, starts: Places) -> int:
    """Follow the rows from starts[0] on; gives how many of the others in `starts` were reached.

    Parameters
    ----------
    data
        (bytes,) uint8, the whole file.
    widths
        (columns,) bytes of each cell, or `COUNTED`.
    starts
        (n + 1,) where each row begins and the last one ends: all but the first are filled, as far
        as the data go.
    """
    for row in range(starts.size - 1):
        at = starts[row]
        for width in widths:
            at = _behind(data, at, width)
            if at < 0:
                return row
        starts[row + 1] = at
    return starts.size - 1


@njit(cache=True, nogil=True)
def find_cells(data: Bytes, widths: Places, column: int, starts: Places, cells: Places) -> None:
    """Where the cell of one column begins in each of the rows at `starts` (n,): `cells` (n,)."""
    for row in range(cells.size):
        at = starts[row]
        for k in range(column):
            at = _behind(data, at, widths[k])
        cells[row] = at
