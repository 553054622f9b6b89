"""Numbers out of the JSON of EMAN2's files; what these loops do not follow is left to ask."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import ASK, EXACT, MISSING, Bytes, parse_number
from evenview.core.kernels.digits import copied_to, write_digits

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_COLON, _COMMA, _BACKSLASH, _QUOTE, _TAB, _MINUS = 58, 44, 92, 34, 9, 45
_BLANK, _NEWLINE, _RETURN, _ZERO = 32, 10, 13, 48
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST = 123, 125, 91, 93
_NONE, _UNCLEAR = -1, -2

_CLASS = np.frombuffer(b'"__class__"', dtype=np.uint8)
_TRANSFORM = np.frombuffer(b'"Transform"', dtype=np.uint8)
_MATRIX = np.frombuffer(b'"matrix"', dtype=np.uint8)
# How EMAN2 itself writes a Transform, before and behind its numbers.
_BEFORE = np.frombuffer(b'{"__class__":"Transform","matrix":"[', dtype=np.uint8)
_BEHIND = np.frombuffer(b']"}', dtype=np.uint8)


@njit(cache=True, nogil=True, inline="always")
def _is_blank(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13


@njit(cache=True, nogil=True)
def _skip_blanks(data: Bytes, at: int, end: int) -> int:
    while at < end and _is_blank(data[at]):
        at += 1
    return at


@njit(cache=True, nogil=True)
def _is(data: Bytes, at: int, end: int, word: Bytes) -> bool:
    same = end - at >= word.size
    for k in range(word.size if same else 0):
        same = same and data[at + k] == word[k]
    return same


@njit(cache=True, nogil=True)
def _string_end(data: Bytes, at: int, end: int) -> int:
    """Behind the closing quote of the string that opens at `at`; beyond `end` if none closes it."""
    at += 1
    while at < end and data[at] != _QUOTE:
        at += 2 if data[at] == _BACKSLASH else 1
    return at + 1


@njit(cache=True, nogil=True)
def _value_end(data: Bytes, at: int, end: int) -> int:
    """Where the value that begins at `at` ends: before a comma or bracket of its own level."""
    depth = 0
    while at < end:
        byte = data[at]
        if byte == _QUOTE:
            at = _string_end(data, at, end)
            continue
        if byte in (_OPEN, _OPEN_LIST):
            depth += 1
        elif byte in (_CLOSE, _CLOSE_LIST):
            depth -= 1
            if depth < 0:
                return at
        elif byte == _COMMA and depth == 0:
            return at
        at += 1
    return end


@njit(cache=True, nogil=True)
def _next_entry(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """The entry of an object whose key opens at `at`: (key's end, value, value's end).

    The value's end is with blanks behind it. The key's end is -2 where no entry is.
    """
    if at >= end or data[at] != _QUOTE:
        return _UNCLEAR, at, at
    key_end = _string_end(data, at, end)
    colon = _skip_blanks(data, min(key_end, end), end)
    if colon >= end or data[colon] != _COLON:
        return _UNCLEAR, at, at
    value = _skip_blanks(data, colon + 1, end)
    return key_end, value, _value_end(data, value, end)


@njit(cache=True, nogil=True)
def _find(data: Bytes, begin: int, end: int, key: Bytes) -> tuple[int, int]:
    """The value of a key (with its quotes) of the object that is data[begin:end]: begin and end.

    (-1, 0) where it has none, (-2, 0) where the text is no object or has the key twice.
    """
    if begin >= end or data[begin] != _OPEN or data[end - 1] != _CLOSE:
        return (_NONE if begin >= end else _UNCLEAR), 0
    found, found_end = _NONE, 0
    at = _skip_blanks(data, begin + 1, end - 1)
    while at < end - 1:
        key_end, value, stop = _next_entry(data, at, end - 1)
        if key_end < 0 or stop <= value:
            return _UNCLEAR, 0
        if key_end - at == key.size and _is(data, at, key_end, key):
            if found >= 0:
                return _UNCLEAR, 0
            found, found_end = value, stop
        if stop < end - 1 and data[stop] != _COMMA:
            return _UNCLEAR, 0
        at = _skip_blanks(data, stop + 1, end - 1)
    return found, found_end


@njit(cache=True, nogil=True)
def _number(data: Bytes, at: int, end: int) -> tuple[float, int]:
    at = _skip_blanks(data, at, end)
    while end > at and _is_blank(data[end - 1]):
        end -= 1
    return parse_number(data, at, end)


@njit(cache=True, nogil=True)
def read_numbers(
    data: Bytes, begins: Places, ends: Places, key: Bytes, values: Floats, codes: Bytes
) -> None:
    """The numbers that the objects at `begins`:`ends` (n,) have under a key, and codes (n,).

    The codes are those of `decimals`: `MISSING` where there is no such key, `ASK` where the text
    must be read by a reader of JSON.
    """
    for row in range(begins.size):
        at, stop = _find(data, begins[row], ends[row], key)
        values[row], codes[row] = np.nan, MISSING if at == _NONE else ASK
        if at >= 0:
            values[row], codes[row] = _number(data, at, stop)


@njit(cache=True, nogil=True)
def read_matrices(
    data: Bytes, begins: Places, ends: Places, key: Bytes, values: Floats, codes: Bytes
) -> None:
    """The twelve numbers (n, 12) of the Transforms that objects have under a key; codes (n,)."""
    for row in range(begins.size):
        at, stop = _find(data, begins[row], ends[row], key)
        values[row], codes[row] = np.nan, MISSING if at == _NONE else ASK
        if at >= 0:
            codes[row] = _read_transform(data, at, stop, values[row])


@njit(cache=True, nogil=True)
def number_places(
    data: Bytes, begins: Places, ends: Places, key: Bytes, starts: Places, stops: Places
) -> None:
    """Where the numbers (n,) stand that objects have under a key; -1 where none is found."""
    for row in range(begins.size):
        at, stop = _find(data, begins[row], ends[row], key)
        starts[row], stops[row] = _number_place(data, at, stop) if at >= 0 else (-1, -1)


@njit(cache=True, nogil=True)
def matrix_places(
    data: Bytes, begins: Places, ends: Places, key: Bytes, starts: Places, stops: Places
) -> None:
    """Where the twelve numbers (n, 12) of the Transforms under a key stand; -1 where none do."""
    for row in range(begins.size):
        starts[row], stops[row] = -1, -1
        at, end = _find(data, begins[row], ends[row], key)
        at, end = _matrix_list(data, at, end) if at >= 0 else (_NONE, 0)
        if at >= 0 and not _list_places(data, at, end, starts[row], stops[row]):
            starts[row], stops[row] = -1, -1


@njit(cache=True, nogil=True)
def _list_places(data: Bytes, at: int, end: int, starts: Places, stops: Places) -> bool:
    for k in range(starts.size):
        stop = at
        while stop < end and data[stop] != _COMMA:
            stop += 1
        starts[k], stops[k] = _number_place(data, at, stop)
        if starts[k] < 0 or (stop < end) != (k < starts.size - 1):
            return False
        at = stop + 1
    return True


@njit(cache=True, nogil=True)
def _number_place(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The text between blanks if it looks like a number, else (-1, -1)."""
    at = _skip_blanks(data, at, end)
    while end > at and _is_blank(data[end - 1]):
        end -= 1
    if at >= end or not (48 <= data[at] <= 57 or data[at] == _MINUS):
        return -1, -1
    return at, end


