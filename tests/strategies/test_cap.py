from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.grid import parse_grid
from evenview.core.thinning import BinTable
from evenview.strategies.cap import Cap


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60), st.integers(1, 500))
def test_no_bin_of_equal_area_holds_more_than_the_cap(counts, cap):
    counts = np.array(counts, np.int64)
    areas = np.full(len(counts), 4 * np.pi / len(counts))
    quotas = Cap(cap).quotas(BinTable(counts, areas, np.ones(len(counts), np.bool_)))
    np.testing.assert_array_equal(quotas, np.minimum(counts, cap))


def test_cells_of_different_size_end_at_one_density():
    grid = parse_grid("azel:10")
    counts = np.full(grid.n, 100_000, np.int64)
    quotas = Cap(1000).quotas(BinTable(counts, grid.areas, np.ones(grid.n, np.bool_)))
    density = quotas / grid.areas
    assert np.ptp(density) / density.mean() < 0.02
    assert abs(quotas.mean() - 1000) < 1


def test_it_begins_with_a_cap_that_takes_little():
    counts = np.concatenate([np.zeros(500), np.full(95, 3), np.full(5, 50)]).astype(np.int64)
    bins = BinTable(counts, np.full(600, 4 * np.pi / 600), np.ones(600, dtype=bool))
    begun = Cap.start(bins)
    quotas = begun.quotas(bins)
    assert (quotas[counts == 3] == 3).all()
    assert (quotas[counts == 50] < 50).all()
