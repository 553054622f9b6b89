"""How the frames of two sets of poses differ, in words: known turns, mirrors and settings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.axes import turn
from evenview.core.compare.changes import NONE
from evenview.core.compare.comparison import Comparison
from evenview.core.compare.hypotheses import settings_of
from evenview.core.settings import SettingTurn, turn_between
from evenview.core.symmetry import PointGroup

Array = NDArray[np.float64]

#: Degrees: a turn that is so near to a known one is called by its name (or within three errors of
#: it); two refinements of the same particles differ by tenths of a degree.
NEAR = 1.0
#: A turn of fewer of its errors is none, and one that is no farther from a known one is that.
ERRORS = 3.0
#: Degrees: files are rounded to so much, which no error says.
_ROUNDED = 1e-4
#: Degrees: a smaller turn is not worth a note.
_TOLD = 0.005

SAME = "the same frame"
_INVERTED = "with the map inverted"
QUARTERS = ("turned by 90° about Z", "turned by -90° about Z")
#: A map that is mirrored and then turned by this is inverted.
_HALF_TURN = np.diag([-1.0, -1.0, 1.0])
_MIRRORS = (
    (np.eye(3), "after a z flip"),
    (_HALF_TURN, "with an in-plane offset of 180° (the same as the map inverted)"),
    (np.diag([1.0, -1.0, -1.0]), "after a mirror of the map in y"),
    (np.diag([-1.0, 1.0, -1.0]), "after a mirror of the map in x"),
)


def of_frame(found: Comparison) -> tuple[str, tuple[str, ...]]:
    """How the frames are turned and mirrored, and other names of the same."""
    enough = near(found)
    if found.hypothesis.flipped:
        named = _named_mirrors(found, enough)
        if named:
            return named[0], tuple(named[1:])
        return f"after a z flip, then {_turned(found, enough)}", ()
    if apart(found, np.eye(3)) <= enough:
        return SAME, ()
    return _turned(found, enough), ()


def near(found: Comparison) -> float:
    """Degrees: turns that are no farther apart are one."""
    return max(NEAR, ERRORS * found.uncertainty)


def is_turned(found: Comparison) -> bool:
    """Whether G turns by more than its error."""
    _, angles = rotation.to_axis_angle(rotation.from_matrix(found.matrix[None]))
    return float(angles[0]) > max(ERRORS * found.uncertainty, _ROUNDED)


def exact_turn(found: Comparison) -> Array:
    """G (3, 3), or the turn with a name that it is within its error."""
    group, enough = found.hypothesis.group, max(ERRORS * found.uncertainty, _ROUNDED)
    steps = [turn_between(group, other).matrix for other in settings_of(group)[1:]]
    plain = [turn(axis, by, 360) for axis in np.eye(3) for by in (90, 180, -90)]
    known = (one for one in (np.eye(3), *steps, *plain) if apart(found, one) <= enough)
    return next(known, found.matrix)


def remainder(found: Comparison) -> str:
    """The turn that is left between frames that are called the same, "" where it is none."""
    axes, angles = rotation.to_axis_angle(rotation.from_matrix(found.matrix[None]))
    if not is_turned(found) or angles[0] < _TOLD:
        return ""
    return _about(axes[0], float(angles[0]))


def _named_mirrors(found: Comparison, enough: float) -> list[str]:
    """Of a mirrored map, the mirrors that G is one of; the group may make several of them one."""
    named = [(matrix, words) for matrix, words in _MIRRORS if apart(found, matrix) <= enough]
    if found.hypothesis.change is NONE:
        return [words for _, words in named]
    # What images were turned by is told by itself.
    return [_INVERTED if matrix is _HALF_TURN else words for matrix, words in named]


def _turned(found: Comparison, enough: float) -> str:
    group = found.hypothesis.group
    for other in settings_of(group)[1:]:
        if not takes(found, other, enough):
            continue
        setting = f"with the setting changed from {group.name} to {other.name} ({why(other)})"
        step = turn_between(group, other)
        if apart(found, step.matrix) <= enough:
            return f"{setting}, turned by {step.words}"
        return f"{setting}, turned by {_words(found.matrix, enough)}"
    return f"turned by {_words(found.matrix, enough)}"


def why(group: PointGroup) -> str:
    """A setting in words."""
    if group.name.endswith("y"):
        return "odd Dn with the 2-fold on Y"
    if group.name[0] == "D":
        return "odd Dn with the 2-fold on X"
    return group.setting.words


def takes(found: Comparison, other: PointGroup, enough: float) -> bool:
    """Whether G turns the operators of A's map into another setting's."""
    turned = found.matrix @ rotation.to_matrix(found.operators) @ found.matrix.T
    q, wanted = rotation.from_matrix(turned), rotation.from_matrix(other.matrices)
    cosines = np.abs(q @ wanted.T).max(axis=1)
    # A copy of an operator turned by G is up to twice G's error away from its own.
    return bool((np.degrees(2.0 * np.arccos(np.minimum(1.0, cosines))) <= 2.0 * enough).all())


def apart(found: Comparison, matrix: Array) -> float:
    """Degrees between G S and a matrix, for the operator that makes it least."""
    copies = found.matrix @ rotation.to_matrix(found.operators)
    return float(
        rotation.angle_between(rotation.from_matrix(matrix), rotation.from_matrix(copies)).min()
    )


def _words(matrix: Array, enough: float) -> str:
    """A turn by its axis and angle, rounded where it is by a known angle about X, Y or Z."""
    axes, angles = rotation.to_axis_angle(rotation.from_matrix(matrix[None]))
    axis, angle = axes[0], float(angles[0])
    for letter in np.eye(3):
        for degrees in (90.0, 180.0, -90.0):
            plain = turn(letter, round(degrees), 360)
            both = rotation.from_matrix(np.stack([plain, matrix]))
            if float(rotation.angle_between(*both[:, None])[0]) <= enough:
                return SettingTurn(plain, letter, degrees).words
    return _about(axis, angle)


def _about(axis: Array, degrees: float) -> str:
    x, y, z = (np.round(axis, 3) + 0.0).tolist()
    return f"{degrees:.2f}° about ({x:.3f}, {y:.3f}, {z:.3f})"
