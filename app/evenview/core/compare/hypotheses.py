"""What may relate two sets of poses, and how well each of these holds on a sample of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import agreement, changes, offset
from evenview.core.compare.agreement import Fit
from evenview.core.compare.background import background
from evenview.core.compare.changes import Change
from evenview.core.symmetry import PointGroup, parse_group
from evenview.core.threads import threads

Array = NDArray[np.float64]

#: A hypothesis must be better than a simpler one by this part of its gain, and by so many nats.
BETTER_PART, BETTER_NATS = 0.005, 5.0
#: Groups that are tried besides the one that is known, and what makes one of them clearly better.
_GROUPS = (
    *("C2", "C3", "C4", "C5", "C6", "C7", "C8"),
    *("D2", "D3", "D3y", "D4", "D5", "D5y", "D6", "D7", "D7y"),
    *("T", "T-eman", "T222", "O", "I1", "I2", "I3", "I4"),
)
CLEARLY, MORE_AGREE = 1.25, 0.1
_SIDES: tuple[Literal["A", "B"], ...] = ("A", "B")
#: Degrees: an offset that is so near to none, or to the half turn that a flipped hand is, has been
#: tried already.
_TRIED = 3.0


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A change of one file's poses, whether the map of A is mirrored in z, and the point group.

    Attributes
    ----------
    symmetric
        In whose map's frame the axes of the group stand as its setting has them. Each of the two
        is tried, as a map may have been turned off its axes. What is fitted is the turn h from the
        poses of that file to those of the other: G^T where it is A, G where it is B.
    """

    change: Change
    flipped: bool
    group: PointGroup
    symmetric: Literal["A", "B"] = "A"

    @property
    def operators(self) -> Array:
        """(G, 4) in the frame of the map of `symmetric`; A's is mirrored where `flipped`."""
        own = rotation.from_matrix(self.group.matrices)
        return changes.mirrored(own) if self.flipped and self.symmetric == "A" else own

    def frame(self, turn: Array) -> Array:
        """G (3, 3) of a fitted turn h (4,); of its copies the one that turns least."""
        copies = rotation.to_matrix(rotation.compose(self.operators, turn))
        # The smallest angle has the largest trace.
        least: Array = copies[int(np.argmax(np.round(np.trace(copies, axis1=1, axis2=2), 9)))]
        return least.T if self.symmetric == "A" else least

    def operators_in_a(self, frame: Array) -> Array:
        """(G, 4), the operators S in the frame of A's map, where the frames differ by G (3, 3)."""
        if self.symmetric == "A":
            return self.operators
        return rotation.from_matrix(frame.T @ rotation.to_matrix(self.operators) @ frame)

    def poses(self, a: Array, b: Array) -> tuple[Array, Array]:
        """Both files' rotations (N, 4), changed."""
        first = self.change.apply(a) if self.change.of == "A" else a
        second = self.change.apply(b) if self.change.of == "B" else b
        return (changes.mirrored(first) if self.flipped else first), second

    def ordered(self, a: Array, b: Array) -> tuple[Array, Array]:
        """As `poses`, those of `symmetric` first."""
        first, second = self.poses(a, b)
        return (first, second) if self.symmetric == "A" else (second, first)

    def turns(self, a: Array, b: Array) -> Array:
        """(N, 4) from the poses of `symmetric` to those of the other file, of either sign."""
        return agreement.turns_between(*self.ordered(a, b))

    def is_like(self, other: Hypothesis) -> bool:
        """Whether the other says the same but for the size of an offset, or whose axes stand."""
        return (self.change.kind, self.flipped, self.group.name) == (
            other.change.kind,
            other.flipped,
            other.group.name,
        )


@dataclass(frozen=True, eq=False)
class Trial:
    """How well a hypothesis holds on a sample: `gain` in nats a particle."""

    hypothesis: Hypothesis
    fit: Fit
    count: float

    @property
    def share(self) -> float:
        """The part of the sample that agrees."""
        return self.fit.mixture.share


