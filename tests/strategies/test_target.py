from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.strategies.target import Target


@st.composite
def bins_and_target(draw):
    n = draw(st.integers(1, 50))
    counts = np.array(draw(st.lists(st.integers(0, 2000), min_size=n, max_size=n)), np.int64)
    areas = np.array(draw(st.lists(st.floats(0.01, 2), min_size=n, max_size=n)))
    selected = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    fixed = int(counts[~selected].sum())
    target = draw(st.integers(max(fixed, 1), max(int(counts.sum()), 1)))
    return BinTable(counts, areas, selected), target


@given(bins_and_target())
def test_exactly_the_target_stays(case):
    bins, target = case
    if bins.counts.sum() == 0:
        return
    assert Target(target).quotas(bins).sum() == target


@given(bins_and_target())
def test_no_bin_that_was_cut_lies_a_particle_above_another_that_lost_some(case):
    bins, target = case
    if bins.counts.sum() == 0:
        return
    quotas = Target(target).quotas(bins)
    cut = quotas < bins.counts
    if cut.any():
        lowest_top = ((quotas[cut] + 1) / bins.areas[cut]).min()
        free = bins.selected
        assert np.all((quotas[free] - 1) / bins.areas[free] <= lowest_top * (1 + 1e-9))


def test_the_fullest_go_first():
    bins = BinTable(np.array([1, 2, 30, 40]), np.ones(4), np.ones(4, np.bool_))
    np.testing.assert_array_equal(Target(23).quotas(bins), [1, 2, 10, 10])
    np.testing.assert_array_equal(Target(24).quotas(bins), [1, 2, 11, 10])


def test_unreachable_targets_say_why():
    bins = BinTable(np.array([10, 20]), np.ones(2), np.array([True, False]))
    with pytest.raises(UserError, match="only 30 are there"):
        Target(31).quotas(bins)
    with pytest.raises(UserError, match="20 particles outside the selection"):
        Target(19).quotas(bins)
