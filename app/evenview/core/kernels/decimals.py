"""The number in a few bytes of text, correct to the last bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

#: What became of a cell: read exactly; a number whose last bit is left to `float`; a mark for a
#: missing number (nan, <NA>); any other text.
EXACT, ASK, MISSING, WORD = 0, 1, 2, 3

_DOT = 46
_POWERS = np.array([float(10**k) for k in range(23)])
_INTEGER_POWERS = np.array([10**k for k in range(19)], dtype=np.uint64)
_TEN, _ONE, _ZERO = np.uint64(10), np.uint64(1), np.uint64(0)
_EXACT_INTEGERS = np.uint64(1 << 53)
_ENOUGH_BITS = np.uint64(1 << 54)
_MOST_DIGITS = 19

_NAN = np.frombuffer(b"nan", dtype=np.uint8)
_NA = np.frombuffer(b"<na>", dtype=np.uint8)
_INF = np.frombuffer(b"inf", dtype=np.uint8)
_INFINITY = np.frombuffer(b"infinity", dtype=np.uint8)


@njit(cache=True, nogil=True)
def begins_with(data: Bytes, start: int, stop: int, word: Bytes) -> bool:
    if stop - start < word.size:
        return False
    for k in range(word.size):
        byte = data[start + k]
        if 65 <= byte <= 90:
            byte += 32
        if byte != word[k]:
            return False
    return True


@njit(cache=True, nogil=True)
def is_word(data: Bytes, start: int, stop: int, word: Bytes) -> bool:
    return stop - start == word.size and begins_with(data, start, stop, word)


@njit(cache=True, nogil=True)
def _special(data: Bytes, start: int, stop: int, sign: float) -> tuple[float, int]:
    """A cell that is no decimal number: infinity, a missing number, or a word."""
    if is_word(data, start, stop, _INF) or is_word(data, start, stop, _INFINITY):
        return sign * np.inf, EXACT
    if is_word(data, start, stop, _NAN) or is_word(data, start, stop, _NA):
        return np.nan, MISSING
    return np.nan, WORD


@njit(cache=True, nogil=True)
def _divide(digits: Any, power: int) -> float:
    """digits / 10**power, rounded once: 55 or more bits of the quotient, the last one sticky."""
    divisor = _INTEGER_POWERS[power]
    quotient = digits // divisor
    rest = digits % divisor
    shift = 0
    while quotient < _ENOUGH_BITS:
        rest = rest << _ONE
        quotient = quotient << _ONE
        if rest >= divisor:
            rest -= divisor
            quotient |= _ONE
        shift += 1
    if rest != _ZERO:
        quotient |= _ONE
    return math.ldexp(np.float64(quotient), -shift)


@njit(cache=True, nogil=True)
def _scale(digits: Any, exponent: int) -> tuple[float, int]:
    """digits * 10**exponent, correct to the last bit, or `ASK`.

    Up to 2**53 and 10**22 both factors are exact, so that one operation rounds once (Clinger 1990).
    """
    if digits == _ZERO:
        return 0.0, EXACT
    if digits <= _EXACT_INTEGERS and -22 <= exponent <= 22:
        if exponent < 0:
            return np.float64(digits) / _POWERS[-exponent], EXACT
        return np.float64(digits) * _POWERS[exponent], EXACT
    if -18 <= exponent <= 0:
        return _divide(digits, -exponent), EXACT
    return np.nan, ASK


@njit(cache=True, nogil=True)
def _read_exponent(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """The number after an "e", and where it ends; it ends where it began if there is none."""
    begin = at
    at += 1
    negative = False
    if at < stop and (data[at] == 43 or data[at] == 45):
        negative = data[at] == 45
        at += 1
    first = at
    exponent = 0
    while at < stop and 48 <= data[at] <= 57:
        exponent = min(exponent * 10 + (data[at] - 48), 100_000)
        at += 1
    if at == first:
        return 0, begin
    return -exponent if negative else exponent, at


@njit(cache=True, nogil=True)
def _read_digits(data: Bytes, at: int, stop: int) -> tuple[Any, int, bool, bool, int]:
    """The significant digits from `at` on: (digits, power of ten, whether all are in, any, end)."""
    digits, kept, exponent = _ZERO, 0, 0
    point, complete, seen = False, True, False
    while at < stop:
        byte = data[at]
        if byte == _DOT and not point:
            point = True
        elif 48 <= byte <= 57:
            seen = True
            if kept < _MOST_DIGITS:
                digits = digits * _TEN + np.uint64(byte - 48)
                kept += 1 if digits != _ZERO else 0
                exponent -= 1 if point else 0
            else:
                complete = complete and byte == 48
                exponent += 0 if point else 1
        else:
            break
        at += 1
    return digits, exponent, complete, seen, at


@njit(cache=True, nogil=True)
def parse_number(data: Bytes, start: int, stop: int) -> tuple[float, int]:
    """The number in data[start:stop] and its code; `EXACT` is what `float` gives."""
    at, sign = start, 1.0
    if at < stop and (data[at] == 43 or data[at] == 45):
        sign = -1.0 if data[at] == 45 else 1.0
        at += 1
    digits, exponent, complete, seen, end = _read_digits(data, at, stop)
    if not seen:
        return _special(data, at, stop, sign)
    at = end
    if at < stop and (data[at] == 101 or data[at] == 69):
        more, at = _read_exponent(data, at, stop)
        exponent += more
    if at != stop:
        return np.nan, WORD
    if not complete:
        return np.nan, ASK
    value, code = _scale(digits, exponent)
    return sign * value, code
