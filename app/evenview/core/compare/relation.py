"""The relation of two sets of poses in words that people use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.axes import turn
from evenview.core.compare.agreement import widest
from evenview.core.compare.background import background
from evenview.core.compare.changes import NONE
from evenview.core.compare.comparison import SURE, Comparison
from evenview.core.compare.hypotheses import as_good, settings_of
from evenview.core.settings import SettingTurn, turn_between
from evenview.core.symmetry import PointGroup

Array = NDArray[np.float64]
SymmetryIn = Literal["a", "b", "both"]

#: Degrees: a turn that is so near to a known one is called by its name (or within three errors of
#: it); two refinements of the same particles differ by tenths of a degree.
NEAR = 1.0
_FEW = 4
#: A part that agrees by chance is told from here on.
_CHANCE = 0.02
#: A relation is loose where σ is above this part of the largest that is looked for. Of 14 ways to
#: misread angles (order, signs, axes, one of them lost) that are no relation at all but bring the
#: poses of some views together, none had less: 0.27 to 1 of it, for C1, C4, D7 and O and for even,
#: side and top views.
_LOOSE = 0.25
#: Where more of the agreeing particles have one operator, the others tell nothing of the axes.
_ONE_OPERATOR = 0.99

_QUARTERS = ("turned by 90° about Z", "turned by -90° about Z")
_QUARTER = (
    "A map of odd Dn that is turned so has its 2-fold on Y (cryoSPARC) instead of X (RELION), and "
    "I1 becomes I2: say --symmetry to see."
)
_MIRRORS = (
    (np.eye(3), "after a z flip"),
    (np.diag([-1.0, -1.0, 1.0]), "with an in-plane offset of 180° (the same as the map inverted)"),
    (np.diag([1.0, -1.0, -1.0]), "after a mirror of the map in y"),
    (np.diag([-1.0, 1.0, -1.0]), "after a mirror of the map in x"),
)


@dataclass(frozen=True)
class Relation:
    """What is known of a relation.

    Attributes
    ----------
    words
        The relation, without a full stop: "B is A after a z flip".
    notes
        What else holds, a sentence each.
    symmetry_in
        In whose map's frame the axes of the group stand as one of its settings has them; None where
        that is open.
    """

    words: str
    notes: tuple[str, ...] = ()
    symmetry_in: SymmetryIn | None = None


def describe(found: Comparison, asked: PointGroup) -> Relation:
    """The relation of a comparison in which the maps were said to have the group `asked`."""
    if len(found.angle) < _FEW:
        return Relation("no relation found", (_too_few(len(found.angle)),))
    if not found.related:
        return Relation("no relation found", (_by_chance(found),))
    words, notes = _of_frame(found)
    change = found.hypothesis.change
    if change is not NONE:
        rest = words.removeprefix("the same frame").removeprefix(", ")
        words = f"{change.words}{', and ' * bool(rest)}{rest}"
    same = words == "the same frame"
    joined = "B is A: the same frame (identity)" if same else f"B is A {words}"
    where = _symmetry_in(found)
    told = (
        *_of_setting(found, asked),
        *_of_axes(found, where),
        *notes,
        *_of_offset(found),
        *_of_hand(found),
        *_of_width(found),
        *_of_crowds(found),
    )
    return Relation(joined, told, where)


def _of_frame(found: Comparison) -> tuple[str, tuple[str, ...]]:
    """How the frames are turned and mirrored, and other names of the same."""
    near = _near(found)
    if found.hypothesis.flipped:
        named = _named_mirrors(found, near)
        if named:
            return named[0], tuple(
                f"Under {found.hypothesis.group.name} this is as well: B is A {other}."
                for other in named[1:]
            )
        return f"after a z flip, then {_turned(found, near)}", ()
    if _apart(found, np.eye(3)) <= near:
        return "the same frame", _remainder(found.matrix)
    words = _turned(found, near)
    return words, (_QUARTER,) if found.hypothesis.group.order == 1 and words in _QUARTERS else ()


def _near(found: Comparison) -> float:
    """Degrees: turns that are no farther apart are one."""
    return max(NEAR, 3.0 * found.uncertainty)


def _named_mirrors(found: Comparison, near: float) -> list[str]:
    """Of a mirrored map, the mirrors that G is one of; the group may make several of them one."""
    return [words for matrix, words in _MIRRORS if _apart(found, matrix) <= near]


def _turned(found: Comparison, near: float) -> str:
    group = found.hypothesis.group
    for other in settings_of(group)[1:]:
        if not _takes(found, other, near):
            continue
        setting = f"with the setting changed from {group.name} to {other.name} ({_why(other)})"
        step = turn_between(group, other)
        if _apart(found, step.matrix) <= near:
            return f"{setting}, turned by {step.words}"
        return f"{setting}, turned by {_words(found.matrix, near)}"
    return f"turned by {_words(found.matrix, near)}"


def _why(group: PointGroup) -> str:
    """A setting in words."""
    if group.name.endswith("y"):
        return "odd Dn with the 2-fold on Y"
    if group.name[0] == "D":
        return "odd Dn with the 2-fold on X"
    return group.setting.words


def _of_setting(found: Comparison, asked: PointGroup) -> tuple[str, ...]:
    """A note where A's map is not in the setting that was said."""
    used = found.hypothesis.group
    if used.name == asked.name:
        return ()
    said = next((t for t in found.trials if t.hypothesis.group.name == asked.name), None)
    share = (
        f" ({found.mixture.share:.0%} agree; with {asked.name}, {said.share:.0%})" if said else ""
    )
    whose = found.hypothesis.symmetric
    return (f"{whose}'s poses fit {used.name} ({_why(used)}), not {asked.name}{share}.",)