@njit(cache=True, nogil=True)
def _read_transform(data: Bytes, begin: int, end: int, numbers: Floats) -> int:
    at, stop = _matrix_list(data, begin, end)
    return ASK if at < 0 else _read_list(data, at, stop, numbers)


@njit(cache=True, nogil=True)
def _is_plain(data: Bytes, begin: int, end: int) -> bool:
    """Whether a Transform is as EMAN2 writes it, with nothing but one list in it."""
    at, stop = begin + _BEFORE.size, end - _BEHIND.size
    if stop < at or not (_is(data, begin, end, _BEFORE) and _is(data, stop, end, _BEHIND)):
        return False
    while at < stop and data[at] != _QUOTE and data[at] != _BACKSLASH:
        at += 1
    return at == stop


@njit(cache=True, nogil=True)
def _matrix_list(data: Bytes, begin: int, end: int) -> tuple[int, int]:
    """The matrix of the Transform that is data[begin:end], inside its brackets; else (-1, 0)."""
    while end > begin and _is_blank(data[end - 1]):
        end -= 1
    if _is_plain(data, begin, end):
        return begin + _BEFORE.size, end - _BEHIND.size
    kind, kind_end = _find(data, begin, end, _CLASS)
    at, stop = _find(data, begin, end, _MATRIX)
    if kind < 0 or at < 0 or not _is(data, kind, kind_end, _TRANSFORM):
        return _NONE, 0
    while stop > at and (_is_blank(data[stop - 1]) or data[stop - 1] == _QUOTE):
        stop -= 1
    at += 1 if data[at] == _QUOTE else 0
    if stop - at < 2 or data[at] != _OPEN_LIST or data[stop - 1] != _CLOSE_LIST:
        return _NONE, 0
    return at + 1, stop - 1


