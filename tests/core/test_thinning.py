"""Parts of particles made whole, bin after bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evenview.core.thinning import water_level, whole_numbers

NUMBERS = st.one_of(st.floats(0, 50), st.integers(0, 50).map(float), st.just(0.5))


@given(arrays(float, st.integers(1, 80), elements=NUMBERS))
def test_running_sums_stay_and_whole_numbers_too(values):
    whole = whole_numbers(values)
    assert (np.abs(whole - values) < 1).all()
    np.testing.assert_array_equal(
        whole[values == np.rint(values)], values[values == np.rint(values)]
    )
    assert (np.abs(np.cumsum(whole - values)) <= 0.5 + 1e-6).all()


@pytest.mark.parametrize("noise", [-1e-12, 1e-12])
def test_noise_makes_no_particle_that_is_not_there(noise):
    values = np.tile([0.5, 5.0 + noise], 500)
    assert whole_numbers(values)[1::2].tolist() == [5] * 500


@given(
    arrays(np.int64, st.integers(1, 60), elements=st.integers(0, 3000)),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
)
def test_a_level_found_for_a_sum_gives_that_sum(counts, seed, part):
    weights = np.random.default_rng(seed).uniform(0.01, 5, len(counts))
    total = int(part * counts.sum())
    level = np.minimum(counts, water_level(counts, weights, total) * weights)
    quotas = whole_numbers(level)
    assert quotas.sum() == total
    assert (quotas <= counts).all()
