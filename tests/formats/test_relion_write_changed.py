"""Other numbers in some cells of a star file leave every other byte as it was."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_star as made
from evenview.core.errors import UserError
from evenview.core.progress import Cancelled
from evenview.formats.relion_star import FORMAT
from shared_data import shared

WHOLE = made.optics() + made.particles() + made.loop("movies", ["rlnX"], ["1", "2"])
SHAPES = {
    "plain": WHOLE,
    "CRLF": WHOLE.replace("\n", "\r\n"),
    "tabs": WHOLE.replace(" ", "\t").replace('"group\t1"', '"group 1"'),
    "quoted cells": WHOLE.replace("000001@a.mrcs", "'000001@my own.mrcs'"),
    "no final newline": (made.optics() + made.particles()).rstrip("\n"),
    "no final newline and CRLF": (made.particles()).rstrip("\n").replace("\n", "\r\n"),
    "blank lines and comments between rows": WHOLE.replace("000002@", "\n# seen 1 2\n  \n000002@"),
    "comments behind rows": WHOLE.replace("1 1\n", "1 1 # good\n"),
    "ragged padding": WHOLE.replace(" 1 1\n", "     1 1   \n").replace("000002", "   000002"),
    "junk first": "junk\n" + WHOLE,
}


def changed(folder, text, changes) -> str:
    particles = FORMAT.read(made.save(folder, text))
    out = folder / "out.star"
    assert particles.table.write_changed(out, changes) == (out,)
    return out.read_bytes().decode()


def tokens(text: str) -> list[str]:
    """Words and what is between them; runs of blanks count as one."""
    return [re.sub(" +", " ", token) for token in re.split(r"([^\s]+)", text)]


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_only_the_cells_of_the_columns_change(tmp_path, text):
    new = {"rlnAngleTilt": np.array([1.5, -2.25, np.nan]), "rlnAnglePsi": np.array([7.0, 8, 9])}
    got = changed(tmp_path, text, new)
    expected = text
    blank = "\t" if "\t" in text else " "
    pairs = (
        ("20.25 30", "1.500000 7.000000"),
        ("90 -45.125", "-2.250000 8.000000"),
        ("110 5", "110 9.000000"),
    )
    for old, other in pairs:
        expected = expected.replace(old.replace(" ", blank), other.replace(" ", blank))
    assert tokens(got) == tokens(expected)


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_nothing_to_change_gives_the_very_bytes(tmp_path, text):
    assert changed(tmp_path, text, {}) == text
    assert changed(tmp_path, text, {"rlnAngleRot": np.full(3, np.nan)}) == text


def test_columns_stay_in_line_where_there_is_room(tmp_path):
    row = "a@b    39.929211    72.830036    -44.48432  # end"
    text = made.particles([row, row], made.LABELS[:4])
    new = {
        "rlnAngleRot": np.array([1.0, -139.929211]),
        "rlnAngleTilt": np.array([100.0, 2.0]),
        "rlnAnglePsi": np.array([-44.48432, 0.0]),
    }
    rows = changed(tmp_path, text, new).split("\n")[7:9]
    assert rows == [
        "a@b     1.000000   100.000000   -44.484320  # end",
        "a@b  -139.929211     2.000000     0.000000  # end",
    ]


def test_a_wide_number_takes_more_room_and_leaves_a_blank(tmp_path):
    text = made.angled((1, 2, 3), (4, 5, 6))
    new = {name: np.array([-100.5, 0.25]) for name in made.LABELS[1:4]}
    rows = changed(tmp_path, text, new).split("\n")[6:8]
    assert rows == ["-100.500000 -100.500000 -100.500000", "0.250000 0.250000 0.250000"]


def test_a_cell_of_more_decimals_keeps_as_many(tmp_path):
    text = made.angled((10.12345678, "1.25e-7", 3.5), (4, "+5E+1", '"6.1234567"'))
    new = {name: np.array([1 / 3, 2 / 3]) for name in made.LABELS[1:4]}
    rows = changed(tmp_path, text, new).split("\n")[6:8]
    assert [row.split() for row in rows] == [
        ["0.33333333", "0.333333333", "0.333333"],
        ["0.666667", "0.666667", '"0.6666667"'],
    ]


@given(
    st.lists(
        st.tuples(*[st.floats(-720, 720)] * 3, st.integers(0, 20), st.integers(0, 17)),
        min_size=1,
        max_size=30,
    )
)
def test_any_numbers_are_read_back(tmp_path_factory, rows):
    """Whatever the decimals and padding of the old cells, and whatever the new numbers."""
    folder = tmp_path_factory.mktemp("t")
    lines = [f"{a % 1:.{d}f}{' ' * (pad + 1)}45.5 {c:g}" for a, _, c, pad, d in rows]
    text = made.particles(lines, made.LABELS[1:4])
    new = {
        "rlnAngleRot": np.array([row[1] for row in rows]),
        "rlnAnglePsi": np.array([row[2] for row in rows]),
    }
    changed(folder, text, new)
    table = FORMAT.read(folder / "out.star").table
    for label, values in new.items():
        np.testing.assert_allclose(table.numeric(label), values, atol=5.1e-7, rtol=0)
    np.testing.assert_array_equal(table.numeric("rlnAngleTilt"), 45.5)


def test_a_large_file_is_changed_like_its_lines(tmp_path):
    """Longer than a chunk of rows, with lines of all lengths between them."""
    n = 70_000
    rows = [f"{k:06d}@{'x' * (k % 40)}.mrcs 1.000000 45.5 {k % 360} 1 1" for k in range(n)]
    text = made.optics() + made.particles(rows)
    values = np.random.default_rng(0).uniform(0, 9, n)
    got = changed(tmp_path, text, {"rlnAngleRot": values})
    rows = [row.replace(" 1.000000 ", f" {v:.6f} ") for row, v in zip(rows, values, strict=True)]
    assert got == made.optics() + made.particles(rows)


REAL = ("t20s_d7_crlf", "betagal_d2_452", "tomo_31", "tomo_40")


@pytest.mark.parametrize("name", REAL)
def test_real_files_change_only_in_the_cells_of_poses(tmp_path, name):
    path = shared(f"real/relion/{name}.star")
    table = FORMAT.read(path).table
    labels = [label for label in table.numeric_columns if re.match("rln(Angle[RTP]|Origin)", label)]
    table.write_changed(tmp_path / "o.star", {label: table.numeric(label) for label in labels})
    old, new = (p.read_bytes().split(b"\n") for p in (path, tmp_path / "o.star"))
    assert len(old) == len(new)
    columns = [table.star.labels.index(label) for label in labels]
    for a, b in zip(old, new, strict=True):
        if a == b:
            continue
        before, after = a.split(), b.split()
        assert a.endswith(b"\r") == b.endswith(b"\r")
        for k, (one, other) in enumerate(zip(before, after, strict=True)):
            assert one == other or (k in columns and float(one) == float(other))


def test_the_width_of_lines_that_relion_wrote_stays(tmp_path):
    path = shared("real/relion/betagal_d2_452.star")
    table = FORMAT.read(path).table
    labels = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst")
    table.write_changed(tmp_path / "o.star", {label: -table.numeric(label) for label in labels})
    old, new = (p.read_text().split("\n") for p in (path, tmp_path / "o.star"))
    assert [len(line) for line in old] == [len(line) for line in new]


def test_a_source_is_not_written_over(tmp_path):
    path = made.save(tmp_path, WHOLE)
    table = FORMAT.read(path).table
    with pytest.raises(UserError, match="never written over"):
        table.write_changed(path, {})
    assert path.read_text() == WHOLE


def test_a_file_that_changed_since_is_not_copied_from(tmp_path):
    path = made.save(tmp_path, WHOLE)
    table = FORMAT.read(path).table
    path.write_text(WHOLE + "\n")
    with pytest.raises(UserError, match="changed"):
        table.write_changed(tmp_path / "out.star", {"rlnAngleRot": np.zeros(3)})
    assert not (tmp_path / "out.star").exists()


def test_a_cancelled_file_is_not_there(tmp_path):
    def stop(fraction, phrase):
        raise Cancelled

    table = FORMAT.read(made.save(tmp_path, WHOLE)).table
    with pytest.raises(Cancelled):
        table.write_changed(tmp_path / "out.star", {"rlnAngleRot": np.zeros(3)}, stop)
    assert not (tmp_path / "out.star").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"rlnAngleRot": np.zeros(4)},
        {"rlnNothing": np.zeros(3)},
    ],
)
def test_impossible_changes_are_mistakes(tmp_path, changes):
    table = FORMAT.read(made.save(tmp_path, WHOLE)).table
    with pytest.raises(ValueError, match="column"):
        table.write_changed(tmp_path / "out.star", changes)
