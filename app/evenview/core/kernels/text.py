"""Plain tables of text: where their rows lie, and the numbers of some of their columns."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import WORD, Bytes, parse_number
from evenview.core.kernels.digits import MOST_DECIMALS, WIDTH, copied_to, write_fixed
from evenview.core.kernels.splice import decimals_of

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


@njit(cache=True, nogil=True)
def _left_edge(data: Bytes, first: int, start: int, separator: int) -> int:
    """How far left a number may go that stands at `start`: behind a blank, or where the row begins.

    Only blanks are given up, and none in a table that another byte parts.
    """
    if separator != BLANKS:
        return start
    edge = start
    while edge > first and data[edge - 1] == _SPACE:
        edge -= 1
    return edge if edge == first else min(edge + 1, start)


@njit(cache=True, nogil=True)
def replace_numbers(
    data: Bytes,
    begin: int,
    starts: Places,
    lengths: Places,
    separator: int,
    columns: Places,
    values: Floats,
    least: int,
    fixed: bool,
    out: Bytes,
) -> tuple[int, int]:
    """Copy data[begin : end of the last row] with other numbers in some cells.

    A number ends where the old one ended, if blanks before it leave it the room; else what follows
    moves to the right, unless `fixed`.

    Parameters
    ----------
    begin
        Not behind the first row; what lies before and between rows is copied.
    columns
        (k,) which columns, ascending.
    values
        (k, n) numbers; NaN leaves a cell.
    least
        The fewest decimals; a cell that has more keeps as many.
    fixed
        Whether a cell may not grow.
    out
        Has room for `WIDTH` bytes more than are read for each of n * k cells.

    Returns
    -------
    The bytes written; and -1, or row * k + slot of the first number that does not fit its cell.
    """
    text = np.empty(WIDTH, dtype=np.uint8)
    to, copied = 0, begin
    for row in range(starts.size):
        first = starts[row]
        at, end, cell = first, _content_end(data, first, lengths[row]), -1
        start, stop = 0, 0
        for slot in range(columns.size):
            while cell < columns[slot]:
                start, stop, at = _next_cell(data, at, end, separator)
                cell += 1
            if np.isnan(values[slot, row]):
                continue
            decimals = min(max(least, decimals_of(data, start, stop)), MOST_DECIMALS)
            length = write_fixed(values[slot, row], decimals, text, 0)
            edge = _left_edge(data, first, start, separator)
            if length < 0 or (fixed and length > stop - edge):
                return to, row * columns.size + slot
            left = start if length <= stop - start else max(edge, stop - length)
            to = copied_to(data, copied, left, out, to)
            for _ in range(stop - left - length if separator == BLANKS else 0):
                out[to] = _SPACE
                to += 1
            to = copied_to(text, 0, length, out, to)
            copied = stop
    if starts.size:
        to = copied_to(data, copied, starts[-1] + lengths[-1], out, to)
    return to, -1