def _symmetry_in(found: Comparison) -> SymmetryIn | None:
    """In whose map the axes of the group stand as usual; None where the particles do not tell."""
    hypothesis, near = found.hypothesis, _near(found)
    if any(_takes(found, setting, near) for setting in settings_of(hypothesis.group)):
        return "both" if hypothesis.symmetric == "A" else "b"
    used = np.bincount(found.operator[found.probability > 0.5], minlength=1)
    if used.max() >= _ONE_OPERATOR * used.sum():
        return None
    return "a"


def _of_axes(found: Comparison, where: SymmetryIn | None) -> tuple[str, ...]:
    """A note where the axes of the group stand as usual in one of the two maps only."""
    name = found.hypothesis.group.name
    if where == "both":
        return ()
    if where is None:
        return (
            f"All particles that agree have the same operator of {name}, so it stays open in which "
            "of the two maps its axes stand as usual.",
        )
    here, there = ("A", "B") if where == "a" else ("B", "A")
    return (
        f"The axes of {name} stand as usual in {here}'s map, not in {there}'s: turn {there} before "
        "its symmetry is used.",
    )


def _of_offset(found: Comparison) -> tuple[str, ...]:
    """A note that an offset may as well be one that is half a turn larger, and the other hand."""
    change = found.hypothesis.change
    if not change.offset:
        return ()
    other = change.offset - math.copysign(180.0, change.offset)
    hand = "kept" if found.hypothesis.flipped else "flipped"
    return (f"Poses alone do not tell this offset from one of {other:.2f}° with the hand {hand}.",)


def _of_hand(found: Comparison) -> tuple[str, ...]:
    """A note where the mirrored map fits as well."""
    own = found.hypothesis
    for trial in as_good(found.trials):
        other = trial.hypothesis
        same = (other.change.kind, other.group.name) == (own.change.kind, own.group.name)
        if same and other.flipped != own.flipped:
            return ("These views do not tell the hand: the mirrored map fits as well.",)
    return ()


def _of_width(found: Comparison) -> tuple[str, ...]:
    """A warning where poses agree so loosely that the relation may be none."""
    limit = _LOOSE * math.degrees(widest(background(found.hypothesis.group)))
    if found.sigma <= limit:
        return ()
    return (
        f"The relation is loose, σ {found.sigma:.1f}° where {limit:.1f}° is much: angles that were "
        "read in a wrong order or with a wrong sign look like this. Trust it if the histogram of "
        "angles has a clear peak at 0.",
    )


def _of_crowds(found: Comparison) -> tuple[str, ...]:
    """A note where unrelated poses with these views would often seem to agree."""
    if found.by_chance < _CHANCE:
        return ()
    return (
        f"Of unrelated poses with these views {found.by_chance:.0%} would count as agreeing: the "
        "views are crowded, and the part that agrees is too high by up to that.",
    )


def _takes(found: Comparison, other: PointGroup, near: float) -> bool:
    """Whether G turns the operators of A's map into another setting's."""
    turned = found.matrix @ rotation.to_matrix(found.operators) @ found.matrix.T
    q, wanted = rotation.from_matrix(turned), rotation.from_matrix(other.matrices)
    cosines = np.abs(q @ wanted.T).max(axis=1)
    # A copy of an operator turned by G is up to twice G's error away from its own.
    return bool((np.degrees(2.0 * np.arccos(np.minimum(1.0, cosines))) <= 2.0 * near).all())


def _apart(found: Comparison, matrix: Array) -> float:
    """Degrees between G S and a matrix, for the operator that makes it least."""
    copies = found.matrix @ rotation.to_matrix(found.operators)
    return float(
        rotation.angle_between(rotation.from_matrix(matrix), rotation.from_matrix(copies)).min()
    )


def _words(matrix: Array, near: float) -> str:
    """A turn by its axis and angle, rounded where it is by a known angle about X, Y or Z."""
    axes, angles = rotation.to_axis_angle(rotation.from_matrix(matrix[None]))
    axis, angle = axes[0], float(angles[0])
    for letter in np.eye(3):
        for degrees in (90.0, 180.0, -90.0):
            plain = turn(letter, round(degrees), 360)
            apart = rotation.angle_between(
                *rotation.from_matrix(np.stack([plain, matrix]))[:, None]
            )
            if float(apart[0]) <= near:
                return SettingTurn(plain, letter, degrees).words
    return _about(axis, angle)


def _about(axis: Array, degrees: float) -> str:
    x, y, z = (np.round(axis, 3) + 0.0).tolist()
    return f"{degrees:.2f}° about ({x:.3f}, {y:.3f}, {z:.3f})"


def _remainder(matrix: Array) -> tuple[str, ...]:
    axes, angles = rotation.to_axis_angle(rotation.from_matrix(matrix[None]))
    if angles[0] < 0.005:
        return ()
    return (f"The frames differ by {_about(axes[0], float(angles[0]))}.",)


def _too_few(n: int) -> str:
    return f"{n} particles are too few to tell a relation: any turn fits them."


def _by_chance(found: Comparison) -> str:
    return (
        f"The best frame has {found.mixture.share:.1%} of the particles agree, which is "
        f"{max(0.0, found.significance):.1f} deviations above what the same search finds where the "
        f"particles of B are dealt out anew; from {SURE:g} on it is told."
    )
