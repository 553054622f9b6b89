"""Limits of turn and shift: the best pose within them, and a word where a better one is beyond."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import NonlinearConstraint, minimize

import made_maps as made
from evenview.core.align.aligning import align
from evenview.core.align.limits import Limits
from evenview.core.align.pose import Pose, angle_of
from evenview.core.align.settings import Settings
from evenview.core.align.step import moved, turn_by, vector_of
from evenview.core.align.words import warnings

BOX, PIXEL, RADIUS = 36, 4.0, 42.0
AXIS, ALONG = [1.0, 2.0, -1.0], np.array([0.6, -0.64, 0.48])


def laid(angle, length, settings, flipped=True):
    """What is found of noisy maps that a turn and a shift (Å) lay over each other."""
    points, weights = made.chain(1, RADIUS)
    was = made.before(points, made.turn_about(AXIS, angle), ALONG * length, flipped)
    maps = (made.density(places, weights, (BOX,) * 3, PIXEL, 4.0) for places in (points, was))
    noisy = (made.noisy(values, 0.1, seed) for seed, values in enumerate(maps))
    return align(*(made.as_volume(values, PIXEL) for values in noisy), settings)


def off(found, angle, length):
    """Degrees and Å from a pose."""
    turn = found.pose.rotation @ made.turn_about(AXIS, angle).T
    return angle_of(turn), float(np.linalg.norm(found.pose.shift - ALONG * length))


def likeness(pose, angle, length):
    """The correlation of the molecule with itself, one laid over the other by a pose: exact."""
    points, weights = made.chain(1, RADIUS)
    was = made.before(points, made.turn_about(AXIS, angle), ALONG * length, True)
    there = was @ pose.matrix.T + pose.shift
    maps = (made.density(places, weights, (BOX,) * 3, PIXEL, 4.0) for places in (points, there))
    return np.corrcoef(*(values.ravel() for values in maps))[0, 1]


@pytest.mark.parametrize(
    ("angle", "length", "max_angle", "max_shift"),
    [
        (9.99, 3.0, 10.0, None),
        (4.0, 7.998, 20.0, 8.0),
        (5.0, 0.0, 20.0, 0.0),
        (0.0, 0.0, 3.0, 0.0),
    ],
)
def test_a_pose_just_within_the_limits_is_found(angle, length, max_angle, max_shift):
    found = laid(angle, length, Settings(max_angle=max_angle, max_shift=max_shift))
    assert found.pose.flipped
    turn, shift = off(found, angle, length)
    assert turn < 0.3
    assert shift < 0.05 * PIXEL
    assert not found.at_limit
    assert not warnings(found)


@pytest.mark.parametrize(
    ("angle", "length", "max_angle", "max_shift"),
    [
        (10.5, 3.0, 10.0, None),
        (13.0, 3.0, 10.0, None),
        (4.0, 8.6, 20.0, 8.0),
        (5.0, 1.0, 20.0, 0.0),
        (10.6, 8.6, 10.0, 8.0),
    ],
)
def test_a_pose_just_beyond_the_limits_is_held_at_them(angle, length, max_angle, max_shift):
    found = laid(angle, length, Settings(max_angle=max_angle, max_shift=max_shift))
    assert found.pose.flipped
    assert found.pose.angle <= max_angle
    assert max_shift is None or np.linalg.norm(found.pose.shift) <= max_shift
    drawn_back = Pose(
        made.turn_about(AXIS, min(angle, max_angle)),
        ALONG * (length if max_shift is None else min(length, max_shift)),
        flipped=True,
    )
    best = likeness(drawn_back, angle, length)
    assert best > 0.8
    assert likeness(found.pose, angle, length) > best - 0.005
    assert found.hand_margin is not None
    assert 0.2 < found.hand_margin < 1.0
    assert found.at_limit
    assert any("beyond the limits" in words for words in warnings(found))


def test_where_the_true_pose_is_far_beyond_the_limits_are_kept_and_it_is_told():
    found = laid(60.0, 9.0, Settings(max_angle=20.0, max_shift=4.0, hands="same"), flipped=False)
    assert found.pose.angle <= 20.0
    assert np.linalg.norm(found.pose.shift) <= 4.0
    assert not found.pose.flipped
    assert found.hand_margin is None
    assert warnings(found)


def test_of_an_unreliable_pose_hand_and_runners_up_are_no_question():
    found = laid(5.0, 0.0, Settings(max_angle=20.0))
    nearly = tuple(replace(one, score=0.95) for one in found.runners_up)
    open_ = replace(found, hand_margin=0.01, runners_up=nearly)
    assert len(warnings(open_)) == 1 + bool(open_.ambiguous)
    (one,) = warnings(replace(open_, likeness=0.1))
    assert "hardly correlate" in one


@pytest.mark.parametrize("limits", [Limits(12.0, 6.0), Limits(12.0, 0.0), Limits(180.0, 2.0)])
def test_a_step_is_the_best_one_within_the_limits(limits):
    """Against a general solver."""
    rng = np.random.default_rng(4)
    side, rows = 100.0, rng.normal(size=(30, 6))
    normal, wanted = rows.T @ rows, np.array([0.1, -0.08, 0.05, 0.06, 0.04, -0.07])
    pose = limits.held(Pose(made.turn_about(AXIS, 11.0), np.array([4.0, 2.0, -3.0])))
    step = limits.step(pose, normal, normal @ wanted, side)

    def after(steps):
        return moved(pose, steps, side)

    def lengths(steps):
        return [after(steps).angle, float(np.sum((pose.shift + steps[3:] * side) ** 2))]

    def error(steps):
        return 0.5 * (steps - wanted) @ normal @ (steps - wanted)

    least = minimize(
        error,
        np.zeros(6),
        method="SLSQP",
        constraints=NonlinearConstraint(lengths, -np.inf, [limits.angle, limits.shift**2 + 1e-8]),
        options={"maxiter": 500, "ftol": 1e-12},
    )
    np.testing.assert_allclose(step, least.x, atol=4e-3)
    assert limits.keep(limits.held(after(step)))


def test_a_pose_is_held_along_its_axis_and_shift():
    pose = Pose(made.turn_about(AXIS, 40.0), ALONG * 9.0)
    held = Limits(25.0, 4.0).held(pose)
    assert held.angle == pytest.approx(25.0)
    np.testing.assert_allclose(held.shift, ALONG * 4.0, rtol=1e-6)
    np.testing.assert_allclose(
        vector_of(held.rotation), vector_of(pose.rotation) * 25.0 / 40.0, atol=1e-7
    )
    np.testing.assert_allclose(turn_by(vector_of(pose.rotation)), pose.rotation, atol=1e-12)
