"""The compiled reader of plain tables against Python's own splitting of lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.kernels import text
from evenview.formats.star.cells import number_of

CELLS = st.sampled_from(["1", "-2.5", "1e3", "nan", "word", "0.1", "+7", "1_0"])
LINES = st.lists(
    st.one_of(st.just(""), st.just("  "), st.just("# no row"), st.lists(CELLS, min_size=1)),
    max_size=12,
)


def lines_of(content: bytes, comments: bytes = b"#") -> tuple[np.ndarray, np.ndarray]:
    data = np.frombuffer(content, np.uint8)
    starts, lengths = np.empty((2, content.count(b"\n") + 1), np.int64)
    n = text.find_rows(data, 0, len(content), np.frombuffer(comments, np.uint8), starts, lengths)
    return starts[:n], lengths[:n]


def read(content: bytes, separator: str, columns: list[int]) -> tuple[np.ndarray, np.ndarray]:
    starts, lengths = lines_of(content)
    values = np.empty((len(columns), len(starts)))
    codes, cells = np.empty(values.shape, np.uint8), np.empty(len(starts), np.int64)
    mark = ord(separator) if separator.strip() else text.BLANKS
    data = np.frombuffer(content, np.uint8)
    text.read_columns(data, starts, lengths, mark, np.array(columns), values, codes, cells)
    return values, cells


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_are_the_lines_that_say_something(lines, ending, closed):
    joined = [line if isinstance(line, str) else " ".join(line) for line in lines]
    content = (ending.join(joined) + ending * closed).encode()
    starts, lengths = lines_of(content + b"\n" * (not content))
    rows = [content[a : a + n].strip().decode() for a, n in zip(starts, lengths, strict=True)]
    assert rows == [line for line in joined if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("separator", [" ", "  \t ", ",", " , ", "\t"])
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=6), min_size=1, max_size=8))
def test_columns_are_the_numbers_of_split_lines(separator, rows):
    content = ("\n".join(separator.join(row) for row in rows) + "\n").encode()
    mark = "," if "," in separator else separator if separator == "\t" else " "
    values, cells = read(content, mark, [0, 3])
    assert cells.tolist() == [len(row) for row in rows]
    for slot, column in enumerate((0, 3)):
        expected = [number_of(row[column].encode()) if column < len(row) else None for row in rows]
        plain = np.array([np.nan if x is None else x for x in expected])
        np.testing.assert_array_equal(values[slot], plain)


@pytest.mark.parametrize(("cell", "letter"), [("A", "A"), ("'B'", "B"), ('"B"', "B"), ("AB", "\0")])
def test_letters(cell, letter):
    content = f"1 {cell} 2\n".encode()
    starts, lengths = lines_of(content)
    out = np.empty(1, np.uint8)
    text.read_letters(np.frombuffer(content, np.uint8), starts, lengths, 1, out)
    assert chr(out[0]) == letter
