"""How two sets of poses of the same particles relate: ``A_B ≈ A_A S G^T``, and how surely.

Every hypothesis (a change of the poses, the hand, the setting of the group) is fitted on a sample
of the particles, and the best on all. Whether anything agrees at all is judged against the same
search with the particles of B dealt out anew, which keeps both distributions of views.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import agreement, changes
from evenview.core.compare.agreement import Fit, Mixture
from evenview.core.compare.background import background
from evenview.core.compare.changes import Change
from evenview.core.progress import Progress, silent
from evenview.core.symmetry import PointGroup, parse_group
from evenview.core.threads import threads

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Particles that hypotheses are tried on, and that the best is refined on before all are.
SAMPLE, LARGER = 1_500, 20_000
#: How often B is dealt out anew, and by how many deviations the soft count must exceed those.
DEALS, SURE = 5, 5.0
#: A hypothesis must be better than a simpler one by this part of its gain, and by so many nats.
BETTER_PART, BETTER_NATS = 0.005, 5.0
_SEED = 20130415
#: Groups that are tried where nobody said one, and what makes one of them clearly better.
_GROUPS = (
    *("C2", "C3", "C4", "C5", "C6", "C7", "C8"),
    *("D2", "D3", "D3y", "D4", "D5", "D5y", "D6", "D7", "D7y"),
    *("T", "T-eman", "T222", "O", "I1", "I2", "I3", "I4"),
)
_CLEARLY, _MORE_AGREE = 1.25, 0.1


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A change of one file's poses, whether the map of A is mirrored in z, and A's group."""

    change: Change
    flipped: bool
    group: PointGroup

    @property
    def operators(self) -> Array:
        """(G, 4) in the frame of A's map, which is mirrored where `flipped`."""
        own = rotation.from_matrix(self.group.matrices)
        return changes.mirrored(own) if self.flipped else own

    def poses(self, a: Array, b: Array) -> tuple[Array, Array]:
        """Both files' rotations (N, 4), changed."""
        first = self.change.apply(a) if self.change.of == "A" else a
        second = self.change.apply(b) if self.change.of == "B" else b
        return (changes.mirrored(first) if self.flipped else first), second

    def turns(self, a: Array, b: Array) -> Array:
        """(N, 4) of ``A_A^T A_B``."""
        first, second = self.poses(a, b)
        return np.ascontiguousarray(rotation.compose(rotation.invert(first), second))


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


@dataclass(frozen=True, eq=False)
class Comparison:
    """The relation of two sets of poses.

    Attributes
    ----------
    hypothesis
        The one that fits best.
    matrix
        G (3, 3): ``A_B ≈ A_A S G^T``, of the poses that the hypothesis has changed; of the copies
        ``G S`` the one that turns least.
    mixture
        The share of the particles that agree, and the width σ, radians.
    angle, direction_error, inplane_error
        Degrees (N,): the angle between A_B and ``A_A S G^T``, that between their directions of
        view, and the turn in the plane of the image that is left, -180 to 180.
    operator
        (N,) which of the group's matrices S is.
    probability
        (N,) that the poses agree.
    significance
        By how many deviations of chance the agreement exceeds it.
    by_chance
        The part of unrelated poses with the same views that would count as agreeing: much where
        views are crowded, and the share is then too high.
    trials
        All hypotheses, in the order of how simple they are.
    b_poses
        (N, 4) of B, changed where the hypothesis changes B.
    """

    hypothesis: Hypothesis
    matrix: Array
    mixture: Mixture
    angle: Array
    direction_error: Array
    inplane_error: Array
    operator: Whole
    probability: Array
    significance: float
    by_chance: float
    trials: tuple[Trial, ...]
    b_poses: Array

    @property
    def related(self) -> bool:
        """Whether more agrees than chance would have it."""
        return self.significance >= SURE

    @property
    def sigma(self) -> float:
        """Degrees: the deviation about each axis of the turns between poses that agree."""
        weights = self.probability
        total = float(weights.sum())
        if total <= 0.0:
            return math.degrees(self.mixture.sigma)
        return math.sqrt(float(weights @ self.angle**2) / total / 3.0)

    @property
    def limit(self) -> float:
        """Degrees: at larger angles it is likelier that poses are unrelated than that they
        agree."""
        return math.degrees(self.mixture.limit(background(self.hypothesis.group)))

    @property
    def uncertainty(self) -> float:
        """Degrees: the error of G that σ and the number of agreeing particles leave."""
        return self.sigma * math.sqrt(3.0 / max(1.0, float(self.probability.sum())))


