"""The one turn by which most particles agree, found among any number of unrelated ones.

With d = A_A^T A_B the turn of a particle from the one pose to the other, d ≈ S h for one turn h
(G^T) and an operator S of the particle's own. Turns of random particles are tried as h, and scored
by a soft count of the particles near one of its copies. The best is refined: the angles of the
particles are a mixture of Maxwell's law (three errors of the width σ about the axes) and the law of
unrelated poses (`background`), fitted by expectation and maximisation; the probabilities to agree
are the weights of the mean quaternion of ``S^-1 d``, the largest eigenvector of ``Σ w q q^T``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.compare.background import Background

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: How many particles are tried as h, and the width of the soft count.
TRIES, WIDTH = 120, math.radians(6.0)
#: The best of the tries that are refined before one is taken, and the rounds of that.
_REFINED, _ROUNDS = 2, 15
#: σ is not taken to be smaller: files are rounded to so much. Nor is it larger, or than this part
#: of the median of unrelated poses, whose own law the mixture would else take for agreement.
SMALLEST, LARGEST, _PART = math.radians(0.01), math.radians(20.0), 0.25
_START_SIGMA, _START_SHARE = math.radians(4.0), 0.5
_FEWEST, _MOST = 1e-4, 1.0 - 1e-6
#: Angles that a limit is looked for among, radians.
_LADDER = np.geomspace(1e-5, math.pi, 6_000)
#: A round that moves the turn by less (a part of its error, σ / √n) and σ by less (a part of it) is
#: the last.
_STILL, _STILL_PART = 1e-3, 1e-3


def widest(background: Background) -> float:
    """Radians: σ is not taken to be larger."""
    return min(LARGEST, _PART * background.median)


@dataclass(frozen=True)
class Mixture:
    """The law of the angles: the share of particles that agree, and their width σ (radians).

    The turn between two poses that agree has three components, each normal with deviation σ.
    """

    sigma: float
    share: float

    def odds(self, angle: Array, background: Background) -> Array:
        """How many times likelier an angle (N,) is for poses that agree than for unrelated."""
        peak = math.sqrt(2.0 / math.pi) / self.sigma**3
        near: Array = peak * np.exp(-0.5 * (angle / self.sigma) ** 2)
        return near / background.over_square(angle)

    def probability(self, angle: Array, background: Background) -> Array:
        """The probability (N,) that poses at these angles (radians) agree."""
        odds = self.share * self.odds(angle, background)
        agree: Array = odds / (odds + (1.0 - self.share))
        return agree

    def limit(self, background: Background) -> float:
        """Radians: up to this angle it is likelier than not that poses agree; 0 where never."""
        likelier = self.probability(_LADDER, background) > 0.5
        return float(_LADDER[likelier][-1]) if likelier.any() else 0.0

    def gain(self, angle: Array, background: Background) -> float:
        """The mean log likelihood a particle, over that of poses that are all unrelated."""
        odds = self.odds(angle, background)
        return float(np.mean(np.log(self.share * odds + (1.0 - self.share))))

    def step(self, angle: Array, background: Background) -> tuple[Mixture, Array]:
        """The mixture that the probabilities under this one give, and these."""
        agree = self.probability(angle, background)
        total = float(agree.sum())
        width = math.sqrt(float(agree @ angle**2) / max(total, 1e-9) / 3.0)
        share = min(max(total / len(angle), _FEWEST), _MOST)
        return Mixture(min(max(width, SMALLEST), widest(background)), share), agree


@dataclass(frozen=True, eq=False)
class Fit:
    """A turn h, how well it holds, and each particle's angle (radians) and operator, (N,) each."""

    turn: Array
    mixture: Mixture
    gain: float
    angle: Array
    operator: Whole


def search(turns: Array, operators: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Turns h worth refining (T, 4), and their soft counts (T,) without the particles themselves.

    Parameters
    ----------
    turns
        (N, 4) unit quaternions of ``A_A^T A_B``.
    operators
        (G, 4), the identity among them.
    """
    from evenview.core.kernels import agreement as kernels

    tried = rng.choice(len(turns), min(TRIES, len(turns)), replace=False)
    counts = np.empty(len(tried))
    kernels.soft_counts(turns, turns[tried], operators, WIDTH, counts)
    order = np.argsort(-counts, kind="stable")
    return turns[tried[order]], counts[order] - 1.0


def refine(
    turns: Array,
    operators: Array,
    law: Background,
    turn: Array,
    start: Mixture | None = None,
    rounds: int = _ROUNDS,
) -> Fit:
    """The turn and mixture nearest to a first guess that fit best."""
    mixture = Mixture(_START_SIGMA, _START_SHARE) if start is None else start
    angle, operator = held_against(turns, operators, turn)
    for _ in range(rounds):
        before = mixture
        mixture, agree = mixture.step(angle, law)
        better = _mean(turns, operators, operator, agree, turn)
        moved = float(min(np.abs(better - turn).max(), np.abs(better + turn).max()))
        turn = better
        angle, operator = held_against(turns, operators, turn)
        error = mixture.sigma / math.sqrt(len(turns))
        if (
            moved < _STILL * error
            and abs(mixture.sigma - before.sigma) < _STILL_PART * mixture.sigma
        ):
            break
    return Fit(turn, mixture, mixture.gain(angle, law), angle, operator)


def best_fit(
    turns: Array, operators: Array, law: Background, rng: np.random.Generator
) -> tuple[Fit, float]:
    """The best of the turns that a search gives, refined, and the highest soft count."""
    found, counts = search(turns, operators, rng)
    fits = [refine(turns, operators, law, turn) for turn in found[:_REFINED]]
    return max(fits, key=lambda fit: fit.gain), float(counts[0])


def turns_between(first: Array, second: Array) -> Array:
    """(N, 4) of ``first^-1 second``, of either sign."""
    from evenview.core.kernels import agreement as kernels

    out = np.empty((len(first), 4))
    kernels.between(first, second, out)
    return out


def split_errors(
    first: Array, second: Array, operators: Array, operator: Whole, turn: Array
) -> tuple[Array, Array]:
    """The turns from ``first S turn`` to `second`, split: degrees of view and in the plane (N,)."""
    from evenview.core.kernels import agreement as kernels

    direction, inplane = np.empty(len(first)), np.empty(len(first))
    kernels.split_errors(first, second, operator, direction, inplane, operators, turn)
    return direction, inplane


def held_against(turns: Array, operators: Array, turn: Array) -> tuple[Array, Whole]:
    """Each turn's angle (N,), radians, to the nearest copy of one turn, and that operator (N,)."""
    from evenview.core import rotation
    from evenview.core.kernels import agreement as kernels

    angle, operator = np.empty(len(turns)), np.empty(len(turns), dtype=np.int64)
    kernels.nearest(turns, rotation.compose(operators, turn), angle, operator)
    return angle, operator


def _mean(
    turns: Array, operators: Array, operator: Whole, weights: Array, otherwise: Array
) -> Array:
    from evenview.core.kernels import agreement as kernels

    total = np.zeros((4, 4))
    kernels.moments(turns, operators, operator, weights, total)
    if not total.trace() > 0.0:
        return otherwise
    top: Array = np.linalg.eigh(total)[1][:, -1]
    return top
