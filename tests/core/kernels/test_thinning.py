from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evenview.core.kernels.thinning import keep_first


def twin(groups, quotas, first, second):
    """One sort of all rows, and their place within the group."""
    order = np.lexsort((np.arange(len(groups)), second, first, groups))
    kept = np.ones(len(groups), np.bool_)
    for group, quota in enumerate(quotas):
        members = order[groups[order] == group]
        kept[members[quota:]] = False
    return kept


@settings(max_examples=200, deadline=None)
@given(
    n=st.integers(0, 200),
    n_groups=st.integers(1, 8),
    spread=st.sampled_from([1, 3, 1000]),
    seed=st.integers(0, 10_000),
)
def test_it_keeps_the_head_of_a_sorted_list(n, n_groups, spread, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(-1, n_groups, n).astype(np.int32)
    quotas = rng.integers(0, 40, n_groups)
    first = rng.integers(0, spread, n).astype(np.uint64)
    second = rng.integers(0, 4, n).astype(np.uint64)
    np.testing.assert_array_equal(
        keep_first(groups, quotas, first, second), twin(groups, quotas, first, second)
    )


def test_ranks_use_all_64_bits():
    first = np.array([2**64 - 1, 2**63, 2**63 - 1, 2**64 - 2], np.uint64)
    kept = keep_first(np.zeros(4, np.int32), np.array([2]), first, first)
    np.testing.assert_array_equal(kept, [False, True, True, False])
