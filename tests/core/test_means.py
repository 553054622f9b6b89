"""Distances between rotations and means of them: Hartley et al. 2013, and what must be true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import means, rotation

METRICS = list(means.METRICS)


def cloud(n: int = 200, spread: float = 10.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (n, 4) about one (4,), and that."""
    rng = np.random.default_rng(seed)
    centre = rotation.random(1, rng)[0]
    errors = Rotation.from_rotvec(np.radians(spread) * rng.normal(size=(n, 3)))
    return rotation.compose(centre, rotation.from_matrix(errors.as_matrix())), centre


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(rotation.angle_between(a[None], b[None])[0])


def test_distances_are_what_their_names_say():
    a, b = (
        rotation.random(100, np.random.default_rng(1)),
        rotation.random(100, np.random.default_rng(2)),
    )
    theta = rotation.angle_between(a, b)
    frobenius = np.linalg.norm(rotation.to_matrix(a) - rotation.to_matrix(b), axis=(1, 2))
    nearer = np.minimum(np.linalg.norm(a - b, axis=1), np.linalg.norm(a + b, axis=1))
    np.testing.assert_allclose(means.distance(theta, "chordal"), frobenius, atol=1e-12)
    np.testing.assert_allclose(means.distance(theta, "quaternion"), nearer, atol=1e-12)
    np.testing.assert_allclose(means.distance(theta, "geodesic"), np.radians(theta))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("power", [1, 2])
def test_no_rotation_nearby_has_a_smaller_sum(metric, power):
    q, _ = cloud()
    weights = np.random.default_rng(5).uniform(0.2, 2, len(q))
    found = means.mean(q, metric, power, weights)

    def total(at: np.ndarray) -> float:
        return float(weights @ means.distance(rotation.angle_between(at, q), metric) ** power)

    least = total(found)
    for axis in np.vstack([np.eye(3), -np.eye(3)]):
        step = rotation.from_axis_angle(axis[None], [0.05])[0]
        assert total(rotation.compose(found, step)) > least


def test_means_of_scipy_are_found():
    q, _ = cloud()
    scipy = Rotation.from_quat(q[:, [1, 2, 3, 0]]).mean().as_quat()[[3, 0, 1, 2]]
    assert apart(means.mean(q, "chordal", 2), scipy) < 1e-6


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("power", [1, 2])
def test_a_mean_turns_with_its_rotations(metric, power):
    q, _ = cloud()
    left, right = rotation.random(2, np.random.default_rng(4))
    turned = rotation.compose(rotation.compose(left, q), right)
    mean = means.mean(q, metric, power)
    expected = rotation.compose(rotation.compose(left, mean), right)
    assert apart(means.mean(turned, metric, power), expected) < 1e-5
    assert apart(means.mean(-q, metric, power), mean) < 1e-5
    assert apart(means.mean(q[:1], metric, power), q[0]) < 1e-6


def test_a_median_stays_where_a_third_is_wrong():
    q, centre = cloud(400, 2.0)
    q[:130] = rotation.random(130, np.random.default_rng(3))
    assert apart(means.mean(q, "geodesic", 1), centre) < 0.5
    assert apart(means.mean(q, "geodesic", 2), centre) > 0.5


def test_rows_without_a_pose_do_not_count():
    q, _ = cloud(50)
    gaps = np.vstack([q, np.full((3, 4), np.nan)])
    np.testing.assert_allclose(means.mean(gaps), means.mean(q))
    with pytest.raises(ValueError, match="needs a rotation"):
        means.mean(np.full((3, 4), np.nan))
