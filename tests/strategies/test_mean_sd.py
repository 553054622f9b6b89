from __future__ import annotations

import numpy as np

from evenview.core.thinning import BinTable
from evenview.strategies.mean_sd import MeanSd


def table(counts, areas):
    counts = np.asarray(counts, np.int64)
    return BinTable(counts, np.asarray(areas, float), np.ones(len(counts), np.bool_))


def test_empty_bins_do_not_count():
    # Of 2, 4, 4, 4, 5, 5, 7, 9 the mean is 5 and the standard deviation 2: a classic.
    counts = [2, 4, 4, 4, 5, 5, 7, 9, 0, 0, 0]
    quotas = MeanSd(1.0).quotas(table(counts, np.ones(11)))
    np.testing.assert_array_equal(quotas, [2, 4, 4, 4, 5, 5, 7, 7, 0, 0, 0])


def test_even_bins_have_no_deviation_and_lose_nothing():
    np.testing.assert_array_equal(MeanSd(0.0).quotas(table([6, 6, 12], [1, 1, 2])), [6, 6, 12])


def test_cutting_a_bin_in_two_does_not_move_the_level():
    whole = MeanSd(1.0).quotas(table([4, 4, 4, 40], [1, 1, 1, 1]))
    parts = MeanSd(1.0).quotas(table([4, 4, 4, 20, 20], [1, 1, 1, 0.5, 0.5]))
    assert parts[3] + parts[4] - whole[3] in (0, 1)
