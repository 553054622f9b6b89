from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.strategies.percentile import Percentile


def table(counts, areas=None):
    counts = np.asarray(counts, np.int64)
    areas = np.ones(len(counts)) if areas is None else np.asarray(areas, float)
    return BinTable(counts, areas, np.ones(len(counts), np.bool_))


def test_bins_above_the_percentile_are_cut_to_the_bin_there():
    quotas = Percentile(80.0).quotas(table([1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 100]))
    np.testing.assert_array_equal(quotas, [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9])


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=192), st.floats(0, 100))
def test_on_equal_areas_the_cap_is_numpys_lower_percentile(counts, percentile):
    quotas = Percentile(percentile).quotas(table(counts))
    cap = int(np.percentile(counts, percentile, method="lower"))
    # A percentile a rounding error below an actual bin is that bin.
    near = int(np.percentile(counts, min(100, percentile + 1e-6), method="lower"))
    assert quotas.max() in {cap, near}
    np.testing.assert_array_equal(quotas, np.minimum(counts, quotas.max()))


def test_between_two_bins_it_is_the_lower_one():
    np.testing.assert_array_equal(Percentile(50.0).quotas(table([10, 20])), [10, 10])


def test_at_100_nothing_is_cut():
    counts = [3, 0, 7, 5000]
    np.testing.assert_array_equal(Percentile(100.0).quotas(table(counts)), counts)


def test_unequal_areas_are_compared_by_density():
    # Densities 10, 10, 10, 40: the half-size bin with 20 particles is the crowded one.
    quotas = Percentile(50.0).quotas(table([10, 20, 5, 20], [1, 2, 0.5, 0.5]))
    np.testing.assert_array_equal(quotas, [10, 20, 5, 5])


def test_an_empty_percentile_bin_is_an_error_that_says_which_percentile_would_do():
    bins = table([0] * 95 + [10, 20, 30, 40, 50, 60])
    with pytest.raises(UserError, match="at least 95,"):
        Percentile(80.0).quotas(bins)
    assert Percentile(95.0).quotas(bins).max() == 10


def test_without_any_particle_there_is_nothing_to_thin():
    with pytest.raises(UserError, match="nothing to thin"):
        Percentile(80.0).quotas(table([0, 0, 0]))


def test_statistics_are_taken_over_all_bins_not_only_the_selected():
    counts = np.array([1, 2, 3, 100, 200], np.int64)
    selected = np.array([False, False, False, True, True])
    quotas = Percentile(50.0).quotas(BinTable(counts, np.ones(5), selected))
    np.testing.assert_array_equal(quotas, [1, 2, 3, 3, 3])
