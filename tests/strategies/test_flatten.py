from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.thinning import BinTable
from evenview.strategies.flatten import Flatten

COUNTS = st.lists(st.integers(0, 5000), min_size=1, max_size=60)


def table(counts, areas=None, selected=None):
    counts = np.asarray(counts, np.int64)
    areas = np.ones(len(counts)) if areas is None else np.asarray(areas, float)
    selected = np.ones(len(counts), np.bool_) if selected is None else np.asarray(selected)
    return BinTable(counts, areas, selected)


def test_at_full_strength_weighted_bins_have_one_density():
    bins = table([10, 40, 200, 50], [1, 1, 2, 0.5])
    weighted = Flatten(100.0, 0.1).shares(bins) * bins.counts
    np.testing.assert_allclose(weighted / bins.areas, 10)


def test_at_half_strength_the_contrast_is_its_root():
    bins = table([1, 100])
    weighted = Flatten(50.0, 0.1).shares(bins) * bins.counts
    assert weighted[1] / weighted[0] == pytest.approx(10)


def test_at_no_strength_all_stays():
    np.testing.assert_array_equal(Flatten(0.0).shares(table([1, 7, 1000])), 1)


def test_a_bin_of_one_particle_does_not_set_the_scale():
    shares = Flatten(100.0, 10.0).shares(table([1, 90, 100, 500, 1000]))
    np.testing.assert_allclose(shares, [1, 1, 1, 0.2, 0.1])


@given(COUNTS, st.floats(0, 100), st.floats(0.1, 100))
def test_weights_lie_between_the_least_and_one_and_fall_with_density(counts, strength, least):
    bins = table(counts)
    shares = Flatten(strength, least).shares(bins)
    assert (shares <= 1).all()
    assert (shares >= least / 100 - 1e-12).all()
    held = bins.counts > 0
    assert shares.max() == 1
    order = np.argsort(bins.counts[held], kind="stable")
    assert (np.diff(shares[held][order]) <= 1e-12).all()


@given(COUNTS, st.floats(0, 100), st.floats(0.1, 100))
def test_quotas_are_whole_numbers_and_never_half_a_particle_off_up_to_any_bin(
    counts, strength, least
):
    bins, chosen = table(counts), Flatten(strength, least)
    off = chosen.quotas(bins) - chosen.shares(bins) * bins.counts
    assert (np.abs(off) < 1).all()
    assert (np.abs(np.cumsum(off)) <= 0.5 + 1e-6).all()


def test_bins_that_keep_less_than_half_a_particle_keep_it_together():
    bins = table([2] * 1000 + [500], [0.0004] * 1000 + [1.0])
    assert Flatten(100.0, 0.1).shares(bins)[0] == pytest.approx(0.1)
    assert Flatten(100.0, 0.1).quotas(bins)[:1000].sum() == 200


@given(COUNTS, st.floats(0.01, 100.0))
def test_the_size_of_the_file_does_not_matter(counts, strength):
    once, tenfold = (Flatten(strength).shares(table(np.multiply(counts, k))) for k in (1, 10))
    np.testing.assert_allclose(once, tenfold, atol=1e-12)


def test_bins_that_may_not_be_thinned_keep_weight_one():
    shares = Flatten().shares(table([1, 1000, 1000], selected=[True, False, True]))
    np.testing.assert_allclose(shares, [1, 1, 0.1])
