"""Where two maps agree: overlapping windows, and the motion that most of them follow.

Each window has its own normal equations, so that the difference left in it after any small motion
is known. The motion is fitted again and again, windows counting the less the more they differ from
what is usual in the better part of them: redescending weights (Holland & Welsch 1977, Commun. Stat.
A6, 813) on a scale that a minority cannot spoil. Windows of a part that has moved, or is there only
once, so do not draw at the pose of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.pair import LEAST, Matched
from evenview.core.align.prepare import Singles
from evenview.core.align.step import solved

Floats = NDArray[np.float64]

#: The part of the molecule that is taken to agree, and how often its difference is no difference.
_PART, _TIMES = 0.45, 2.0
#: A difference of this part of the power is none, either.
_NEGLIGIBLE = 0.01
#: Windows with less of the region in them, as a part of the fullest, are not asked.
_FILLED = 0.2
_ROUNDS, _ENOUGH = 12, 1e-5
_UPPER = np.triu_indices(6)


@dataclass(frozen=True, eq=False)
class Windows:
    """Cubic B-splines over a region.

    Attributes
    ----------
    spline
        (M, n) that of each window along an axis; the sum over windows is 1.
    region
        (n, n, n) from 0 to 1.
    volume
        (M, M, M) how much of the region is in each.
    """

    spline: Singles
    region: Singles
    volume: Singles

    @classmethod
    def over(cls, region: Singles, side: float, spacing: float) -> Windows:
        """Windows `spacing` apart in a box of `side`, both Å."""
        n = len(region)
        reach = int(np.ceil(0.5 * side / spacing)) + 1
        centres = np.arange(-reach, reach + 1) * spacing
        x = (np.arange(n) - n // 2) * (side / n)
        away = np.abs(x - centres[:, None]) / spacing
        near = 2.0 / 3.0 - away**2 + 0.5 * away**3
        spline = np.where(away < 1.0, near, np.clip(2.0 - away, 0.0, None) ** 3 / 6.0)
        spline = spline[spline.any(axis=1)].astype(np.float32)
        return cls(spline, region, _sums(spline, region[None])[0])

    @property
    def filled(self) -> NDArray[np.bool_]:
        """(M, M, M) which have enough of the region."""
        return np.asarray(self.volume > _FILLED * self.volume.max())

    def agreement(self, maps: Matched) -> Singles:
        """(n, n, n) the region, weakened where maps differ by more than in most of it."""
        filled = self.filled
        both = np.stack([maps.difference(self.region) ** 2, maps.power(self.region)])
        squares, power = _sums(self.spline, both).astype(np.float64)
        usual = _usual(squares[filled], self.volume[filled])
        weights = _weights(squares, power, self.volume, usual).astype(np.float32)
        rows = np.tensordot(self.spline.T, weights, axes=1)
        planes = np.tensordot(rows, self.spline, axes=(2, 0))
        return np.asarray(self.region * np.matmul(self.spline.T, planes))

    def motion(self, maps: Matched) -> Floats:
        """(6,) radians and sides of the box by which the second map follows most windows."""
        at = self.region > LEAST
        slopes, difference = maps.slopes(self.region, at), maps.difference(self.region)[at]
        room = np.zeros((29, *self.region.shape), np.float32)
        for i, (a, b) in enumerate(zip(*_UPPER, strict=True)):
            room[i][at] = slopes[a] * slopes[b]
        for i, slope in enumerate(slopes):
            room[21 + i][at] = slope * difference
        room[27][at] = difference**2
        room[28] = maps.power(self.region)
        filled = self.filled
        sums = _sums(self.spline, room)[:, filled].astype(np.float64).T
        return _Votes.of(sums, self.volume[filled]).agreed()


def _sums(spline: Singles, values: Singles) -> Singles:
    """(F, M, M, M) of values (F, n, n, n) in each window."""
    f, n, m = len(values), values.shape[1], len(spline)
    sums = values.reshape(f * n * n, n) @ spline.T
    sums = np.matmul(spline, sums.reshape(f * n, n, m))
    sums = np.matmul(spline, sums.reshape(f, n, m * m))
    return np.asarray(sums.reshape(f, m, m, m))


def _usual(squares: Floats, volume: Singles) -> float:
    """The mean square of the difference in the better part of the molecule."""
    means = squares / volume
    order = np.argsort(means)
    total = np.cumsum(volume[order])
    return float(means[order][np.searchsorted(total, _PART * total[-1])])


def _weights(squares: Floats, power: Floats, volume: Singles, usual: float) -> Floats:
    """1 for windows that differ as little as most, or by little of what they show, falling to 0."""
    nothing = _TIMES * (usual * volume + _NEGLIGIBLE * power)
    return np.asarray(1.0 / (1.0 + (squares / (nothing + 1e-6 * nothing.max() + 1e-30)) ** 4))


@dataclass(frozen=True, eq=False)
class _Votes:
    """The normal equations of windows (W, 6, 6) and (W, 6), what differs, power and volume (W,)."""

    normal: Floats
    right: Floats
    squares: Floats
    power: Floats
    volume: Singles

    @classmethod
    def of(cls, sums: Floats, volume: Singles) -> _Votes:
        normal = np.zeros((len(sums), 6, 6))
        normal[:, _UPPER[0], _UPPER[1]] = sums[:, :21]
        normal[:, _UPPER[1], _UPPER[0]] = sums[:, :21]
        return cls(normal, sums[:, 21:27], sums[:, 27], sums[:, 28], volume)

    def agreed(self) -> Floats:
        step: Floats = np.zeros(6)
        for _ in range(_ROUNDS):
            errors = self._errors(step)
            usual = _usual(errors, self.volume)
            counts = _weights(errors, self.power, self.volume, usual)
            before = step
            step = solved(np.tensordot(counts, self.normal, axes=1), counts @ self.right)
            if np.abs(step - before).max() < _ENOUGH:
                break
        return step

    def _errors(self, step: Floats) -> Floats:
        """The squares that a motion leaves in each window."""
        left = self.squares - 2.0 * self.right @ step + (self.normal @ step) @ step
        return np.asarray(np.maximum(left, 0.0))