def settings_of(group: PointGroup) -> tuple[PointGroup, ...]:
    """A group and its other settings, it first."""
    kind = group.name.rstrip("y")
    names = {"T": ("T", "T-eman", "T222"), "I": ("I1", "I2", "I3", "I4")}.get(group.name[0])
    if names is None:
        names = (kind, f"{kind}y") if kind[0] == "D" else (kind,)
    found = {parse_group(name).name: parse_group(name) for name in names}
    return (group, *(other for name, other in found.items() if name != group.name))


def hypotheses(a: Array, b: Array, group: PointGroup, seed: int) -> list[Hypothesis]:
    """All that is tried on poses (N, 4), the simplest first."""
    return [*_fixed(a, b, group), *_offsets(a, b, group, seed)]


def _fixed(a: Array, b: Array, group: PointGroup) -> Iterator[Hypothesis]:
    for setting in settings_of(group):
        for flipped in (False, True):
            yield Hypothesis(changes.NONE, flipped, setting)
    for change in (changes.FLIP_Y, changes.FLIP_X):
        yield Hypothesis(change, False, group)
    for change in changes.TRANSPOSED:
        yield Hypothesis(change, False, group)
        yield Hypothesis(change, True, group)
    for change, q in zip(changes.RADIANS, (b, a), strict=True):
        if changes.may_be_radians(q):
            yield Hypothesis(change, False, group)
            yield Hypothesis(change, True, group)


def _offsets(a: Array, b: Array, group: PointGroup, seed: int) -> Iterator[Hypothesis]:
    """The offset in the plane that most pairs of particles have, with the images as they are and
    mirrored.

    An offset with one hand is for poses the same as one that is 180° smaller with the other, or of
    images mirrored along the other axis: the smaller one is tried.
    """
    for change, other in ((changes.NONE, changes.NONE), (changes.FLIP_Y, changes.FLIP_X)):
        degrees = _voted(change, a, b, group, seed)
        if degrees is None:
            continue
        least = (degrees + 90.0) % 180.0 - 90.0
        if abs(least) <= _TRIED:
            continue
        far = abs(degrees) > 90.0 + _TRIED
        if not far:
            least = degrees
        changed = changes.with_offset(other if far else change, least)
        yield Hypothesis(changed, far and change is changes.NONE, group)


def _voted(change: Change, a: Array, b: Array, group: PointGroup, seed: int) -> float | None:
    """Degrees that most pairs have; by the group in A's frame or, where that is unclear, in B's."""
    own = offset.voted(change.apply(a), b, group, seed)
    if own is not None or group.order == 1:
        return own
    other = offset.voted(b, change.apply(a), group, seed)
    return None if other is None else -other


def tried(hypotheses: list[Hypothesis], a: Array, b: Array, seed: int) -> list[Trial]:
    """Each of them fitted to poses (N, 4), with the group in the frame where it fits better."""

    def attempt(hypothesis: Hypothesis) -> Trial:
        own, other = _attempt(hypothesis, a, b, seed), replace(hypothesis, symmetric="B")
        if hypothesis.group.order == 1 or highest_count(other, a, b, seed) <= own.count:
            return own
        return as_good([own, _attempt(other, a, b, seed)])[0]

    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(attempt, hypotheses))


def _attempt(hypothesis: Hypothesis, a: Array, b: Array, seed: int) -> Trial:
    rng = np.random.default_rng(seed)
    turns, law = hypothesis.turns(a, b), background(hypothesis.group)
    fit, count = agreement.best_fit(turns, hypothesis.operators, law, rng)
    trial = Trial(hypothesis, fit, count)
    return settled(trial, a, b) if hypothesis.change.offset else trial


