"""A constant turn of all images in their plane, of any size: ``A_B ≈ Rz(δ) A_A S G^T``.

**Found** without knowing G. Of two particles i and j the relative turn is
``B_i B_j^T = Rz(δ) A_i S A_j^T Rz(-δ)``, S = S_i S_j^T: the direction of view of j as it is seen in
image i has the same polar angle in both files and an azimuth that is larger by δ in B, and so has
that of i as seen in image j. Pairs for which all this holds vote for their δ.

**Refined** with G. Of particles that nearly agree the turn that is left, ``A_B (A_A S G^T)^T``, has
the rotation vector ``ε = δ z + P g`` in the image's frame, P the pose that is expected and g the
error of G. With the weighted means m of the views (the third rows of P) and q of ``P^T ε``, least
squares give ``δ = (⟨ε_z⟩ - m · q) / (1 - |m|²)`` and ``g = q - m δ``, and δ the variance
``σ² / (W (1 - |m|²))``: where all views are one, an offset is a turn of the map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare.agreement import Fit
from evenview.core.compare.background import Background
from evenview.core.symmetry import PointGroup

Array = NDArray[np.float64]

#: Pairs of particles times operators that are looked at.
_LOOKS = 400_000
#: Bins of the votes, and the half width of the window that they are counted in, both in degrees.
_BINS, _WINDOW = 360, 6
#: A peak of votes is one where it is above what is usual by so many deviations.
_CLEAR = 6.0
#: Degrees: smaller offsets are not told; others are where they are so many errors large.
LEAST, ERRORS = 0.2, 5.0
#: Rounds of refining, and degrees: a smaller step is the last.
ROUNDS, STILL = 6, 1e-3


@dataclass(frozen=True, eq=False)
class Left:
    """The offset that is left under a fit, degrees, its error, and the turn h = G^T without it."""

    degrees: float
    error: float
    turn: Array

    @property
    def least(self) -> float:
        """Degrees: a smaller offset is none."""
        return max(LEAST, ERRORS * self.error)

    def is_sure(self, known: float) -> bool:
        """Whether an offset, on top of one that is known already, is there for certain."""
        whole = abs((known + self.degrees + 180.0) % 360.0 - 180.0)
        return whole > self.least


def voted(a: Array, b: Array, group: PointGroup, seed: int) -> float | None:
    """The offset in degrees that most pairs of particles have, -180 to 180; None where none is
    clear.

    Parameters
    ----------
    a, b
        (N, 4) quaternions, row for row the same particle.
    """
    from evenview.core.kernels import agreement as kernels

    n = len(a)
    if n < 4:
        return None
    rng = np.random.default_rng(seed)
    number = max(1, min(_LOOKS // group.order, n * (n - 1)))
    first = rng.integers(0, n, number)
    second = (first + rng.integers(1, n, number)) % n
    votes = np.zeros(_BINS)
    poses = (rotation.to_matrix(a), rotation.to_matrix(b))
    kernels.offset_votes(*poses, group.matrices, first, second, votes)
    window = np.ones(2 * _WINDOW + 1)
    around = np.convolve(np.tile(votes, 3), window, "same")[_BINS : 2 * _BINS]
    at = int(np.argmax(around))
    usual = float(np.median(around))
    if around[at] < usual + _CLEAR * math.sqrt(usual + 1.0):
        return None
    near = np.arange(at - _WINDOW, at + _WINDOW + 1)
    weights = votes[near % _BINS]
    centre = float(weights @ (near + 0.5)) / float(weights.sum())
    return (centre * 360.0 / _BINS + 180.0) % 360.0 - 180.0


def left(first: Array, second: Array, operators: Array, fit: Fit, law: Background) -> Left | None:
    """What is left of an offset under a fit; None where the views do not tell it from a turn.

    Parameters
    ----------
    first, second
        (N, 4), the poses that were fitted.
    """
    copies = rotation.compose(first, operators[fit.operator])
    expected = rotation.compose(copies, fit.turn)
    q = rotation.compose(second, rotation.invert(expected))
    # Twice the vector part is the sine of half the turn, twice: near enough, and no angle folds.
    errors = 2.0 * q[:, 1:]
    weights = fit.mixture.probability(fit.angle, law)
    total = float(weights.sum())
    if total < 4.0:
        return None
    poses = rotation.to_matrix(expected)
    views = weights @ poses[:, 2] / total
    mean = np.einsum("n,nij,ni->j", weights, poses, errors) / total
    crowding = 1.0 - float(views @ views)
    if crowding < 1e-6:
        return None
    offset = (float(weights @ errors[:, 2]) / total - float(views @ mean)) / crowding
    turn = _turned_by(fit.turn, mean - views * offset)
    error = fit.mixture.sigma / math.sqrt(total * crowding)
    return Left(math.degrees(offset), math.degrees(error), turn)


def _turned_by(turn: Array, vector: Array) -> Array:
    """``turn exp(vector)``, for a small rotation vector in radians."""
    small = np.concatenate([[1.0], 0.5 * vector])
    return rotation.compose(turn, small / np.linalg.norm(small))
