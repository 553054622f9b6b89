"""Following another distribution: in proportion to it where that can be, never twice the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.strategies.like import Like
from evenview.strategies.like_number import LikeNumber


def table(counts, wanted, selected=None):
    n = len(counts)
    free = np.ones(n, np.bool_) if selected is None else np.asarray(selected)
    wanted = None if wanted is None else np.asarray(wanted, float)
    return BinTable(np.asarray(counts, np.int64), np.ones(n), free, wanted=wanted)


def test_the_kept_are_in_proportion_and_as_many_as_can_be():
    bins = table([100, 100, 100], [1, 2, 4])
    np.testing.assert_array_equal(Like("x", short=0.0).quotas(bins), [25, 50, 100])


def test_a_bin_that_is_almost_empty_may_fall_short():
    counts, wanted = [1, *[100] * 19], [100] * 20
    assert Like("x", short=0.0).quotas(table(counts, wanted)).max() == 1
    np.testing.assert_array_equal(Like("x", short=5.0).quotas(table(counts, wanted)), counts)


def test_views_that_the_other_file_does_not_have_go():
    bins = table([50, 50, 50], [1, 1, 0])
    np.testing.assert_array_equal(Like("x", short=0.0).quotas(bins), [50, 50, 0])
    np.testing.assert_array_equal(LikeNumber("x", 60).quotas(bins), [30, 30, 0])


def test_without_a_file_all_views_are_wanted_alike():
    bins = table([10, 20, 40], None)
    np.testing.assert_array_equal(Like(short=0.0).quotas(bins), [10, 10, 10])
    np.testing.assert_array_equal(LikeNumber(particles=50).quotas(bins), [10, 20, 20])


def test_what_is_not_there_is_said_with_how_much_to_let_go():
    bins = table([0, 5, 5, 5], [1, 1, 1, 1])
    with pytest.raises(UserError, match=r"25\.0% of the wanted") as told:
        Like("x", short=10.0).quotas(bins)
    assert "at least 25%" in str(told.value)
    np.testing.assert_array_equal(Like("x", short=25.0).quotas(bins), bins.counts)
    with pytest.raises(UserError, match="None of these"):
        Like("x", short=0.0).quotas(table([5, 0], [0, 5]))


def test_numbers_that_cannot_be_had_say_why():
    with pytest.raises(UserError, match="only 30 have a view"):
        LikeNumber("x", 31).quotas(table([10, 20, 99], [1, 1, 0]))
    with pytest.raises(UserError, match="only 129 are there"):
        LikeNumber(particles=130).quotas(table([10, 20, 99], None))
    with pytest.raises(UserError, match="outside the selection"):
        LikeNumber("x", 9).quotas(table([10, 20], [1, 1], [False, True]))


@pytest.mark.parametrize("strategy", [Like("dir/other.star"), LikeNumber("dir/other.star", 1)])
def test_a_file_that_is_not_open_or_empty_is_named(strategy):
    with pytest.raises(UserError, match=r"other\.star.* is not open"):
        strategy.quotas(table([5, 5], None))
    with pytest.raises(UserError, match=r"other\.star.* no particle"):
        strategy.quotas(table([5, 5], [0, 0]))


@st.composite
def two_files(draw):
    n = draw(st.integers(1, 30))
    numbers = st.one_of(st.just(0), st.integers(0, 20), st.integers(0, 3000))
    counts, wanted = (draw(st.lists(numbers, min_size=n, max_size=n)) for _ in range(2))
    selected = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return table(counts, wanted, selected)


@settings(max_examples=60, deadline=None)
@given(two_files(), st.floats(0, 100))
def test_no_cut_bin_lies_above_another_in_proportion_and_again_changes_nothing(bins, short):
    strategy = Like("x", short=short)
    try:
        quotas = strategy.quotas(bins)
    except UserError:
        return
    np.testing.assert_array_equal(quotas[~bins.selected], bins.counts[~bins.selected])
    cut = quotas < bins.counts
    if (cut & (bins.wanted > 0)).any():
        level = ((quotas - 1) / np.maximum(bins.wanted, 1))[cut & (bins.wanted > 0)].max()
        stay = cut & (bins.wanted > 0)
        assert np.all(quotas[stay] / bins.wanted[stay] >= level * (1 - 1e-9))
    again = strategy.quotas(dataclasses.replace(bins, counts=quotas))
    np.testing.assert_array_equal(again, quotas)


@settings(max_examples=60, deadline=None)
@given(two_files(), st.integers(1, 5000))
def test_exactly_the_number_stays(bins, particles):
    try:
        quotas = LikeNumber("x", particles).quotas(bins)
    except UserError:
        return
    assert quotas.sum() == particles
    assert np.all((quotas >= 0) & (quotas <= bins.counts))
