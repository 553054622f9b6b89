"""Plain tables of text: where their rows lie, and the numbers of some of their columns."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import WORD, Bytes, parse_number

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

#: What parts the cells of a row: any run of blanks and tabs, or this one byte.
BLANKS = 0

_NEWLINE, _SPACE = 10, 32


@njit(cache=True, nogil=True, inline="always")
def _is_blank(byte: int) -> bool:
    return byte == _SPACE or 9 <= byte <= 13


@njit(cache=True, nogil=True)
def _line_end(data: Bytes, at: int, end: int) -> int:
    while at < end and data[at] != _NEWLINE:
        at += 1
    return at


@njit(cache=True, nogil=True)
def find_rows(
    data: Bytes, begin: int, end: int, comments: Bytes, starts: Places, lengths: Places
) -> int:
    """The lines of data[begin:end] that are rows, line ending included; gives how many.

    Blank lines, and lines whose first byte after blanks is one of `comments`, are none. `starts`
    and `lengths` have room for every line.
    """
    n, line = 0, begin
    while line < end:
        stop = _line_end(data, line, end)
        at = line
        while at < stop and _is_blank(data[at]):
            at += 1
        is_row = at < stop
        for byte in comments:
            is_row = is_row and data[at] != byte
        behind = min(stop + 1, end)
        if is_row:
            starts[n], lengths[n] = line, behind - line
            n += 1
        line = behind
    return n


@njit(cache=True, nogil=True)
def _next_cell(data: Bytes, at: int, end: int, separator: int) -> tuple[int, int, int]:
    """The next cell of a row that ends at `end`: (start, stop, where to go on); start -1: none."""
    if separator != BLANKS and at > end:
        return -1, 0, at
    while at < end and _is_blank(data[at]) and data[at] != separator:
        at += 1
    if separator == BLANKS and at >= end:
        return -1, 0, at
    start = at
    if separator == BLANKS:
        while at < end and not _is_blank(data[at]):
            at += 1
        return start, at, at
    while at < end and data[at] != separator:
        at += 1
    stop = at
    while stop > start and _is_blank(data[stop - 1]):
        stop -= 1
    return start, stop, at + 1


@njit(cache=True, nogil=True)
def _content_end(data: Bytes, start: int, length: int) -> int:
    """Where a row ends without its line ending and the blanks before it."""
    end = start + length
    while end > start and _is_blank(data[end - 1]):
        end -= 1
    return end


@njit(cache=True, nogil=True)
def read_columns(
    data: Bytes,
    starts: Places,
    lengths: Places,
    separator: int,
    columns: Places,
    values: Floats,
    codes: Bytes,
    cells: Places,
) -> None:
    """Some columns of the rows at `starts` (n,), and how many cells each row has.

    Parameters
    ----------
    columns
        (k,) which columns, ascending.
    values, codes, cells
        Filled: (k, n) numbers, (k, n) what became of them (`decimals`), (n,) numbers of cells.
    """
    for row in range(starts.size):
        at, end = starts[row], _content_end(data, starts[row], lengths[row])
        count, slot = 0, 0
        start, stop, at = _next_cell(data, at, end, separator)
        while start >= 0:
            if slot < columns.size and columns[slot] == count:
                values[slot, row], codes[slot, row] = parse_number(data, start, stop)
                slot += 1
            count += 1
            start, stop, at = _next_cell(data, at, end, separator)
        cells[row] = count
        for missing in range(slot, columns.size):
            values[missing, row], codes[missing, row] = np.nan, WORD


@njit(cache=True, nogil=True)
def read_letters(data: Bytes, starts: Places, lengths: Places, column: int, out: Bytes) -> None:
    """One blank-parted column of single letters (n,); 0 where a cell is none or longer.

    A letter may be in quotes.
    """
    for row in range(starts.size):
        at, end = starts[row], _content_end(data, starts[row], lengths[row])
        start, stop = 0, 0
        for _ in range(column + 1):
            start, stop, at = _next_cell(data, at, end, BLANKS)
        if stop - start == 3 and data[start] == data[stop - 1] and data[start] in (34, 39):
            start, stop = start + 1, stop - 1
        out[row] = data[start] if start >= 0 and stop - start == 1 else 0
