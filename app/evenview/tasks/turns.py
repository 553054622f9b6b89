"""Motions of the map as people say them: an axis and an angle, a matrix, a quaternion, settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import ORTHOGONAL, Motion, mirror
from evenview.core.settings import SettingTurn, group_of, turn_between
from evenview.core.symmetry import PointGroup, parse_group
from evenview.tasks.pose_file import cells, numbers

Array = NDArray[np.float64]

_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
_WHOLE = 1e-9


class Turn(NamedTuple):
    """``y = matrix x + shift``, the shift (3,) in Å or None where only the turn is said."""

    matrix: Array
    shift: Array | None = None


def about_axis(axis: str, angle: str) -> Turn:
    """By `angle` degrees, right-handed, about "x", "y", "z" or three numbers "x,y,z"."""
    (degrees,) = _numbers(angle, (1,), "an angle is one number, in degrees")
    vector = _AXES.get(axis.lower())
    if vector is None:
        what = f'the axis "{axis}" is neither x, y, z nor three numbers'
        found = _numbers(axis, (3,), what)
        if not np.linalg.norm(found) > 0:
            raise UserError("the axis has the length 0")
        vector = (found[0], found[1], found[2])
    q = rotation.from_axis_angle(np.array([vector]), [degrees])
    return Turn(_exact(rotation.to_matrix(q)[0]))


def of_matrix(text: str) -> Turn:
    """9 numbers row by row, or 12 with a shift at the end of each row; it may mirror.

    Raises `UserError` where it is not orthogonal to `ORTHOGONAL`; the nearest matrix that is comes
    back.
    """
    values = _numbers(text, (9, 12), "a matrix has 9 numbers, or 12 with the shift")
    rows = np.array(values).reshape(3, -1)
    matrix = rows[:, :3]
    off = np.abs(matrix @ matrix.T - np.eye(3)).max()
    if not off <= ORTHOGONAL:
        raise UserError(
            f"the matrix does more than turn or mirror: M Mᵀ differs from the unit matrix by "
            f"{off:.2g}",
            hint="Its rows must have length 1 and stand at right angles: was the map scaled?",
        )
    left, _, right = np.linalg.svd(matrix)
    near = matrix if off < 1e-14 else left @ right
    return Turn(_exact(near), rows[:, 3] if rows.shape[1] == 4 else None)


def of_quaternion(text: str) -> Turn:
    """w, x, y, z of the turn, of any length but 0."""
    values = _numbers(text, (4,), "a quaternion has 4 numbers: w x y z")
    length = float(np.linalg.norm(values))
    if not length > 0:
        raise UserError("the quaternion has the length 0")
    return Turn(_exact(rotation.to_matrix(np.array([values]) / length)[0]))


def between_settings(old: str, new: str) -> SettingTurn:
    """From one setting of a point group to another, each a group's name or PACKAGE:NAME.

    Raises `UserError` where one is not known, or they are not settings of one group, or the same.
    """
    first, second = (_group(name) for name in (old, new))
    turn = turn_between(first, second)
    if turn.angle == 0.0:
        raise UserError(
            f"{old} and {new} are the same operators, so there is nothing to turn",
            hint=f"Both are {first.title}.",
        )
    return turn


def shift_of(text: str) -> Array:
    """x, y, z."""
    return np.array(_numbers(text, (3,), "a shift has 3 numbers: x y z"))


def is_identity(matrix: Array) -> bool:
    """Whether a matrix moves nothing."""
    return bool(np.abs(matrix - np.eye(3)).max() < 1e-12)


def motion_in_words(matrix: Array) -> str:
    """By how much a map is turned and about what, and how it is mirrored."""
    if is_identity(matrix):
        return "not turned"
    for name in ("x", "y", "z", "inversion"):
        if np.abs(matrix - mirror(name)).max() < _WHOLE:
            return "inverted" if name == "inversion" else f"mirrored in {name}"
    mirrored = Motion(matrix).mirrors
    turn = axis_angle(-matrix if mirrored else matrix).words
    return f"inverted, then turned by {turn}" if mirrored else f"turned by {turn}"


def mirror_in_words(name: str, about: str | None) -> str:
    """How the map is mirrored, and about "voxel" or "box"; None is either in an odd box."""
    done = "inverted" if name == "inversion" else f"mirrored in {name}"
    return f"{done} {about_in_words(about)}"


def about_in_words(about: str | None) -> str:
    """Of a mirror: "voxel", "box", or None where both are the same."""
    if about == "box":
        return "about the middle of the box"
    return "about the voxel N // 2" + ("" if about else ", the middle of an odd box")


def axis_angle(matrix: Array) -> SettingTurn:
    """A proper turn with its axis and degrees, rid of rounding."""
    axis, angle = rotation.to_axis_angle(rotation.from_matrix(matrix[None]))
    vector, degrees = axis[0], float(angle[0])
    near = np.round(vector)
    vector = near if np.abs(vector - near).max() < _WHOLE else vector
    return SettingTurn(matrix, vector, 0.0 if degrees < _WHOLE else round(degrees, 9))


def _numbers(text: str, counts: Sequence[int], what: str) -> list[float]:
    words = cells(text)
    found = numbers(words)
    if len(found) not in counts:
        raise UserError(f"{what}; {len(found)} are given" if found else f"{what}; none is given")
    if not np.isfinite(found).all():
        raise UserError("a number is infinite or no number at all")
    return found


def _group(name: str) -> PointGroup:
    package, colon, group = name.rpartition(":")
    return group_of(package.strip().lower(), group) if colon else parse_group(name)


def _exact(matrix: Array) -> Array:
    """Zeros and ones that only rounding has spoilt (quarter turns) as such."""
    whole = np.round(matrix) + 0.0
    return whole if np.abs(matrix - whole).max() < 1e-12 else matrix
