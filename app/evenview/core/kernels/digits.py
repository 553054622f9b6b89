"""Numbers as text of so many decimals or digits, equal to ``'%.6f' %`` and ``'%.6g' %``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.decimals import Bytes
from evenview.core.kernels.rows import over_rows

Floats = NDArray[np.float64]
Lengths = NDArray[np.int64]

#: The longest text of a number: of `write_fixed`, of an integer of 64 bits, and of ``repr``.
WIDTH = 26
#: More decimals than this are not written.
MOST_DECIMALS = 15
#: What the text of a number that is too large is called.
TOO_LARGE = -1

#: More significant digits than this are not written, and what the text of no number is called.
MOST_DIGITS = 15
NOTHING = -2

_MINUS, _DOT, _ZERO, _E = 45, 46, 48, 101
_POWERS = np.array([float(10**k) for k in range(23)])  # each of them exact
_LEAST_FIXED = -4  # smaller powers of ten are written as exponents
_FRACTIONS_END = 2.0**52  # no number beyond it has a fraction
_LARGEST = 2.0**62
_SPLITTER = 134_217_729.0  # 2**27 + 1
_NAN = np.frombuffer(b"nan", dtype=np.uint8)


@njit(cache=True, nogil=True, inline="always")
def _halves(value: float) -> tuple[float, float]:
    """A number as the sum of two of 26 bits, whose products are exact (Veltkamp 1968)."""
    shifted = _SPLITTER * value
    high = shifted - (shifted - value)
    return high, value - high


@njit(cache=True, nogil=True, inline="always")
def _scaled(value: float, decimals: int) -> Any:
    """value * 10**decimals rounded once, a tie to the even one; `TOO_LARGE` beyond 2**62.

    The product is p + e without any error (Dekker 1971). Below 2**52 the fraction of p less 1/2 is
    exact and, unless it is 0, larger than e; from there on p is whole and e is what is rounded.
    """
    power = _POWERS[decimals]
    p = value * power
    if not p < _LARGEST:
        return TOO_LARGE
    value_high, value_low = _halves(value)
    power_high, power_low = _halves(power)
    e = value_low * power_low - (
        ((p - value_high * power_high) - value_low * power_high) - value_high * power_low
    )
    if p < _FRACTIONS_END:
        whole = np.int64(p)
        over = (p - whole) - 0.5
        if over == 0.0:
            over = e
    else:
        below = np.floor(e)
        whole = np.int64(p) + np.int64(below)
        over = (e - below) - 0.5
    if over > 0.0 or (over == 0.0 and whole & 1):
        whole += 1
    return whole


@njit(cache=True, nogil=True)
def _write_whole(digits: int, decimals: int, out: Bytes, at: int) -> int:
    """Write digits / 10**decimals from `at` on; gives where it ends."""
    n, rest = 1, digits // 10
    while rest:
        n, rest = n + 1, rest // 10
    n = max(n, decimals + 1)
    end = at + n + (1 if decimals else 0)
    to = end - 1
    for k in range(n):
        if decimals and k == decimals:
            out[to] = _DOT
            to -= 1
        out[to] = _ZERO + digits % 10
        digits //= 10
        to -= 1
    return end


@njit(cache=True, nogil=True)
def write_fixed(value: float, decimals: int, out: Bytes, at: int) -> int:
    """Write a number from out[at] on and give where it ends; `TOO_LARGE` from 2**62 digits on.

    It is what ``f"{value:.{decimals}f}"`` gives, but a 0 has no sign.
    """
    if np.isnan(value):
        out[at : at + 3] = _NAN
        return at + 3
    digits = _scaled(abs(value), decimals)
    if digits < 0:
        return TOO_LARGE
    if value < 0 and digits:
        out[at] = _MINUS
        at += 1
    return _write_whole(digits, decimals, out, at)


@njit(cache=True, nogil=True)
def _exponent(value: float) -> int:
    """The k of 10**k <= value < 10**(k + 1), -23 for smaller ones, up to 22.

    Below 1 it may be one too small or too large beside a power of ten, which is no double there.
    """
    k = 0
    if value >= 1.0:
        while k < 22 and value >= _POWERS[k + 1]:
            k += 1
        return k
    while k > -23:
        k -= 1
        if k < -22 or value >= 1.0 / _POWERS[-k]:
            return k
    return k


@njit(cache=True, nogil=True)
def write_general(value: float, digits: int, out: Bytes, at: int) -> int:
    """Write a number from out[at] on and give where it ends; `TOO_LARGE` if it is left to Python.

    It is what ``f"{value:.{digits}g}"`` gives, with 1 to `MOST_DIGITS` digits. The digits are those
    of value * 10**k rounded once (`_scaled`), for which 10**k is exact. A value next to a power of
    ten whose exponent was taken for the other one rounds to that power either way.
    """
    size = abs(value)
    exponent = 0 if size == 0.0 else _exponent(size)
    decimals = digits - 1 - exponent
    if not size < _LARGEST or decimals < 0 or decimals > 22:
        return TOO_LARGE
    whole = _scaled(size, decimals)
    if whole >= np.int64(_POWERS[digits]):
        exponent += 1
        decimals -= 1
        whole //= 10
    if exponent >= digits:
        return TOO_LARGE
    if np.signbit(value):
        out[at] = _MINUS
        at += 1
    fixed = exponent >= _LEAST_FIXED
    decimals = decimals if fixed else digits - 1
    while decimals > 0 and whole % 10 == 0:
        whole //= 10
        decimals -= 1
    at = _write_whole(whole, decimals, out, at)
    if fixed:
        return at
    out[at], out[at + 1] = _E, _MINUS
    return write_digits(np.uint64(-exponent), 2, out, at + 2)


@over_rows(0, 2, 3)
def general_cells(
    values: Floats, digits: NDArray[np.int64], cells: NDArray[np.uint8], lengths: Lengths
) -> None:
    """The texts of `values` (n, k), of `digits` (k,) each, into `cells` (n, k, WIDTH).

    A length is `TOO_LARGE` where Python must write the number, as always for 0 digits, and
    `NOTHING` for NaN.
    """
    for row in range(values.shape[0]):
        for k in range(values.shape[1]):
            value = values[row, k]
            if np.isnan(value):
                lengths[row, k] = NOTHING
            elif not 1 <= digits[k] <= MOST_DIGITS:
                lengths[row, k] = TOO_LARGE
            else:
                lengths[row, k] = write_general(value, digits[k], cells[row, k], 0)


@njit(cache=True, nogil=True)
def fixed_cells(values: Floats, decimals: int, cells: Bytes, lengths: Lengths) -> None:
    """The texts of `values` (n,) into `cells` (n, WIDTH); a length is `TOO_LARGE` for such."""
    for row in range(values.size):
        lengths[row] = write_fixed(values[row], decimals, cells[row], 0)


@njit(cache=True, nogil=True)
def whole_cells(values: NDArray[np.int64], least: int, cells: Bytes, lengths: Lengths) -> None:
    """The texts of integers (n,), of at least so many digits, into `cells` (n, WIDTH)."""
    for row in range(values.size):
        value, at = values[row], 0
        digits = np.uint64(value)
        if value < 0:
            digits = np.uint64(-(value + 1)) + np.uint64(1)  # -2**63 has no positive twin
            cells[row, 0] = _MINUS
            at = 1
        lengths[row] = write_digits(digits, least, cells[row], at)


@njit(cache=True, nogil=True)
def write_digits(digits: Any, least: int, out: Bytes, at: int) -> int:
    ten = np.uint64(10)
    n, rest = 1, digits // ten
    while rest:
        n, rest = n + 1, rest // ten
    n = max(n, least)
    for to in range(at + n - 1, at - 1, -1):
        out[to] = _ZERO + np.int64(digits % ten)
        digits //= ten
    return at + n


@njit(cache=True, nogil=True)
def lay_out(
    pool: Bytes,
    begins: NDArray[np.int64],
    lengths: NDArray[np.int64],
    widths: NDArray[np.int64],
    out: Bytes,
) -> int:
    """Rows of cells that are parted by a blank, each row with a newline; gives the bytes written.

    Parameters
    ----------
    pool
        The texts of all cells, in any order.
    begins, lengths
        (columns, n): where a cell's text lies in `pool`.
    widths
        (columns,): shorter cells have blanks before them; -1: the cell goes on from the one
        before it without a blank.
    out
        At least (sum of max(width, length) + 1 over all cells, + 1 a row) bytes.
    """
    to = 0
    for row in range(begins.shape[1]):
        for column in range(begins.shape[0]):
            if column and widths[column] >= 0:
                out[to] = 32
                to += 1
            begin, length = begins[column, row], lengths[column, row]
            for _ in range(widths[column] - length):
                out[to] = 32
                to += 1
            for k in range(length):
                out[to + k] = pool[begin + k]
            to += length
        out[to] = 10
        to += 1
    return to


@njit(cache=True, nogil=True, inline="always")
def copied_to(data: Bytes, start: int, stop: int, out: Bytes, to: int) -> int:
    """Copy data[start:stop] to out[to:]; returns where the copy ends."""
    for at in range(start, stop):
        out[to] = data[at]
        to += 1
    return to
