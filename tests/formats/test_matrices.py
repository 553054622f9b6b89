"""Matrices that are nearly rotations become the nearest ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from evenview.formats.matrices import orthogonal


@given(st.integers(0, 2**32 - 1), st.floats(0, 1e-3))
def test_they_are_the_orthogonal_factor_of_scipys_singular_values(seed, size):
    rng = np.random.default_rng(seed)
    rounded = Rotation.random(20, rng).as_matrix() + size * rng.uniform(-1, 1, (20, 3, 3))
    u, _, v = np.linalg.svd(rounded)
    nearest, distances = orthogonal(rounded)
    np.testing.assert_allclose(nearest, u @ v, atol=1e-12)
    assert (distances <= 8 * size + 1e-12).all()


def test_nan_stays_and_other_matrices_are_told():
    matrices = np.array([np.eye(3), 2 * np.eye(3), np.full((3, 3), np.nan), np.full((3, 3), 1e300)])
    nearest, distances = orthogonal(matrices)
    np.testing.assert_array_equal(nearest[0], np.eye(3))
    assert distances[0] == 0
    assert distances[1] == 3
    assert np.isnan(nearest[2]).all()
    assert not distances[3] < 1
