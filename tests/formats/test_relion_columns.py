"""Whole columns of a star file are what its cells say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_star as made
from evenview.core.errors import MalformedFileError, UserError
from evenview.formats.relion_star import FORMAT

WORDS = st.sampled_from(["a", "a.mrcs", "b b", "", "12@", "@x", "é", "7", "'", "aa", "a@b@c"])


def table_of(folder, rows, labels=(*made.LABELS[1:4], "t", "v")):
    return FORMAT.read(made.save(folder, made.particles(rows, labels))).table


@given(st.lists(WORDS, min_size=1, max_size=60))
def test_texts_are_those_of_the_cells_each_word_once(tmp_path_factory, texts):
    table = table_of(
        tmp_path_factory.mktemp("t"), [f'{k + 1} 2 3 "{t}" 1' for k, t in enumerate(texts)]
    )
    names = table.names("t")
    assert names.texts() == texts
    assert names.words == tuple(dict.fromkeys(text for text in texts if text))


@given(st.lists(st.tuples(st.integers(0, 10**9), WORDS), min_size=1, max_size=60))
def test_images_are_a_place_and_a_stack(tmp_path_factory, images):
    rows = [f'{k + 1} 2 3 "{i:06d}@{t}" 1' for k, (i, t) in enumerate(images)]
    found = table_of(tmp_path_factory.mktemp("t"), rows).images("t")
    assert found.index.tolist() == [i for i, _ in images]
    assert found.stacks.texts() == [t for _, t in images]


@pytest.mark.parametrize("name", ["a.mrc", "@a", "x1@a", "12", "-1@a", "1.5@a"])
def test_a_name_without_a_place_is_a_file_of_its_own(tmp_path, name):
    found = table_of(tmp_path, [f"1 2 3 {name} 1"]).images("t")
    assert found.index.tolist() == [0]
    assert found.stacks.texts() == [name]


def test_many_texts_are_told_apart(tmp_path):
    n = 100_000
    table = table_of(tmp_path, [f"1 2 3 {k % 70_000}@s{k % 997} {k}" for k in range(n)])
    names = table.names("t")
    assert names.texts() == [f"{k % 70_000}@s{k % 997}" for k in range(n)]
    assert len(table.images("t").stacks.words) == 997
    np.testing.assert_array_equal(table.floats(["v"])["v"], np.arange(n))


def test_numbers_are_exact_and_may_be_missing(tmp_path):
    cells = ["nan", "<NA>", "0.12345678901234567890123", "-1e3", '"7"']
    table = table_of(tmp_path, [f"{k + 1} 2 3 a {cell}" for k, cell in enumerate(cells)])
    found = table.floats(["v", "rlnAngleRot"])
    np.testing.assert_array_equal(found["v"], [np.nan, np.nan, 0.12345678901234567890123, -1e3, 7])
    np.testing.assert_array_equal(found["rlnAngleRot"], [1, 2, 3, 4, 5])


def test_a_word_among_numbers_is_named_by_its_place(tmp_path):
    with pytest.raises(MalformedFileError, match=r"line \d+, column 5 \(v\)"):
        table_of(tmp_path, ["1 2 3 a 1", "1 2 4 a x"]).floats(["v"])


def test_a_file_that_changed_since_is_not_read_on(tmp_path):
    table = table_of(tmp_path, ["1 2 3 a 1"])
    made.save(tmp_path, "data_\n")
    for look in (lambda: table.floats(["v"]), lambda: table.names("t"), lambda: table.images("t")):
        with pytest.raises(UserError, match="changed"):
            look()
