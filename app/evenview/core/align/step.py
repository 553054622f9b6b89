"""Steps of Gauss and Newton: what their normal equations say, and the pose that comes after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.align.pose import Pose

Floats = NDArray[np.float64]

_LONGEST = 0.2
_DAMPING = 1e-3


def solved(normal: Floats, right: Floats) -> Floats:
    """(6,) the step of normal equations (6, 6) and (6,), but no longer than can be trusted."""
    if not (np.diag(normal) > 0).all():
        return np.zeros(6)
    return shortened(np.asarray(np.linalg.solve(damped(normal), right)))


def damped(normal: Floats) -> Floats:
    """Normal equations (6, 6) whose step is a little shorter."""
    return np.asarray(normal + np.diag(_DAMPING * np.diag(normal)))


def shortened(step: Floats) -> Floats:
    """A step (6,) that turns by no more than can be trusted."""
    turn = float(np.linalg.norm(step[:3]))
    return np.asarray(step * min(1.0, _LONGEST / turn) if turn > 0 else step)


def moved(pose: Pose, step: Floats, side: float) -> Pose:
    """A pose after a step (radians, sides of the box) about the moving map's centre voxel."""
    turn = turn_by(step[:3]) @ pose.rotation
    left, _, right = np.linalg.svd(turn)
    return Pose(left @ right, pose.shift + step[3:] * side, pose.flipped)


def further(pose: Pose, step: Floats, side: float) -> Pose:
    """A pose after a step (radians, sides of the box) about the reference's centre voxel."""
    turned = moved(pose, np.concatenate([step[:3], np.zeros(3)]), side)
    return replace(turned, shift=turn_by(step[:3]) @ pose.shift + step[3:] * side)


def turn_by(vector: Floats) -> Floats:
    """(3, 3) of a rotation vector in radians."""
    angle = float(np.linalg.norm(vector))
    if angle == 0.0:
        return np.eye(3)
    q = rotation.from_axis_angle(vector[None], np.degrees([angle]))
    return np.asarray(rotation.to_matrix(q)[0])


def vector_of(turn: Floats) -> Floats:
    """(3,) the rotation vector, radians, of a matrix (3, 3)."""
    axis, angle = rotation.to_axis_angle(rotation.from_matrix(turn[None]))
    return np.asarray(axis[0] * np.radians(angle[0]))