@njit(cache=True, nogil=True)
def _read_list(data: Bytes, at: int, end: int, numbers: Floats) -> int:
    for k in range(numbers.size):
        stop = at
        while stop < end and data[stop] != _COMMA:
            stop += 1
        numbers[k], code = _number(data, at, stop)
        if code != EXACT or (stop < end) != (k < numbers.size - 1):
            numbers[:] = np.nan
            return ASK
        at = stop + 1
    return EXACT


@njit(cache=True, nogil=True)
def third_cells(data: Bytes, starts: Places, lengths: Places, begins: Places, ends: Places) -> int:
    """The third cells of the tab-parted lines at `starts`: (n,) begins and ends, without blanks.

    Gives the first line that does not begin with a whole number and a tab, else -1.
    """
    for row in range(starts.size):
        at, end = starts[row], starts[row] + lengths[row]
        while end > at and _is_blank(data[end - 1]):
            end -= 1
        first = at + 1 if at < end and data[at] == _MINUS else at
        at = first
        while at < end and 48 <= data[at] <= 57:
            at += 1
        if at == first or at >= end or data[at] != _TAB:
            return row
        at += 1
        while at < end and data[at] != _TAB:
            at += 1
        begins[row], ends[row] = _skip_blanks(data, min(at + 1, end), end), end
    return -1


@njit(cache=True, nogil=True)
def second_cells(
    data: Bytes, starts: Places, lengths: Places, begins: Places, ends: Places
) -> None:
    """The second cells of the tab-parted lines at `starts`: (n,) begins and ends, without blanks.

    Each line has a tab.
    """
    for row in range(starts.size):
        at, end = starts[row], starts[row] + lengths[row]
        while data[at] != _TAB:
            at += 1
        stop = at + 1
        while stop < end and data[stop] != _TAB:
            stop += 1
        begins[row] = _skip_blanks(data, at + 1, stop)
        while stop > begins[row] and _is_blank(data[stop - 1]):
            stop -= 1
        ends[row] = stop


@njit(cache=True, nogil=True)
def _fill(out: Bytes, at: int, end: int) -> None:
    for k in range(at, end):
        out[k] = _BLANK


@njit(cache=True, nogil=True)
def _sort_places(starts: Places, order: Places) -> None:
    """The columns of `starts` (k,) in ascending order; they mostly are already."""
    for k in range(order.size):
        to = k
        while to > 0 and starts[order[to - 1]] > starts[k]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = k


@njit(cache=True, nogil=True)
def splice(
    data: Bytes,
    begins: Places,
    ends: Places,
    starts: Places,
    stops: Places,
    cells: NDArray[np.uint8],
    lengths: Places,
    width: int,
    out: Bytes,
) -> tuple[int, int]:
    """Copy data[0 : end of the last row] with other texts in some places of the rows.

    Parameters
    ----------
    begins, ends
        (n,) rows; what lies before and between them is copied.
    starts, stops
        (n, k) places, in any order; a start below 0 is none.
    cells, lengths
        (n, k, WIDTH) texts and (n, k) their lengths; below 0 a place keeps its text.
    width
        How long each row becomes by blanks before its line ending, which include all that it ends
        in: 0 for its own length in `data`, -1 for rows that are not filled up.
    out
        Has room for every new text and `width` besides what is copied.

    Returns
    -------
    The bytes written; and, of rows that are filled up, 0 where all fit or else the longest.
    """
    to, copied, longest, fits = 0, 0, 0, True
    order = np.empty(starts.shape[1], np.int64)
    for row in range(begins.size):
        to = line = copied_to(data, copied, begins[row], out, to)
        at, end = begins[row], ends[row]
        _sort_places(starts[row], order)
        for k in order:
            if starts[row, k] >= 0 and lengths[row, k] >= 0:
                to = copied_to(data, at, starts[row, k], out, to)
                to = copied_to(cells[row, k], 0, lengths[row, k], out, to)
                at = stops[row, k]
        to = copied_to(data, at, end, out, to)
        copied = end
        if width >= 0:
            wanted = width if width > 0 else end - begins[row]
            to, needed = _filled_up(data, begins[row], end, wanted, line, out, to)
            longest, fits = max(longest, needed), fits and needed <= wanted
    return to, 0 if fits else longest


