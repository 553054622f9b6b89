"""A subset of a star file is the file without the lines of the other rows, and nothing else."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_star as made
from evenview.core.errors import UserError
from evenview.formats import open_particles

WHOLE = made.optics() + made.particles() + made.loop("movies", ["rlnX"], ["1", "2"])
SHAPES = {
    "plain": WHOLE,
    "CRLF": WHOLE.replace("\n", "\r\n"),
    "particles last, no final newline": (made.optics() + made.particles()).rstrip("\n"),
    "blank lines and comments between rows": WHOLE.replace("000002@", "\n# seen\n  \n000002@"),
    "comments behind rows": WHOLE.replace("1 1\n", "1 1 # good\n"),
    "trailing blank lines": WHOLE + "\n \n\n",
    "junk first": "junk\n" + WHOLE,
}


def without(text: str, dropped: list[str]) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(dropped)) or not dropped)


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("pattern", range(8))
def test_only_the_lines_of_dropped_rows_go(tmp_path, text, pattern):
    kept = np.array([bool(pattern >> k & 1) for k in range(3)])
    table = made.opened(tmp_path, text).table
    out = tmp_path / "out.star"
    assert table.write(out, kept) == (out,)
    dropped = [f"00000{k + 1}@" for k in np.flatnonzero(~kept)]
    assert out.read_bytes().decode() == without(text, dropped)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_subset_of_many_rows_of_any_length(tmp_path_factory, seed, fraction):
    rng = np.random.default_rng(seed)
    rows = [f"{k}@{'x' * int(n)} 1 2 3" for k, n in enumerate(rng.integers(0, 50, 200))]
    folder = tmp_path_factory.mktemp("t")
    table = made.opened(folder, made.particles(rows, made.LABELS[:4])).table
    kept = rng.random(200) < fraction
    table.write(folder / "out.star", kept)
    expected = made.particles(
        [row for row, k in zip(rows, kept, strict=True) if k], made.LABELS[:4]
    )
    if kept.any():
        assert (folder / "out.star").read_text() == expected


def test_a_subset_of_a_large_file_is_its_lines(tmp_path):
    """Longer than a window of the copy, with spans that are longer than one too."""
    n = 300_000
    rows = [f"{k:06d}@{'stack' * 6}.mrcs {k % 360} 45.5 10 1 1" for k in range(n)]
    table = made.opened(tmp_path, made.optics() + made.particles(rows)).table
    kept = np.random.default_rng(0).random(n) < 0.5
    kept[: n // 2] = True
    table.write(tmp_path / "out.star", kept)
    expected = made.optics() + made.particles([row for row, k in zip(rows, kept, strict=True) if k])
    assert (tmp_path / "out.star").read_text() == expected


def test_a_file_that_changed_since_is_not_copied_from(tmp_path):
    path = made.save(tmp_path, WHOLE)
    table = open_particles(path).table
    path.write_text(WHOLE + "\n")
    with pytest.raises(UserError, match="changed"):
        table.write(tmp_path / "out.star", np.ones(3, dtype=bool))
    assert not (tmp_path / "out.star").exists()


def test_a_file_that_was_cut_short_while_open_is_an_error_in_words(tmp_path):
    """Not a signal that ends the program: memory behind the end of a file cannot be read."""
    path = made.save(tmp_path, made.particles(made.ROWS * 3000))
    table = open_particles(path).table
    os.truncate(path, 1000)
    for look in (
        lambda: table.numeric_columns,
        lambda: table.numeric("rlnAngleRot"),
        lambda: table.cells(8000),
    ):
        with pytest.raises(UserError, match="changed"):
            look()


def test_rows_kept_must_be_as_many_as_there_are(tmp_path):
    table = made.opened(tmp_path, WHOLE).table
    with pytest.raises(ValueError, match="3 rows"):
        table.write(tmp_path / "out.star", np.ones(4, dtype=bool))
