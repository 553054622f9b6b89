"""Eight numbers at a time do what one at a time would."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from evenview.core.kernels.lanes import added, joined, nothing, stored


@njit
def weighted(rows, at, weights, out):
    """Rows of eight from `at` on, weighted by column and by row, as the kernels have them."""
    total = nothing()
    for c in range(weights.shape[1]):
        part = nothing()
        for b in range(weights.shape[1]):
            part = added(part, weights[0, b], rows, at[c, b])
        total = joined(total, weights[1, c], part)
    stored(total, out, 1)


def test_sums_of_weighted_rows():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=100).astype(np.float32)
    at = rng.integers(0, 92, size=(3, 3))  # none of them aligned to anything
    weights = rng.normal(size=(2, 3)).astype(np.float32)
    out = np.full(10, 7.0, np.float32)
    weighted(rows, at, weights, out)
    expected = sum(
        weights[1, c] * weights[0, b] * rows[at[c, b] : at[c, b] + 8]
        for c in range(3)
        for b in range(3)
    )
    np.testing.assert_allclose(out[1:9], expected, atol=1e-5)
    assert out[0] == out[9] == 7.0


@pytest.mark.parametrize(
    "rows", [np.zeros(20), np.zeros(40, np.float32)[::2], np.zeros((2, 20), np.float32)]
)
def test_other_rows_are_refused(rows):
    out = np.zeros(10, np.float32)
    with pytest.raises(TypeError, match="row of float32"):
        weighted(rows, np.zeros((1, 1), np.int64), np.ones((2, 1), np.float32), out)