@njit(cache=True, nogil=True)
def _filled_up(
    data: Bytes, begin: int, end: int, width: int, line: int, out: Bytes, to: int
) -> tuple[int, int]:
    """Give the line out[line:to], of the row data[begin:end], blanks to be `width` bytes long.

    Gives where it ends then, and how long it is without blanks.
    """
    breaks = 0
    if end > begin and data[end - 1] == _NEWLINE:
        breaks = 2 if end - 1 > begin and data[end - 2] == _RETURN else 1
    while to > line and _is_blank(out[to - 1]):
        to -= 1
    needed = to - line + breaks
    filled = line + max(width, needed)
    _fill(out, to, filled - breaks)
    return copied_to(data, end - breaks, end, out, filled - breaks), needed


@njit(cache=True, nogil=True)
def write_lines(
    places: Places,
    codes: Places,
    names: Bytes,
    name_begins: Places,
    classes: NDArray[np.int8],
    placed: NDArray[np.bool_],
    cells: NDArray[np.uint8],
    lengths: Places,
    literals: tuple[Bytes, Bytes, Bytes],
    width: int,
    out: Bytes,
) -> None:
    """Write new lines of a list, all `width` bytes long, which is enough for each.

    Parameters
    ----------
    places, codes, classes, placed
        (n,) places in stacks, from 0; which stack; half-sets 0 and 1, -1 for none; whether the
        line has a matrix.
    names, name_begins
        The names of the stacks, one behind the other, and (stacks + 1,) where they begin.
    cells, lengths
        (n, 12, WIDTH) texts of the matrices' elements, and (n, 12) their lengths.
    literals
        What stands before a class, before a matrix and behind it.
    """
    before_class, before, behind = literals
    for row in range(places.size):
        to, end = row * width, (row + 1) * width
        to = write_digits(np.uint64(places[row]), 1, out, to)
        out[to] = _TAB
        code = codes[row]
        to = copied_to(names, name_begins[code], name_begins[code + 1], out, to + 1)
        out[to], out[to + 1] = _TAB, _OPEN
        to += 2
        if classes[row] >= 0:
            to = copied_to(before_class, 0, before_class.size, out, to)
            out[to] = _ZERO + classes[row]
            to += 1
            if placed[row]:
                out[to] = _COMMA
                to += 1
        if placed[row]:
            to = copied_to(before, 0, before.size, out, to)
            for k in range(cells.shape[1]):
                to = copied_to(cells[row, k], 0, lengths[row, k], out, to)
                out[to] = _COMMA
                to += 1
            to = copied_to(behind, 0, behind.size, out, to - 1)
        out[to] = _CLOSE
        _fill(out, to + 1, end - 1)
        out[end - 1] = _NEWLINE


@njit(cache=True, nogil=True)
def count_entries(data: Bytes) -> int:
    """How many entries a JSON object can have at most: its colons outside strings."""
    n, at = 0, 0
    while at < data.size:
        if data[at] == _QUOTE:
            at = _string_end(data, at, data.size)
            continue
        n += 1 if data[at] == _COLON else 0
        at += 1
    return n


@njit(cache=True, nogil=True)
def find_entries(
    data: Bytes, at: int, starts: Places, begins: Places, ends: Places
) -> tuple[int, int]:
    """The entries of the JSON object that opens at `at` and is the rest of the file.

    Gives how many there are and -1, or the byte at which the text is no such object. Filled, (n,):
    where keys and values begin, and where values end.
    """
    n, size = 0, data.size
    if at >= size or data[at] != _OPEN:
        return 0, at
    at = _skip_blanks(data, at + 1, size)
    more = at < size and data[at] != _CLOSE
    while more:
        key_end, value, stop = _next_entry(data, at, size)
        if key_end < 0 or stop <= value or stop >= size:
            return n, min(at, size)
        starts[n], begins[n] = at, value
        ends[n] = stop
        while ends[n] > value and _is_blank(data[ends[n] - 1]):
            ends[n] -= 1
        n += 1
        more = data[stop] == _COMMA
        at = _skip_blanks(data, stop + 1, size) if more else stop
    if at >= size or data[at] != _CLOSE:
        return n, min(at, size)
    rest = _skip_blanks(data, at + 1, size)
    return n, -1 if rest == size else rest
