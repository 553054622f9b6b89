"""The compiled scan of star tables against Python's own `float` and a plain twin of the syntax."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evenview.core.kernels import decimals, star
from evenview.formats.star.cells import number_of, split_cells


def as_bytes(text: bytes) -> np.ndarray:
    return np.frombuffer(text + b" ", dtype=np.uint8)


def parsed(text: bytes) -> tuple[float, int]:
    return decimals.parse_number(as_bytes(text), 0, len(text))


def same_bits(a: float, b: float) -> bool:
    return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))


digits = st.text("0123456789", max_size=24)
signs = st.sampled_from(["", "+", "-"])
exponents = st.one_of(
    st.just(""),
    st.builds(
        "{}{}{}".format,
        st.sampled_from("eE"),
        signs,
        st.one_of(st.integers(0, 400).map(str), digits),
    ),
)
points = st.sampled_from(["", "."])
numbers = st.builds("{}{}{}{}{}".format, signs, digits, points, digits, exponents)
reprs = st.floats().map(repr)
specials = st.builds(
    "{}{}".format, signs, st.sampled_from(["nan", "NaN", "inf", "Infinity", "INF", "infinit", "na"])
)
noise = st.text("0123456789+-.eE_naifNA<>xd", max_size=12)


@given(st.one_of(numbers, reprs, specials, noise))
@example("9007199254740993")
@example("9007199254740992.999")
@example("1.7976931348623157")
@example("0.30000000000000004")
@example("179.99999999999997")
@example("18446744073709551615")
@example("0.1000000000000000055")
@example("4503599627370496.5")
@example("4503599627370497.5")
@example("5e-324")
@example("1e400")
@example("1e22")
@example("1e23")
@example("-0.0")
@example("")
@example(".")
@example("1e")
def test_a_number_is_what_python_reads_or_is_left_to_python(text):
    value, code = parsed(text.encode())
    expected = number_of(text.encode())
    if code == decimals.EXACT:
        assert expected is not None
        assert same_bits(value, expected)
    elif code == decimals.MISSING:
        assert expected is None or math.isnan(expected)
        assert text.lower().lstrip("+-") in ("nan", "<na>")
    elif code == decimals.ASK:
        assert expected is not None
    else:
        assert expected is None


@given(st.integers(0, 10**19 - 1), st.integers(0, 18))
def test_up_to_19_digits_and_18_decimals_are_never_left_to_python(mantissa, decimals_):
    text = f"{mantissa:0{decimals_ + 1}d}"
    text = text[: len(text) - decimals_] + "." + text[len(text) - decimals_ :]
    value, code = parsed(text.encode())
    assert code == decimals.EXACT or len(text.lstrip("0.")) > 19
    if code == decimals.EXACT:
        assert same_bits(value, float(text))


@pytest.mark.parametrize("text", ["12.345678", "-2.50000", "1.234560e-05", "179.99999999999997"])
def test_angles_as_programs_write_them_are_read_without_asking(text):
    assert parsed(text.encode()) == (float(text), decimals.EXACT)


cell = st.one_of(
    st.from_regex(rb"[A-Za-z0-9_@./#<>+-]{1,8}", fullmatch=True),
    st.from_regex(rb"\"[ a-z'#\t]{0,6}\"", fullmatch=True),
    st.from_regex(rb"'[ a-z\"#\t]{0,6}'", fullmatch=True),
    st.sampled_from([b'"', b"'", b'a"b', b"it's", b'"a"b"', b"\xc3\xa9", b"\x00"]),
)
lines = st.builds(
    lambda cells, gaps, lead: lead + b"".join(c + g for c, g in zip(cells, gaps, strict=False)),
    st.lists(cell, max_size=6),
    st.lists(st.sampled_from([b" ", b"\t", b"  ", b" \t ", b"\r"]), min_size=6, max_size=6),
    st.sampled_from([b"", b" ", b"\t"]),
)


def scan(text: bytes, columns: int, wanted: int = -1):
    slots = np.full(columns, -1, dtype=np.int64)
    if wanted >= 0:
        slots[wanted] = 0
    data = np.frombuffer(text, dtype=np.uint8)
    return star.scan_rows(data, 0, len(text), slots, 1 if wanted >= 0 else 0)


@given(lines, st.sampled_from([b"\n", b"\r\n", b""]))
def test_a_line_has_the_cells_that_the_plain_reader_sees(line, ending):
    text = line + ending
    if not text:
        return
    cells = split_cells(text)
    *_, stop, ending_code, found = scan(text, 100)
    if ending_code == star.AT_QUOTE:
        assert stop == 0
    elif ending_code == star.TO_END:
        assert cells == []
    else:
        assert found == len(cells)


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), max_size=40))
def test_rows_and_a_column_come_back_as_they_were_written(table):
    text = b"".join(b" ".join(repr(x).encode() for x in row) + b"\n" for row in table)
    if not text:
        return
    starts, lengths, values, codes, stop, ending, _ = scan(text, 3, wanted=1)
    assert (stop, ending) == (len(text), star.TO_END)
    rows = [text[start : start + n] for start, n in zip(starts, lengths, strict=True)]
    assert b"".join(rows) == text
    exact = codes[0] == decimals.EXACT
    np.testing.assert_array_equal(values[0][exact], np.array([row[1] for row in table])[exact])
    again, codes_again = np.empty(len(table)), np.empty(len(table), dtype=np.uint8)
    star.read_column(np.frombuffer(text, np.uint8), starts, lengths, 1, again, codes_again)
    np.testing.assert_array_equal(again, values[0])


def test_gather_is_the_spans_one_behind_the_other():
    data = np.arange(50, dtype=np.uint8)
    starts, lengths = np.array([40, 3, 10]), np.array([2, 0, 5])
    out = np.zeros(7, dtype=np.uint8)
    star.gather(data, starts, lengths, out)
    assert out.tolist() == [40, 41, 10, 11, 12, 13, 14]
