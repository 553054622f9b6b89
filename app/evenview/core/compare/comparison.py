"""How two sets of poses of the same particles relate: ``A_B ≈ A_A S G^T``, and how surely.

Every hypothesis (a change of the poses, the hand, the setting of the group) is fitted on a sample
of the particles, and the best on all. Whether anything agrees at all is judged against the same
search with the particles of B dealt out anew, which keeps both distributions of views.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import agreement, changes
from evenview.core.compare.agreement import Mixture
from evenview.core.compare.background import background
from evenview.core.compare.hypotheses import (
    Hypothesis,
    Trial,
    best,
    better_trial,
    highest_count,
    hypotheses,
    settled,
    tried,
)
from evenview.core.progress import Progress, silent
from evenview.core.symmetry import PointGroup
from evenview.core.threads import threads

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Particles that hypotheses are tried on, and that the best is refined on before all are.
SAMPLE, LARGER = 1_500, 20_000
#: How often B is dealt out anew, and by how many deviations the soft count must exceed those.
DEALS, SURE = 5, 5.0
#: Fewer particles tell no relation: any turn fits them.
FEWEST = 4
_SEED = 20130415


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
    operators, operator
        (G, 4) the operators S in the frame of A's map, and (N,) which of them a particle has.
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
    by_shifts
        Whether shifts chose the hypothesis from two that are the same for poses, or confirmed it
        (`twins`).
    """

    hypothesis: Hypothesis
    matrix: Array
    mixture: Mixture
    angle: Array
    direction_error: Array
    inplane_error: Array
    operators: Array
    operator: Whole
    probability: Array
    significance: float
    by_chance: float
    trials: tuple[Trial, ...]
    b_poses: Array
    by_shifts: bool = False

    @property
    def related(self) -> bool:
        """Whether more agrees than chance would have it; without it the frame means nothing."""
        return len(self.angle) >= FEWEST and self.significance >= SURE

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
        Of the maps. Its other settings are tried, too, and that its axes stand so in B's map alone.
    seed
        Of the sample and the search.
    """
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)} and {len(b)} poses cannot be compared")
    rng = np.random.default_rng(seed)
    sample = rng.permutation(len(a))[:SAMPLE]
    few_a, few_b = a[sample], b[sample]
    progress(0.0, "Comparing the poses")
    trials = tried(hypotheses(few_a, few_b, group, seed), few_a, few_b, seed)
    trial = best(trials)
    progress(0.4, "Comparing the poses")
    chance = _by_chance(trial.hypothesis, few_a, few_b, seed)
    progress(0.6, "Comparing the poses")
    trial = _refined_on_more(trial, a, b, rng)
    progress(0.7, "Comparing the poses")
    found = _on_all(trial, a, b)
    progress(0.9, "Comparing the poses")
    return replace(
        found,
        significance=_significance(trial.count, chance),
        by_chance=float(dealt_out(found, a, b, seed).probability.mean()),
        trials=tuple(trials),
    )


def better_group(a: Array, b: Array, found: Comparison, seed: int = _SEED) -> Trial | None:
    """The point group that explains a sample of the poses clearly better than the one fitted."""
    sample = np.random.default_rng(seed).permutation(len(a))[:SAMPLE]
    known = best(found.trials)
    return better_trial(known, found.mixture.share, a[sample], b[sample], seed)


def relative_turns(found: Comparison, a: Array, b: Array) -> Array:
    """(N, 4) of ``S^T A_A^T A_B``, the poses changed: each is G^T but for its own error."""
    own = found.operators[found.operator]
    turns = agreement.turns_between(*found.hypothesis.poses(a, b))
    return rotation.compose(rotation.invert(own), turns)


def with_frame(
    hypothesis: Hypothesis, matrix: Array, mixture: Mixture, a: Array, b: Array
) -> Comparison:
    """The numbers of each particle under one frame G (3, 3), without any fit of it."""
    first, second = hypothesis.poses(a, b)
    operators = hypothesis.operators_in_a(matrix)
    turn = rotation.from_matrix(matrix.T)
    turns = agreement.turns_between(first, second)
    angle, operator = agreement.held_against(turns, operators, turn)
    direction, inplane = agreement.split_errors(first, second, operators, operator, turn)
    return Comparison(
        hypothesis,
        matrix,
        mixture,
        np.degrees(angle),
        direction,
        inplane,
        operators,
        operator,
        mixture.probability(angle, background(hypothesis.group)),
        0.0,
        0.0,
        (),
        second,
    )


def as_given(a: Array, b: Array, group: PointGroup) -> Comparison:
    """The numbers of each particle where the two frames are taken for one."""
    unknown = Mixture(agreement.SMALLEST, 0.5)
    return with_frame(Hypothesis(changes.NONE, False, group), np.eye(3), unknown, a, b)


def dealt_out(found: Comparison, a: Array, b: Array, seed: int = _SEED) -> Comparison:
    """The numbers of up to `LARGER` particles under the frame that was found, each held against
    another's pose of B: what unrelated poses with these views look like."""
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(a))[:LARGER]
    return with_frame(found.hypothesis, found.matrix, found.mixture, a[some], b[_passed_on(some)])


def _by_chance(hypothesis: Hypothesis, a: Array, b: Array, seed: int) -> Array:
    """The highest soft counts (`DEALS`,) with the particles of B dealt out anew."""

    def deal(number: int) -> float:
        order = np.random.default_rng((seed, number)).permutation(len(b))
        return highest_count(hypothesis, a[order], b[_passed_on(order)], seed + number)

    with ThreadPoolExecutor(threads()) as pool:
        return np.array(list(pool.map(deal, range(1, DEALS + 1))))


def _passed_on(order: Whole) -> Whole:
    """Each particle's neighbour in an order drawn at random: nobody keeps its own pose, which one
    particle in n does where poses are simply shuffled."""
    return np.roll(order, 1)


def _significance(count: float, chance: Array) -> float:
    usual = max(0.0, float(chance.mean()))
    return (count - usual) / max(float(chance.std(ddof=1)), math.sqrt(usual), 1.0)


def _refined_on_more(trial: Trial, a: Array, b: Array, rng: np.random.Generator) -> Trial:
    """The best hypothesis on a larger sample, with the offset in the plane that it may have."""
    some = rng.permutation(len(a))[:LARGER]
    return settled(_refined(trial, a[some], b[some]), a[some], b[some])


def _on_all(trial: Trial, a: Array, b: Array) -> Comparison:
    """The best hypothesis on all particles."""
    trial = _refined(trial, a, b, rounds=6)
    if trial.hypothesis.change.offset:
        trial = settled(trial, a, b)
    frame = trial.hypothesis.frame(trial.fit.turn)
    return with_frame(trial.hypothesis, frame, trial.fit.mixture, a, b)


def _refined(trial: Trial, a: Array, b: Array, rounds: int = 15) -> Trial:
    hypothesis, fit = trial.hypothesis, trial.fit
    law, turns = background(hypothesis.group), hypothesis.turns(a, b)
    known = (fit.turn, fit.mixture)
    fit = agreement.refine(turns, hypothesis.operators, law, *known, rounds=rounds)
    return replace(trial, fit=fit)
