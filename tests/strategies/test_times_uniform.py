from __future__ import annotations

import numpy as np

from evenview.core.thinning import BinTable
from evenview.strategies.times_uniform import TimesUniform


def table(counts, areas=None, selected=None):
    counts = np.asarray(counts, np.int64)
    n = len(counts)
    return BinTable(
        counts,
        np.ones(n) if areas is None else np.asarray(areas, float),
        np.ones(n, np.bool_) if selected is None else np.asarray(selected),
    )


def test_one_bin_with_everything_is_cut_to_k_means():
    np.testing.assert_array_equal(TimesUniform(2.0).quotas(table([0, 0, 0, 100])), [0, 0, 0, 50])


def test_uniform_data_lose_nothing_at_one():
    counts = [10, 20, 5]
    np.testing.assert_array_equal(TimesUniform(1.0).quotas(table(counts, [1, 2, 0.5])), counts)


def test_uniform_is_that_of_all_bins_whatever_is_selected():
    one_bin = [False, False, False, True]
    quotas = TimesUniform(1.0).quotas(table([40, 0, 20, 100], selected=one_bin))
    np.testing.assert_array_equal(quotas, [40, 0, 20, 40])