def compare(
    a: Array, b: Array, group: PointGroup, seed: int = _SEED, progress: Progress = silent
) -> Comparison:
    """Find how two sets of poses of the same particles relate.

    Parameters
    ----------
    a, b
        (N, 4) quaternions (w, x, y, z), row for row the same particle; none is NaN.
    group
        Of A's map. Its other settings are tried, too.
    seed
        Of the sample and the search.
    """
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)} and {len(b)} poses cannot be compared")
    rng = np.random.default_rng(seed)
    sample = rng.permutation(len(a))[:SAMPLE]
    few_a, few_b = a[sample], b[sample]
    progress(0.0, "Comparing the poses")
    trials = _tried(list(_hypotheses(few_a, few_b, group)), few_a, few_b, seed)
    best = as_good(trials)[0]
    progress(0.4, "Comparing the poses")
    chance = _by_chance(best.hypothesis, few_a, few_b, seed)
    progress(0.6, "Comparing the poses")
    found = _on_all(best, a, b, rng)
    return replace(
        found,
        significance=_significance(best.count, chance),
        by_chance=float(dealt_out(found, a, b, seed).probability.mean()),
        trials=tuple(trials),
    )


def better_group(a: Array, b: Array, found: Comparison, seed: int = _SEED) -> Trial | None:
    """The point group that explains a sample of the poses clearly better than the one fitted."""
    sample = np.random.default_rng(seed).permutation(len(a))[:SAMPLE]
    few_a, few_b = a[sample], b[sample]
    others = [
        Hypothesis(changes.NONE, flipped, parse_group(name))
        for name in _GROUPS
        for flipped in (False, True)
        if name != found.hypothesis.group.name
    ]
    # More agree only where the soft count is higher in proportion, but for some of its noise.
    known = as_good(found.trials)[0]
    enough = known.count * (1.0 + 0.8 * _MORE_AGREE / known.share)
    with ThreadPoolExecutor(threads()) as pool:
        counts = pool.map(lambda one: _count(one, few_a, few_b, seed), others)
        worth = [other for other, count in zip(others, counts, strict=True) if count > enough]
    if not worth:
        return None
    best = max(_tried(worth, few_a, few_b, seed), key=lambda trial: trial.fit.gain)
    clearly = best.fit.gain > _CLEARLY * known.fit.gain
    return best if clearly and best.share > found.mixture.share + _MORE_AGREE else None


def relative_turns(found: Comparison, a: Array, b: Array) -> Array:
    """(N, 4) of ``S^T A_A^T A_B``, the poses changed: each is G^T but for its own error."""
    own = found.hypothesis.operators[found.operator]
    return rotation.compose(rotation.invert(own), found.hypothesis.turns(a, b))


def with_turn(
    hypothesis: Hypothesis, turn: Array, mixture: Mixture, a: Array, b: Array
) -> Comparison:
    """The numbers of each particle under one turn h = G^T (4,), without any fit of it."""
    first, second = hypothesis.poses(a, b)
    operators = hypothesis.operators
    matrix = _least_turned(rotation.to_matrix(turn).T, rotation.to_matrix(operators))
    turn = rotation.from_matrix(matrix.T)
    turns = np.ascontiguousarray(rotation.compose(rotation.invert(first), second))
    angle, operator = agreement.held_against(turns, operators, turn)
    expected = rotation.compose(rotation.compose(first, operators[operator]), turn)
    direction, inplane = _errors(expected, second)
    return Comparison(
        hypothesis,
        matrix,
        mixture,
        np.degrees(angle),
        direction,
        inplane,
        operator,
        mixture.probability(angle, background(hypothesis.group)),
        0.0,
        0.0,
        (),
        second,
    )


def as_given(a: Array, b: Array, group: PointGroup) -> Comparison:
    """The numbers of each particle where the two frames are taken for one."""
    still = np.array([1.0, 0.0, 0.0, 0.0])
    unknown = Mixture(agreement.SMALLEST, 0.5)
    return with_turn(Hypothesis(changes.NONE, False, group), still, unknown, a, b)


def dealt_out(found: Comparison, a: Array, b: Array, seed: int = _SEED) -> Comparison:
    """The numbers of up to `LARGER` particles under the frame that was found, each held against
    another's pose of B: what unrelated poses with these views look like."""
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(a))[:LARGER]
    turn = rotation.from_matrix(found.matrix.T)
    return with_turn(found.hypothesis, turn, found.mixture, a[some], b[rng.permutation(some)])