def settled(trial: Trial, a: Array, b: Array) -> Trial:
    """The trial with the offset in the plane that fits these poses (N, 4) best.

    As it was where the offset is none, the hypothesis does not allow one, or the views leave it
    open.
    """
    old = trial.hypothesis
    if not old.change.may_be_offset:
        return trial
    law, operators, count = background(old.group), old.operators, trial.count
    hypothesis, fit = old, trial.fit
    sense = 1.0 if old.symmetric == "A" else -1.0  # what turns B to A turns the other way
    for _ in range(offset.ROUNDS):
        found = offset.left(*hypothesis.ordered(a, b), operators, fit, law)
        known = sense * hypothesis.change.offset
        if found is None or not found.is_sure(known):
            return replace(trial, hypothesis=hypothesis, fit=fit)
        whole = sense * (known + found.degrees)
        change = changes.with_offset(hypothesis.change, whole, found.least)
        hypothesis = replace(hypothesis, change=change)
        turns = hypothesis.turns(a, b)
        fit = agreement.refine(turns, operators, law, found.turn, fit.mixture, rounds=4)
        if abs(found.degrees) < offset.STILL:
            break
    return Trial(hypothesis, fit, count)


def as_good(trials: Sequence[Trial]) -> list[Trial]:
    """Those that are as good as the best, the simplest first."""
    n = len(trials[0].fit.angle)
    most = max(trial.fit.gain for trial in trials)
    enough = most - max(BETTER_PART * most, BETTER_NATS / n)
    return [trial for trial in trials if trial.fit.gain >= enough]


def best(trials: Sequence[Trial]) -> Trial:
    """The simplest of those that are as good as the best.

    Where the group stands as said in B's frame and in another setting in A's, it is the latter.
    """
    good = as_good(trials)
    for trial in good:
        one, other = good[0].hypothesis, trial.hypothesis
        alike = (one.change.kind, one.flipped) == (other.change.kind, other.flipped)
        if alike and other.symmetric == "A":
            return trial
    return good[0]


def highest_count(hypothesis: Hypothesis, a: Array, b: Array, seed: int) -> float:
    """The highest soft count of a search."""
    rng = np.random.default_rng(seed)
    return float(agreement.search(hypothesis.turns(a, b), hypothesis.operators, rng)[1][0])


def better_trial(known: Trial, share: float, a: Array, b: Array, seed: int) -> Trial | None:
    """The group with the known one in it under which clearly more of these poses (N, 4) agree."""
    if share + MORE_AGREE >= 1.0:
        return None
    others = [
        Hypothesis(changes.NONE, flipped, group, symmetric)
        for group in _higher(known.hypothesis.group)
        for flipped in (False, True)
        for symmetric in _SIDES
    ]
    # More agree only where the soft count is higher in proportion, but for some of its noise.
    enough = known.count * (1.0 + 0.8 * MORE_AGREE / known.share)
    with ThreadPoolExecutor(threads()) as pool:
        counts = pool.map(lambda one: highest_count(one, a, b, seed), others)
        worth = [other for other, count in zip(others, counts, strict=True) if count > enough]
    if not worth:
        return None
    found = max(tried(worth, a, b, seed), key=lambda trial: trial.fit.gain)
    clearly = found.fit.gain > CLEARLY * known.fit.gain
    return found if clearly and found.share > share + MORE_AGREE else None


def _higher(group: PointGroup) -> list[PointGroup]:
    """Common groups that have all operators of a group, and more."""
    rings = (f"D{group.order}", f"D{group.order}y") if group.name == f"C{group.order}" else ()
    names = (*_GROUPS, *(name for name in rings if group.order > 1))
    found = {other.name: other for other in map(parse_group, names)}
    return [one for one in found.values() if one.order > group.order and _holds(one, group)]


def _holds(larger: PointGroup, smaller: PointGroup) -> bool:
    """Whether the operators of one group are among those of another."""
    own = rotation.from_matrix(larger.matrices)
    cosines = np.abs(rotation.from_matrix(smaller.matrices) @ own.T)
    return bool((cosines.max(axis=1) > 1.0 - 1e-6).all())
