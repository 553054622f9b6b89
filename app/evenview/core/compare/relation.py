"""The relation of two sets of poses in words that people use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenview.core.compare import naming
from evenview.core.compare.agreement import widest
from evenview.core.compare.background import background
from evenview.core.compare.changes import NONE, half_turned
from evenview.core.compare.comparison import FEWEST, SURE, Comparison
from evenview.core.compare.hypotheses import as_good, settings_of
from evenview.core.compare.used import sufficient
from evenview.core.symmetry import PointGroup
from evenview.core.words import counted

SymmetryIn = Literal["a", "b", "both"]

#: A part that agrees by chance is told from here on.
_CHANCE = 0.02
#: A relation is loose where σ is above this part of the largest that is looked for. Of 14 ways to
#: misread angles (order, signs, axes, one of them lost) that are no relation at all but bring the
#: poses of some views together, none had less: 0.27 to 1 of it, for C1, C4, D7 and O and for even,
#: side and top views.
_LOOSE = 0.25
#: Degrees: under high symmetry that is less than refinements of noisy images differ by. Where so
#: many agree, no σ up to this is loose: misread angles were so near for 6 % at most.
_NEVER, _MANY = 2.2, 0.2
#: Where share times significance is this much, σ may be so many times as large: of misread angles
#: with a σ as small none had more than 150.
_OVERWHELMING, _LOOSER = 180.0, 1.5
#: Where more of the agreeing particles have one operator, the others tell nothing of the axes.
_ONE_OPERATOR = 0.99

_QUARTER = (
    "A map of odd Dn that is turned so has its 2-fold on Y (cryoSPARC) instead of X (RELION), and "
    "I1 becomes I2: say --symmetry to see."
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
    loose
        Whether poses agree so loosely that the relation may be none.
    """

    words: str
    notes: tuple[str, ...] = ()
    symmetry_in: SymmetryIn | None = None
    loose: bool = False


def describe(found: Comparison, asked: PointGroup) -> Relation:
    """The relation of a comparison in which the maps were said to have the group `asked`."""
    if len(found.angle) < FEWEST:
        return Relation("no relation found", (_too_few(len(found.angle)),))
    if not found.related:
        return Relation("no relation found", (_by_chance(found),))
    words, others = naming.of_frame(found)
    change = found.hypothesis.change
    if change is not NONE:
        rest = words.removeprefix(naming.SAME)
        words = f"{change.words}{', and ' * bool(rest)}{rest}"
    joined = "B is A: the same frame (identity)" if words == naming.SAME else f"B is A {words}"
    where, limit = _symmetry_in(found), _loose_from(found)
    loose = found.sigma > limit
    told = (
        *_of_setting(found, asked),
        *_of_axes(found, where),
        *_of_use(found),
        *_of_names(found, words, others),
        *_of_twin(found),
        *_of_hand(found),
        *((_loosely(found, limit),) if loose else ()),
        *_of_crowds(found),
    )
    return Relation(f"{joined}{' (loose)' * loose}", told, where, loose)


def _of_names(found: Comparison, words: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """Other names of the same turn, and what is left of it."""
    group = found.hypothesis.group
    told = [f"Under {group.name} this is as well: B is A {other}." for other in others]
    if group.order == 1 and words in naming.QUARTERS:
        told.append(_QUARTER)
    if words == naming.SAME and (left := naming.remainder(found)):
        told.append(f"The frames differ by {left}.")
    return tuple(told)


def _of_setting(found: Comparison, asked: PointGroup) -> tuple[str, ...]:
    """A note where A's map is not in the setting that was said."""
    used = found.hypothesis.group
    if used.name == asked.name:
        return ()
    same = [t for t in found.trials if t.hypothesis.group.name == asked.name]
    good = as_good(found.trials)
    if any(one is other for one in same for other in good):
        return ()  # the numbers do not tell the two apart
    share = ""
    if same:
        best = max(same, key=lambda trial: trial.fit.gain).share
        share = f" ({found.mixture.share:.0%} agree; with {asked.name}, {best:.0%})"
    whose = found.hypothesis.symmetric
    return (f"{whose}'s poses fit {used.name} ({naming.why(used)}), not {asked.name}{share}.",)


def _symmetry_in(found: Comparison) -> SymmetryIn | None:
    """In whose map the axes of the group stand as usual; None where the particles do not tell."""
    hypothesis, near = found.hypothesis, naming.near(found)
    if any(naming.takes(found, setting, near) for setting in settings_of(hypothesis.group)):
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


def _of_use(found: Comparison) -> tuple[str, ...]:
    """A note where a smaller group would do as well."""
    group, enough = found.hypothesis.group, sufficient(found)
    if enough is None:
        return ()
    return (
        f"{group.name} is higher than these poses need: of its {group.order} operators only the "
        f"{enough.order} of {enough.name} are in use. If the map has no more, say --symmetry "
        f"{enough.name}.",
    )


def _of_twin(found: Comparison) -> tuple[str, ...]:
    """A note that an offset may as well be one that is half a turn larger, and the other hand."""
    change, flipped = found.hypothesis.change, found.hypothesis.flipped
    other = half_turned(change)
    if other is None or change is NONE or not (change.offset or flipped):
        return ()
    hand = "kept" if flipped else "flipped"
    if found.by_shifts:
        words = f"{other.words}, " * bool(other.words)
        return (
            f"For poses alone this is as well: B is A {words}with the hand {hand}. The shifts tell "
            "the two apart.",
        )
    return (
        f"Poses alone do not tell this offset from one of {other.offset:.2f}° with the hand "
        f"{hand}.",
    )


def _of_hand(found: Comparison) -> tuple[str, ...]:
    """A note where the mirrored map fits as well."""
    own = found.hypothesis
    for trial in as_good(found.trials):
        other = trial.hypothesis
        same = (other.change.kind, other.group.name) == (own.change.kind, own.group.name)
        if same and other.flipped != own.flipped:
            return ("These views do not tell the hand: the mirrored map fits as well.",)
    return ()


def _loose_from(found: Comparison) -> float:
    """Degrees: a relation with a larger σ may be none."""
    share, limit = (
        found.mixture.share,
        _LOOSE * math.degrees(widest(background(found.hypothesis.group))),
    )
    if share >= _MANY:
        limit = max(limit, _NEVER)
    return limit * (_LOOSER if share * found.significance >= _OVERWHELMING else 1.0)


def _loosely(found: Comparison, limit: float) -> str:
    return (
        f"The relation is loose, σ {found.sigma:.1f}° where {limit:.1f}° is much: angles that were "
        "read in a wrong order or with a wrong sign look like this. Trust it if the histogram of "
        "angles has a clear peak at 0."
    )


def _of_crowds(found: Comparison) -> tuple[str, ...]:
    """A note where unrelated poses with these views would often seem to agree."""
    if found.by_chance < _CHANCE:
        return ()
    return (
        f"Of unrelated poses with these views {found.by_chance:.0%} would count as agreeing: the "
        "views are crowded, and the part that agrees is too high by up to that.",
    )


def _too_few(n: int) -> str:
    are = counted(n, "particle is", "particles are")
    return f"{are} too few to tell a relation: any turn fits {'it' if n == 1 else 'them'}."


def _by_chance(found: Comparison) -> str:
    return (
        f"The best frame has {found.mixture.share:.1%} of the particles agree, which is "
        f"{max(0.0, found.significance):.1f} deviations above what the same search finds where the "
        f"particles of B are dealt out anew; from {SURE:g} on it is told."
    )
