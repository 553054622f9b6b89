"""The orientation tensor: known shapes, its test against chance, symmetry."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.symmetry import parse_group
from evenview.core.tensor import orientation_tensor
from made_views import cone, even, side, turned


def rng(seed=0):
    return np.random.default_rng(seed)


def tensor(v, group="C1"):
    return orientation_tensor(v.T @ v, len(v), parse_group(group))


@pytest.mark.parametrize(
    ("make", "shape", "values"),
    [
        (even, "even", (1 / 3, 1 / 3, 1 / 3)),
        (side, "girdle", (0.5, 0.5, 0.0)),
        (lambda n, r: cone(n, 1, r), "polar", (1.0, 0.0, 0.0)),
    ],
)
def test_pure_shapes(make, shape, values):
    found = tensor(make(20_000, rng()))
    assert found.shape == shape
    np.testing.assert_allclose(found.eigenvalues, values, atol=0.01)
    assert found.polar + found.girdle + found.random == pytest.approx(1.0)
    assert (found.chance > 0.01) == (shape == "even")


def test_the_axis_is_where_the_crowd_is():
    axis = np.array([0.36, -0.48, 0.8])
    v = cone(5_000, 20, rng())
    turn = np.linalg.qr(np.column_stack([axis, rng(1).normal(size=(3, 2))]))[0]
    turn[:, 0] *= np.sign(turn[:, 0] @ axis)
    found = tensor(v[:, [2, 0, 1]] @ turn.T)
    assert abs(found.axes[0] @ axis) > 0.999
    assert "along the axis" in found.words


def test_turning_keeps_eigenvalues_and_opposite_views_are_the_same():
    v = cone(5_000, 50, rng())
    expected = tensor(v).eigenvalues
    np.testing.assert_allclose(tensor(turned(v, rng(3))).eigenvalues, expected, atol=1e-9)
    np.testing.assert_allclose(tensor(-v).eigenvalues, expected, atol=1e-9)


@pytest.mark.parametrize("name", ["C3", "D2", "D7", "T", "O", "I1"])
def test_copies_count(name):
    v = turned(cone(3_000, 30, rng()), rng(5))
    copies = np.concatenate(list(parse_group(name).expand(v)))
    np.testing.assert_allclose(tensor(v, name).eigenvalues, tensor(copies).eigenvalues, atol=1e-9)


@pytest.mark.parametrize("name", ["T", "O", "I2"])
def test_cubic_groups_always_look_even(name):
    found = tensor(cone(3_000, 5, rng()), name)
    assert found.shape == "even"
    assert found.chance == 1.0


@pytest.mark.parametrize("name", ["C1", "C2", "C5", "D2", "D7"])
def test_chance_is_uniform_for_even_views(name):
    chances = np.sort([tensor(even(400, rng(seed)), name).chance for seed in range(200)])
    expected = (np.arange(200) + 0.5) / 200
    assert np.abs(chances - expected).max() < 0.12  # Kolmogorov-Smirnov at 0.6 %


def test_few_even_views_are_not_called_a_crowd():
    assert tensor(even(12, rng(1))).shape == "even"
    assert orientation_tensor(np.zeros((3, 3)), 0, parse_group("C1")).shape == "even"
