"""Where a map comes to lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import MIRROR_Z, Motion

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pose:
    """The point x of a map, mirrored in z first where `flipped`, lies at ``rotation @ x + shift``.

    Attributes
    ----------
    rotation
        G (3, 3), proper.
    shift
        t (3,) Å. Both are about the centre voxels N // 2 of the two maps.
    flipped
        Whether the map's hand is changed.
    score
        How well it fits; comparable only between poses of one stage.
    """

    rotation: Floats
    shift: Floats
    flipped: bool = False
    score: float = 0.0

    @property
    def matrix(self) -> Floats:
        """M (3, 3), of determinant -1 where flipped."""
        return self.rotation @ MIRROR_Z if self.flipped else self.rotation

    @property
    def motion(self) -> Motion:
        """As the motion of the map that poses follow."""
        return Motion(self.matrix, self.shift)

    @property
    def angle(self) -> float:
        """Degrees of the turn."""
        return angle_of(self.rotation)

    def within(self, max_angle: float, max_shift: float) -> bool:
        """Whether it keeps to the limits, in degrees and Å."""
        return self.angle <= max_angle and float(np.linalg.norm(self.shift)) <= max_shift

    def near(self, other: Pose, degrees: float) -> bool:
        """Whether it is another's but for so small a turn."""
        turn = angle_of(self.rotation.T @ other.rotation)
        return self.flipped == other.flipped and turn <= degrees

    @classmethod
    def of_matrix(cls, matrix: Floats, shift: Floats, score: float = 0.0) -> Pose:
        """That of M of either determinant."""
        motion = Motion(matrix, shift)
        return cls(motion.rotation, shift, motion.mirrors, score)


def angle_of(rotation: Floats) -> float:
    """Degrees, exact for the smallest turns, too."""
    off = np.array(
        [
            rotation[2, 1] - rotation[1, 2],
            rotation[0, 2] - rotation[2, 0],
            rotation[1, 0] - rotation[0, 1],
        ]
    )
    return math.degrees(math.atan2(float(np.linalg.norm(off)), float(np.trace(rotation)) - 1.0))


def distinct(poses: list[Pose], degrees: float) -> list[Pose]:
    """The poses in their order, without those that are near one before them."""
    kept: list[Pose] = []
    for pose in poses:
        if not any(pose.near(other, degrees) for other in kept):
            kept.append(pose)
    return kept