def settings_of(group: PointGroup) -> tuple[PointGroup, ...]:
    """A group and its other settings, it first."""
    kind = group.name.rstrip("y")
    names = {"T": ("T", "T-eman", "T222"), "I": ("I1", "I2", "I3", "I4")}.get(group.name[0])
    if names is None:
        names = (kind, f"{kind}y") if kind[0] == "D" else (kind,)
    found = {parse_group(name).name: parse_group(name) for name in names}
    return (group, *(other for name, other in found.items() if name != group.name))


def _hypotheses(a: Array, b: Array, group: PointGroup) -> Iterator[Hypothesis]:
    """The simplest first."""
    for setting in settings_of(group):
        for flipped in (False, True):
            yield Hypothesis(changes.NONE, flipped, setting)
    for change in changes.CHANGES[1:]:
        yield Hypothesis(change, False, group)
        if not change.moves_images or change.name == "image transpose":
            yield Hypothesis(change, True, group)
    for change, q in zip(changes.RADIANS, (b, a), strict=True):
        if changes.may_be_radians(q):
            yield Hypothesis(change, False, group)
            yield Hypothesis(change, True, group)


def _tried(hypotheses: list[Hypothesis], a: Array, b: Array, seed: int) -> list[Trial]:
    def attempt(hypothesis: Hypothesis) -> Trial:
        rng = np.random.default_rng(seed)
        turns, law = hypothesis.turns(a, b), background(hypothesis.group)
        fit, count = agreement.best_fit(turns, hypothesis.operators, law, rng)
        return Trial(hypothesis, fit, count)

    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(attempt, hypotheses))


def as_good(trials: Sequence[Trial]) -> list[Trial]:
    """Those that are as good as the best, the simplest first."""
    n = len(trials[0].fit.angle)
    most = max(trial.fit.gain for trial in trials)
    enough = most - max(BETTER_PART * most, BETTER_NATS / n)
    return [trial for trial in trials if trial.fit.gain >= enough]


def _by_chance(hypothesis: Hypothesis, a: Array, b: Array, seed: int) -> Array:
    """The highest soft counts (`DEALS`,) with the particles of B dealt out anew."""

    def deal(number: int) -> float:
        order = np.random.default_rng((seed, number)).permutation(len(b))
        return _count(hypothesis, a, b[order], seed + number)

    with ThreadPoolExecutor(threads()) as pool:
        return np.array(list(pool.map(deal, range(1, DEALS + 1))))


def _count(hypothesis: Hypothesis, a: Array, b: Array, seed: int) -> float:
    """The highest soft count of a search."""
    rng = np.random.default_rng(seed)
    return float(agreement.search(hypothesis.turns(a, b), hypothesis.operators, rng)[1][0])


def _significance(count: float, chance: Array) -> float:
    usual = max(0.0, float(chance.mean()))
    return (count - usual) / max(float(chance.std(ddof=1)), math.sqrt(usual), 1.0)


def _on_all(best: Trial, a: Array, b: Array, rng: np.random.Generator) -> Comparison:
    """The best hypothesis, refined on a larger sample and then on all particles."""
    hypothesis, law = best.hypothesis, background(best.hypothesis.group)
    operators, turn, mixture = hypothesis.operators, best.fit.turn, best.fit.mixture
    if len(a) > LARGER:
        some = rng.permutation(len(a))[:LARGER]
        fit = agreement.refine(hypothesis.turns(a[some], b[some]), operators, law, turn, mixture)
        turn, mixture = fit.turn, fit.mixture
    fit = agreement.refine(hypothesis.turns(a, b), operators, law, turn, mixture, rounds=6)
    return with_turn(hypothesis, fit.turn, fit.mixture, a, b)


def _least_turned(matrix: Array, operators: Array) -> Array:
    """Of the copies ``G S`` the one with the smallest angle; that is the largest trace."""
    copies = matrix @ operators
    traces = np.round(np.trace(copies, axis1=1, axis2=2), 9)
    least: Array = copies[int(np.argmax(traces))]
    return least


def _errors(expected: Array, found: Array) -> tuple[Array, Array]:
    """The turn from expected to found rotations (N, 4), split: degrees of view and in the plane."""
    turn = rotation.compose(found, rotation.invert(expected))
    w, x, y, z = turn.T
    direction = np.degrees(2.0 * np.arctan2(np.hypot(x, y), np.hypot(w, z)))
    # w >= 0, so that this is within a half turn
    return direction, np.degrees(2.0 * np.arctan2(z, w))
