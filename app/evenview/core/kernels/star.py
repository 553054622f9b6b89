"""One pass over the text of a star table: where its rows lie and what their numbers are."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes, begins_with, is_word, parse_number

Floats = NDArray[np.float64]

#: How a scan ended: at the end of the bytes, before a "data_" or "loop_" line, at a line of the
#: wrong number of cells, or at a quote that is not closed.
TO_END, AT_STRUCTURE, AT_RAGGED, AT_QUOTE = 0, 1, 2, 3

_NEWLINE, _HASH, _DOUBLE, _SINGLE = 10, 35, 34, 39
_DATA = np.frombuffer(b"data_", dtype=np.uint8)
_LOOP = np.frombuffer(b"loop_", dtype=np.uint8)


@njit(cache=True, nogil=True, inline="always")
def _is_text(byte: int) -> bool:
    """Not a separator (blank, tab, return, vertical tab, form feed) and not the end of a line."""
    return byte > 32 or byte < 9 or (13 < byte < 32)


@njit(cache=True, nogil=True)
def _is_structure(data: Bytes, start: int, stop: int) -> bool:
    return begins_with(data, start, stop, _DATA) or is_word(data, start, stop, _LOOP)


@njit(cache=True, nogil=True, inline="always")
def next_cell(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """The next cell of a line: (start, stop, where to go on); start is -1 where the line ends.

    A quote that is not closed on its line gives stop -1.
    """
    while at < end and data[at] != _NEWLINE and not _is_text(data[at]):
        at += 1
    if at >= end or data[at] == _NEWLINE:
        return -1, 0, at
    mark = data[at]
    if mark == _HASH:
        while at < end and data[at] != _NEWLINE:
            at += 1
        return -1, 0, at
    start = at
    if mark != _DOUBLE and mark != _SINGLE:
        while at < end and _is_text(data[at]):
            at += 1
        return start, at, at
    at += 1
    while at < end and data[at] != _NEWLINE:
        if data[at] == mark and (at + 1 >= end or not _is_text(data[at + 1])):
            return start + 1, at, at + 1
        at += 1
    return start, -1, at


@njit(cache=True, nogil=True)
def _read_line(
    data: Bytes, at: int, end: int, slots: NDArray[np.int64], values: Floats, codes: Bytes
) -> tuple[int, bool, int]:
    """Read one line: (cells, whether it begins as a "data_" or "loop_" line, the next line).

    The number of cells is -1 where a quote is not closed.
    """
    cells, structure = 0, False
    start, stop, at = next_cell(data, at, end)
    while start >= 0 and stop >= 0:
        if cells == 0:
            structure = _is_structure(data, start, stop)
        if cells < slots.size and slots[cells] >= 0:
            slot = slots[cells]
            values[slot], codes[slot] = parse_number(data, start, stop)
        cells += 1
        start, stop, at = next_cell(data, at, end)
    if start >= 0:
        cells = -1
    return cells, structure, min(at + 1, end)


@njit(cache=True, nogil=True)
def _ending(cells: int, structure: bool, columns: int) -> int:
    if cells < 0:
        return AT_QUOTE
    if cells == 1 and structure:
        return AT_STRUCTURE
    return TO_END if cells in (0, columns) else AT_RAGGED


@njit(cache=True, nogil=True)
def scan_rows(
    data: Bytes, begin: int, end: int, slots: NDArray[np.int64], n_slots: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats, Bytes, int, int, int]:
    """Read the rows of a table of ``slots.size`` columns from the lines in data[begin:end].

    Parameters
    ----------
    data
        (bytes,) uint8, the whole file.
    begin, end
        Where the first line begins and the last one ends.
    slots
        (columns,) int64: the place in `values` of a wanted column, -1 for the others.
    n_slots
        How many columns are wanted.

    Returns
    -------
    (starts, lengths, values, codes, stop, ending, cells)
        (n,) int64 and int32: each row's line, with its line ending; (n_slots, n) float64 and uint8;
        where the scan stopped and why (`TO_END`, ...), and the number of cells of a ragged line.
    """
    lines = (end - begin) // (2 * slots.size) + 2  # a cell has a byte and a separator at least
    starts = np.empty(lines, dtype=np.int64)
    lengths = np.empty(lines, dtype=np.int32)
    values = np.empty((n_slots, lines), dtype=np.float64)
    codes = np.empty((n_slots, lines), dtype=np.uint8)
    row, at, ending, cells = 0, begin, TO_END, 0
    while at < end:
        line = at
        cells, structure, at = _read_line(data, at, end, slots, values[:, row], codes[:, row])
        ending = _ending(cells, structure, slots.size)
        if ending != TO_END:
            at = line
            break
        if cells:
            starts[row], lengths[row] = line, at - line
            row += 1
    return (
        starts[:row].copy(),
        lengths[:row].copy(),
        values[:, :row].copy(),
        codes[:, :row].copy(),
        at,
        ending,
        cells,
    )


@njit(cache=True, nogil=True)
def nth_cell(data: Bytes, at: int, end: int, column: int) -> tuple[int, int]:
    """Where the cell of a column (from 0) starts and stops in the row from `at` to `end`."""
    start, stop = 0, 0
    for _ in range(column + 1):
        start, stop, at = next_cell(data, at, end)
    return start, stop


@njit(cache=True, nogil=True)
def read_column(
    data: Bytes,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int32],
    column: int,
    values: Floats,
    codes: Bytes,
) -> None:
    """One column of the rows at `starts` (n,) into `values` (n,) and `codes` (n,)."""
    for row in range(starts.size):
        start, stop = nth_cell(data, starts[row], starts[row] + lengths[row], column)
        values[row], codes[row] = parse_number(data, start, stop)


@njit(cache=True, nogil=True)
def gather(data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64], out: Bytes) -> None:
    """Copy the spans data[starts[i]:starts[i] + lengths[i]] one behind the other into `out`."""
    to = 0
    for span in range(starts.size):
        size = lengths[span]
        out[to : to + size] = data[starts[span] : starts[span] + size]
        to += size


@njit(cache=True, nogil=True)
def read_columns(
    data: Bytes,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int32],
    slots: NDArray[np.int64],
    values: Floats,
    codes: Bytes,
) -> None:
    """Some columns of the rows at `starts` (n,) into `values` (n, k) and `codes` (n, k).

    `slots` (columns,) says the place of a column among the k, -1 for those that are not wanted.
    """
    for row in range(starts.size):
        end = starts[row] + lengths[row]
        _read_line(data, starts[row], end, slots, values[row], codes[row])
