"""Cells of star rows: their bytes, their keys, and the lines between rows."""

from __future__ import annotations

import numpy as np

from evenview.core.kernels import cells

LINES = [b'a "b c" 3\n', b"  d\te f # end\n", b"'g h' i 'j'\r\n", b"k l m"]


def table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lengths = np.array([len(line) for line in LINES], np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    return np.frombuffer(b"".join(LINES), np.uint8), starts, lengths


def test_cells_are_found_without_their_quotes() -> None:
    data, starts, lengths = table()
    expected = [["a", "b c", "3"], ["d", "e", "f"], ["g h", "i", "j"], ["k", "l", "m"]]
    for column in range(3):
        begins, ends = np.empty(4, np.int64), np.empty(4, np.int64)
        cells.locate(data, starts, lengths, column, begins, ends)
        texts = [data[b:e].tobytes().decode() for b, e in zip(begins, ends, strict=True)]
        assert texts == [row[column] for row in expected]


def keys_of(*names: bytes) -> list[int]:
    lengths = np.array([len(name) for name in names])
    ends = np.cumsum(lengths).astype(np.int64)
    keys = np.empty(len(names), np.uint64)
    cells.image_keys(np.frombuffer(b"".join(names), np.uint8), ends - lengths, ends, keys)
    return keys.tolist()


def test_keys_are_equal_for_one_image_only() -> None:
    padded, plain, other, stack = keys_of(b"0001@a.mrcs", b"1@a.mrcs", b"10@a.mrcs", b"1@b.mrcs")
    assert padded == plain
    assert len({plain, other, stack}) == 3
    assert len(set(keys_of(b"001.mrc", b"1.mrc", b"0@a", b"@a", b"00"))) == 5
    names = [b"%d@stack%d.mrcs" % (i % 300, i // 300) for i in range(50_000)]
    assert len(set(keys_of(*names))) == len(names)


def test_text_keys_do_not_see_the_padding() -> None:
    keys, wide = np.empty(3, np.uint64), np.empty(3, np.uint64)
    texts = np.array([b"ab", b"", b"abcd"], "S4")
    cells.text_keys(texts.view(np.uint8).reshape(3, -1), keys)
    cells.text_keys(texts.astype("S9").view(np.uint8).reshape(3, -1), wide)
    assert keys.tolist() == wide.tolist()
    assert len(set(keys.tolist())) == 3


def test_lines_between_rows() -> None:
    data = np.frombuffer(b"row\n\n # x\nrow\n \t\r\nodd\n", np.uint8)
    starts, stops, kinds, gaps = cells.gap_lines(data, np.array([4, 14]), np.array([10, 22]))
    lines = [data[a:b].tobytes() for a, b in zip(starts, stops, strict=True)]
    assert lines == [b"\n", b" # x\n", b" \t\r\n", b"odd\n"]
    assert kinds.tolist() == [cells.BLANK, cells.COMMENT, cells.BLANK, cells.OTHER]
    assert gaps.tolist() == [0, 0, 1, 1]
