"""Poses and shifts after the map moved, against images and against other programs' numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.motion import Motion, about_centre, mirror, reversal
from shared_data import shared

RNG = np.random.default_rng(5)
POINTS = RNG.normal(size=(40, 3))
POSES = rotation.random(30, RNG)
ORIGINS = RNG.normal(size=(30, 2)) * 4


def images(q, origins, points):
    """Where points of a map stand in each particle's image: (A r)_xy - o."""
    return np.einsum("nij,pj->npi", rotation.to_matrix(q), points)[..., :2] - origins[:, None]


def moved_map(motion, points):
    return points @ motion.matrix.T + motion.shift


def any_turn():
    return rotation.to_matrix(rotation.random(1, RNG))[0]


MOTIONS = {
    "turn": Motion(any_turn()),
    "shift": Motion(shift=np.array([1.0, -2.0, 3.0])),
    "turn and shift": Motion(any_turn(), np.array([1.0, -2.0, 3.0])),
    "z mirror": Motion(mirror("z")),
    "x mirror and shift": Motion(mirror("x"), np.array([-1.0, 0.5, 2.0])),
    "y mirror": Motion(mirror("y")),
    "inversion and shift": Motion(mirror("inversion"), np.array([-1.0, 0.5, 2.0])),
    "any improper": Motion(-any_turn(), np.array([3.0, 1.0, -2.0])),
}


@pytest.mark.parametrize("name", MOTIONS)
def test_images_of_the_moved_map_from_the_new_poses_are_the_old_images(name):
    motion = MOTIONS[name]
    new_q, new_origins = motion.apply(POSES, ORIGINS)
    before = images(POSES, ORIGINS, POINTS)
    np.testing.assert_allclose(
        images(new_q, new_origins, moved_map(motion, POINTS)), before, atol=1e-12
    )


@pytest.mark.parametrize("name", MOTIONS)
def test_every_motion_is_a_turn_of_the_map_or_of_the_map_mirrored_in_z(name):
    motion = MOTIONS[name]
    assert np.linalg.det(motion.rotation) == pytest.approx(1.0)
    first = POINTS * [1, 1, -1] if motion.mirrors else POINTS
    turned = first @ motion.rotation.T + motion.shift
    np.testing.assert_allclose(turned, moved_map(motion, POINTS), atol=1e-12)


@pytest.mark.parametrize(("axis", "sign"), [("x", (-1, 1)), ("y", (1, -1))])
def test_mirrored_images_come_from_the_mirrored_map_of_the_same_hand(axis, sign):
    """A mirrored image shows the map from behind: the same map, turned by half about an axis."""
    motion = Motion(flip=axis)
    new_q, new_origins = motion.apply(POSES, ORIGINS)
    mirrored = images(POSES, ORIGINS, POINTS) * sign
    np.testing.assert_allclose(images(new_q, new_origins, POINTS), mirrored, atol=1e-12)
    np.testing.assert_allclose(motion.angle(np.array([10.0, -20.0])), [-10.0, 20.0])


@pytest.mark.parametrize("box", [6, 7])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_reversed_rows_of_an_even_box_move_the_image_by_a_pixel(box, axis):
    """np.flip takes the pixel i to box - 1 - i, so u about box // 2 goes to -u - 1 if even."""
    motion = Motion(flip=axis, flip_shift=1.0 if box % 2 == 0 else 0.0)
    _, origins = motion.apply(POSES, ORIGINS)
    along = "xy".index(axis)
    u = -ORIGINS[:, along]  # where a particle at the map's centre stands
    pixel = u + box // 2
    np.testing.assert_allclose(-origins[:, along] + box // 2, box - 1 - pixel, atol=1e-12)


@pytest.mark.parametrize("name", ["x", "y", "z", "inversion"])
@pytest.mark.parametrize("box", [6, 7])
def test_a_reversed_array_is_a_mirror_and_a_shift(name, box):
    where = np.arange(box**3).reshape(box, box, box)
    axes = {"x": 2, "y": 1, "z": 0, "inversion": (0, 1, 2)}[name]
    reversed_places = np.flip(where, axes)
    z, y, x = np.unravel_index(np.arange(box**3), where.shape)
    old = np.column_stack([x, y, z]) - box // 2
    new = np.rint(old @ mirror(name).T + reversal(name, box)).astype(int) + box // 2
    np.testing.assert_array_equal(reversed_places[new[:, 2], new[:, 1], new[:, 0]], where.ravel())


def test_subtomograms_follow_in_three_dimensions():
    origins = RNG.normal(size=(30, 3))
    motion = Motion(any_turn(), np.array([1.0, 2.0, -0.5]))
    new_q, new_origins = motion.apply(POSES, origins)
    a, b = rotation.to_matrix(POSES), rotation.to_matrix(new_q)
    before = np.einsum("nij,pj->npi", a, POINTS) - origins[:, None]
    after = np.einsum("nij,pj->npi", b, moved_map(motion, POINTS)) - new_origins[:, None]
    np.testing.assert_allclose(after, before, atol=1e-12)
    with pytest.raises(ValueError, match="cannot be mirrored"):
        Motion(mirror("z")).apply(POSES, origins)


def test_no_pose_stays_no_pose():
    q = POSES.copy()
    q[3] = np.nan
    new_q, _ = MOTIONS["z mirror"].apply(q, ORIGINS)
    assert np.isnan(new_q[3]).all()
    assert np.isfinite(np.delete(new_q, 3, axis=0)).all()


def test_a_motion_about_the_corner_is_one_about_the_centre_with_another_shift():
    turn, d, centre = any_turn(), np.array([5.0, -3.0, 2.0]), np.array([80.0, 80.0, 80.0])
    t = about_centre(turn, d, centre)
    np.testing.assert_allclose(
        POINTS @ turn.T + d, (POINTS - centre) @ turn.T + t + centre, atol=1e-12
    )


def test_the_reference_cases():
    """Seven motions, checked by the authors of the numbers with RELION's projector and pyem."""
    cases = json.loads(shared("vectors/align_flip_cases.json").read_text())
    assert len(cases) == 7
    for case in cases:
        motion = Motion(np.array(case["M"]), np.array(case["t_px"]))
        q = rotation.from_matrix(np.array(case["old_A"]))
        new_q, new_origins = motion.apply(q, np.array(case["old_origin_px"]))
        new_a = rotation.to_matrix(new_q)
        np.testing.assert_allclose(new_a, case["new_A"], atol=1e-12, err_msg=case["name"])
        np.testing.assert_allclose(new_origins, case["new_origin_px"], atol=1e-4)
