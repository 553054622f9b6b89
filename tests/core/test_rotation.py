from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation
from scipy.stats import kstest

from evenview.core import rotation

IDENTITY = (1.0, 0.0, 0.0, 0.0)

quaternions = (
    arrays(np.float64, (5, 4), elements=st.floats(-1, 1))
    .filter(lambda q: np.linalg.norm(q, axis=1).min() > 0.1)
    .map(lambda q: q / np.linalg.norm(q, axis=1, keepdims=True))
)


def scipy_of(q):
    return Rotation.from_quat(np.asarray(q), scalar_first=True)


@given(quaternions, quaternions)
def test_composition_is_that_of_the_matrices(a, b):
    product = (scipy_of(a) * scipy_of(b)).as_matrix()
    np.testing.assert_allclose(rotation.to_matrix(rotation.compose(a, b)), product, atol=1e-14)


@given(quaternions)
def test_matrices_are_those_of_scipy(q):
    np.testing.assert_allclose(rotation.to_matrix(q), scipy_of(q).as_matrix(), atol=1e-14)


@given(quaternions)
def test_matrix_and_back_is_the_same_quaternion(q):
    back = rotation.from_matrix(rotation.to_matrix(q))
    # q and -q are the same rotation, so only |<q, q'>| = 1 must hold
    np.testing.assert_allclose(np.abs(np.sum(back * q, axis=1)), 1.0, atol=1e-14)
    np.testing.assert_allclose(rotation.to_matrix(back), rotation.to_matrix(q), atol=1e-14)


@given(quaternions)
def test_inverse_undoes(q):
    undone = rotation.compose(q, rotation.invert(q))
    np.testing.assert_allclose(undone, np.tile(IDENTITY, (5, 1)), atol=1e-14)


@given(quaternions, quaternions)
def test_angles_are_those_of_scipy_and_symmetric(a, b):
    expected = np.degrees((scipy_of(a).inv() * scipy_of(b)).magnitude())
    np.testing.assert_allclose(rotation.angle_between(a, b), expected, atol=1e-11)
    np.testing.assert_allclose(
        rotation.angle_between(a, b), rotation.angle_between(b, a), atol=1e-11
    )


@pytest.mark.parametrize("degrees", [0.0, 1e-9, 1.0, 90.0, 179.999999, 180.0])
def test_an_angle_about_one_axis_is_that_angle(degrees):
    half = np.radians(degrees) / 2
    q = [[np.cos(half), 0.0, np.sin(half), 0.0]]
    np.testing.assert_allclose(rotation.angle_between(IDENTITY, q), [degrees], atol=1e-13)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ((-1.0, 0.0, 0.0, 0.0), IDENTITY),
        ((0.0, -1.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0)),
        ((0.0, 0.0, -0.6, 0.8), (0.0, 0.0, 0.6, -0.8)),
        ((-0.0, 0.6, -0.8, 0.0), (0.0, 0.6, -0.8, 0.0)),
    ],
)
def test_one_sign_stands_for_both(q, expected):
    np.testing.assert_array_equal(rotation.canonical([q]), [expected])


def test_rows_of_nan_stay_nan_and_alone():
    q = np.array([IDENTITY, (np.nan,) * 4, (0.0, 1.0, 0.0, 0.0)])
    for result in (rotation.compose(q, q), rotation.invert(q), rotation.to_matrix(q)):
        bad = np.isnan(result).reshape(3, -1)
        assert bad[1].any()
        assert not bad[[0, 2]].any()


def test_random_rotations_are_uniform():
    q = rotation.random(20_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.norm(q, axis=1), 1.0, atol=1e-15)
    # Uniform rotations take any fixed direction to heights and azimuths that are uniform,
    # and turn by an angle whose density is (1 - cos) / pi.
    image = rotation.to_matrix(q) @ np.array([0.6, 0.0, 0.8])
    assert kstest(image[:, 2], "uniform", args=(-1, 2)).pvalue > 1e-3
    azimuth = np.arctan2(image[:, 1], image[:, 0])
    assert kstest(azimuth, "uniform", args=(-np.pi, 2 * np.pi)).pvalue > 1e-3
    angle = np.radians(rotation.angle_between(IDENTITY, q))
    assert kstest(angle, lambda t: (t - np.sin(t)) / np.pi).pvalue > 1e-3


def test_the_same_seed_gives_the_same_rotations():
    first, second = (rotation.random(10, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.floats(-1000, 1000))
def test_turns_about_axes_are_those_of_scipy(seed, degrees):
    axis = np.random.default_rng(seed).standard_normal((5, 3))
    unit = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    expected = Rotation.from_rotvec(np.radians(degrees) * unit).as_matrix()
    got = rotation.to_matrix(rotation.from_axis_angle(3.0 * axis, np.full(5, degrees)))
    np.testing.assert_allclose(got, expected, atol=1e-13)


@given(seeds)
def test_axis_and_angle_return_to_the_rotation(seed):
    q = rotation.random(20, np.random.default_rng(seed))
    axis, angle = rotation.to_axis_angle(q)
    np.testing.assert_allclose(np.linalg.norm(axis, axis=1), 1.0, atol=1e-15)
    np.testing.assert_allclose(
        np.radians(angle)[:, None] * axis,
        Rotation.from_quat(q, scalar_first=True).as_rotvec(),
        atol=1e-12,
    )
    again = rotation.from_axis_angle(axis, angle)
    np.testing.assert_allclose(rotation.angle_between(again, q), 0.0, atol=1e-9)


def test_tiny_turns_keep_their_axis_and_none_has_z():
    axis, angle = rotation.to_axis_angle([(1, 3e-20, 0, -4e-20), (1, 0, 0, 0), (0, 0, -2, 0)])
    np.testing.assert_allclose(axis, [(0.6, 0, -0.8), (0, 0, 1), (0, 1, 0)], atol=1e-15)
    np.testing.assert_allclose(angle, [np.degrees(1e-19), 0, 180], rtol=1e-14)
