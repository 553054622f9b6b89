"""Following another distribution: in proportion to it where that can be, never twice the same."""

from __future__ import annotations

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


def test_bins_without_a_particle_are_left_out_of_account():
    bins = table([0, 5, 5, 10], [7, 1, 1, 1])
    np.testing.assert_array_equal(Like("x", short=0.0).quotas(bins), [0, 5, 5, 5])
    rest = table(bins.counts[1:], bins.wanted[1:])
    for short in (0.0, 10.0, 40.0, 70.0, 100.0):
        strategy = Like("x", short=short)
        np.testing.assert_array_equal(strategy.quotas(bins)[1:], strategy.quotas(rest))


def test_the_defaults_work_where_much_of_the_other_file_has_no_particle():
    counts, wanted = np.full(1000, 20), np.full(1000, 10)
    counts[:138] = 0
    quotas = Like("x").quotas(table(counts, wanted))
    np.testing.assert_array_equal(quotas, counts)


def test_views_of_which_none_are_wanted_are_told():
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


@settings(max_examples=25, deadline=None)
@given(two_files(), st.floats(0, 100))
def test_cut_bins_are_in_proportion_up_to_any_of_them(bins, short):
    strategy = Like("x", short=short)
    try:
        quotas = strategy.quotas(bins)
    except UserError:
        return
    np.testing.assert_array_equal(quotas[~bins.selected], bins.counts[~bins.selected])
    np.testing.assert_array_equal(quotas[bins.selected & (bins.wanted == 0)], 0)
    left = strategy.shares(bins) * bins.counts
    assert (np.abs(quotas - left) < 1).all()
    assert (np.abs(np.cumsum(quotas - left)) <= 0.5 + 1e-6).all()
    cut = (left < bins.counts) & (bins.wanted > 0)
    if cut.any():
        levels = left[cut] / bins.wanted[cut]
        np.testing.assert_allclose(levels, levels[0])
        full = bins.selected & ~cut & (bins.wanted > 0)
        assert (bins.counts[full] <= levels[0] * bins.wanted[full] * (1 + 1e-9)).all()


def twenty_to_one(a_bin: float):
    """An example with 20 times as many particles in one half of the bins as in the other."""
    rng = np.random.default_rng(0)
    crowded = np.arange(3072) < 1536
    wanted = rng.poisson(np.where(crowded, 200.0, 10.0))
    return table(rng.poisson(a_bin, 3072), wanted), crowded


@pytest.mark.parametrize(
    "strategy", [Like("x", 1.0), Like("x", 5.0), Like("x", 10.0), LikeNumber("x", 3000)]
)
def test_the_proportion_holds_where_rare_views_have_less_than_one_particle_a_bin(strategy):
    bins, crowded = twenty_to_one(8.0)
    quotas = strategy.quotas(bins)
    rare = quotas[~crowded].sum()
    wanted = bins.wanted[crowded].sum() / bins.wanted[~crowded].sum()
    assert rare < 1536
    # Short of the crowded bins may fall what may fall short.
    lacking = getattr(strategy, "short", 1.0) / 100
    assert quotas[crowded].sum() / rare == pytest.approx(wanted, rel=3 / np.sqrt(rare) + lacking)


@pytest.mark.parametrize("strategy", [Like("x", 10.0), LikeNumber("x", 3000)])
def test_a_tenth_of_the_bins_has_a_tenth_of_what_all_keep(strategy):
    bins = table([10] * 1000, [1] * 1000)
    few = LikeNumber("x", 300).quotas(bins)
    np.testing.assert_array_equal(few.reshape(10, 100).sum(axis=1), 30)
    assert strategy.quotas(bins).sum() in (3000, 10_000)


@pytest.mark.parametrize("strategy", [Like("x", 10.0), LikeNumber("x", 3000)])
def test_shares_do_not_depend_on_rounding(strategy):
    bins, _ = twenty_to_one(8.0)
    some = bins.counts > 0
    shares = strategy.shares(bins)
    cut = some & (shares < 1)
    levels = (shares * bins.counts)[cut] / bins.wanted[cut]
    np.testing.assert_allclose(levels, levels[0])


@settings(max_examples=25, deadline=None)
@given(two_files(), st.integers(1, 5000))
def test_exactly_the_number_stays(bins, particles):
    try:
        quotas = LikeNumber("x", particles).quotas(bins)
    except UserError:
        return
    assert quotas.sum() == particles
    assert np.all((quotas >= 0) & (quotas <= bins.counts))
