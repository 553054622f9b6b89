"""Following binary rows against a plain twin."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.kernels import records


def twin(data: bytes, widths: list[int], at: int, rows: int) -> list[list[int]]:
    """Where the cells of each whole row begin, and at last where the rows end."""
    found = []
    for _ in range(rows):
        places = []
        for width in widths:
            places.append(at)
            if width == records.COUNTED:
                if at + 4 > len(data):
                    return [*found, [places[0]]]
                at += 4 + struct.unpack_from("<I", data, at)[0]
            else:
                at += width
            if at > len(data):
                return [*found, [places[0]]]
        found.append(places)
    return [*found, [at]]


@given(
    st.lists(st.sampled_from([records.COUNTED, 1, 4, 8]), min_size=1, max_size=4),
    st.binary(max_size=3),
    st.lists(st.binary(max_size=6), max_size=12),
    st.integers(0, 5),
    st.binary(max_size=5),
)
def test_rows_and_cells_are_where_a_plain_reading_finds_them(widths, before, texts, rows, noise):
    body = b"".join(
        struct.pack("<i", len(text)) + text if width == records.COUNTED else bytes(width)
        for width, text in zip(widths * 6, [*texts, *[b"ab"] * 24], strict=False)
    )
    data = before + body + noise
    expected = twin(data, widths, len(before), rows)
    starts = np.zeros(rows + 1, np.int64)
    starts[0] = len(before)
    reached = records.find_rows(np.frombuffer(data + b"", np.uint8), np.array(widths), starts)
    assert reached == len(expected) - 1
    assert starts[: reached + 1].tolist() == [places[0] for places in expected]
    for column in range(len(widths)):
        found = np.zeros(reached, np.int64)
        records.find_cells(np.frombuffer(data, np.uint8), np.array(widths), column, starts, found)
        assert found.tolist() == [places[column] for places in expected[:-1]]


def test_a_length_of_the_largest_kind_is_no_way_back():
    data = np.frombuffer(b"\xff\xff\xff\xff" + bytes(20), np.uint8)
    starts = np.zeros(3, np.int64)
    assert records.find_rows(data, np.array([records.COUNTED]), starts) == 0
