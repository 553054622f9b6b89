"""A straight line through data of which some are wild: slope, its error, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Tukey's bisquare: residuals of more than this many scales do not count.
_CUT = 4.685
#: The median of absolute values of a normal distribution, as a part of its standard deviation.
_MAD = 0.6745
#: With fewer degrees of freedom nothing tells a wild row from the others: all of them count.
_FEW = 8
#: By how much the error of few rows is larger, over their degrees of freedom: of noise alone hardly
#: 1 slope in 300 is then 3 errors from 0 (``tests/core/test_tilt_hand.py``).
_SMALL = 3.0
#: Groups that err together tell how much from here on.
_GROUPS = 4
_ALL_PAIRS = 400
_MOST_STEPS = 100


@dataclass(frozen=True)
class Slope:
    """A slope and its standard error.

    Attributes
    ----------
    n, outliers
        The rows, and how many of them do not count.
    free
        Degrees of freedom that the error rests on.
    """

    value: float
    error: float
    n: int
    outliers: int
    free: int


def robust_slope(x: Floats, y: Floats, groups: Whole, least: float = 0.0) -> Slope | None:
    """The slope of ``y = a_g + slope x``, with an a of its own for each group; None of too few.

    It begins at the weighted median of the slopes of pairs within groups (Theil and Sen), which
    stands a quarter of wild rows, and ends at Tukey's bisquare with the scale found there (taken to
    be larger of few rows: Rousseeuw and Leroy 1987, chapter 5). The error is that of the
    M-estimator (Huber and Ronchetti 2009, section 7.6), made larger of few rows by what trials with
    noise alone ask for; where there are four groups or more, and rows of a group err together, it
    is the larger one that this gives. It is never less than what `least` leaves open.

    Parameters
    ----------
    x, y
        (N,) finite.
    groups
        (N,) whole numbers from 0.
    least
        What y is known to at best: no row is wild for less, and the slope is not surer than this.
    """
    free = len(x) - 1 - len(np.unique(groups))
    start = _start(x, y, groups)
    if start is None or free < 2:
        return None
    rest = y - start * x
    rest = rest - _medians(rest, groups)[groups]
    scale = float(np.median(np.abs(rest))) / _MAD * (1.0 + 5.0 / free)
    scale = max(scale, least, 1e-12 * float(np.abs(y).max() + 1.0))
    if free < _FEW:
        scale = np.inf
    fit = _refined(x, y, groups, start, scale)
    counted = fit.counted
    kept = int(counted.sum()) - 1 - len(np.unique(groups[counted]))
    if fit.bend <= 0.0 or kept < 2:
        return None
    together = _together(fit.pulls * fit.centred, groups) / fit.bend**2
    error = float(np.sqrt(max(fit.variance(free), together, least**2 / fit.power)))
    several = len(np.unique(groups))
    kept = kept if several == 1 else min(kept, max(several - 1, 2))
    return Slope(fit.slope, error, len(x), int(np.count_nonzero(~counted)), kept)


@dataclass(frozen=True, eq=False)
class _Fit:
    """A slope by reweighting, with x about the means of its groups, residuals and weights (N,)."""

    slope: float
    centred: Floats
    rest: Floats
    weights: Floats
    scale: float

    @property
    def counted(self) -> NDArray[np.bool_]:
        """The rows (N,) that count."""
        return self._ratio < 1.0

    @property
    def pulls(self) -> Floats:
        """What each row (N,) pulls with."""
        return self.weights * self.rest

    @property
    def power(self) -> float:
        """Of x, in the rows that count."""
        return float((self.centred[self.counted] ** 2).sum())

    @property
    def bend(self) -> float:
        """How fast the pull on the slope changes with it."""
        return float((self._curve * self.centred**2).sum())

    def variance(self, free: int) -> float:
        """Of the slope as an M-estimator, larger of few rows."""
        n, curve = len(self.rest), self._curve
        found = float((self.pulls**2).sum()) / free * self.power / self.bend**2
        found *= (1.0 + (n - free) / n * float(curve.var() / curve.mean() ** 2)) ** 2
        return found * (1.0 + _SMALL / free) ** 2 if np.isfinite(self.scale) else found

    @property
    def _ratio(self) -> Floats:
        found: Floats = (self.rest / (_CUT * self.scale)) ** 2
        return found

    @property
    def _curve(self) -> Floats:
        """The derivative of the bisquare's pull, row by row."""
        ratio = self._ratio
        return np.where(ratio < 1.0, (1.0 - ratio) * (1.0 - 5.0 * ratio), 0.0)


def _refined(x: Floats, y: Floats, groups: Whole, slope: float, scale: float) -> _Fit:
    """The fit that reweighting from a first slope ends at."""
    rest = y - slope * x
    rest = rest - _medians(rest, groups)[groups]
    centred, weights = x, np.ones_like(x)
    for _ in range(_MOST_STEPS):
        weights = np.maximum(0.0, 1.0 - (rest / (_CUT * scale)) ** 2) ** 2
        centred = x - _means(x, weights, groups)[groups]
        level = y - _means(y, weights, groups)[groups]
        power = float((weights * centred**2).sum())
        if power <= 0.0:
            break
        new = float((weights * centred * level).sum()) / power
        rest = level - new * centred
        done = abs(new - slope) <= 1e-12 * max(1.0, abs(new))
        slope = new
        if done:
            break
    return _Fit(slope, centred, rest, weights, scale)


def _together(pulls: Floats, groups: Whole) -> float:
    """The variance of the sum of `pulls` where those of a group are one."""
    sums = np.bincount(groups, pulls)
    n = len(np.unique(groups))
    return float((sums**2).sum()) * n / (n - 1) if n >= _GROUPS else 0.0


def _start(x: Floats, y: Floats, groups: Whole) -> float | None:
    first, second = _pairs(x, groups)
    run, rise = x[second] - x[first], y[second] - y[first]
    slanted = run != 0.0
    run, rise = run[slanted], rise[slanted]
    if not len(run):
        return None
    slopes = rise / run
    order = np.argsort(slopes)
    weight = np.cumsum(np.abs(run[order]))
    middle = int(np.searchsorted(weight, weight[-1] / 2.0))
    return float(slopes[order[min(middle, len(order) - 1)]])


def _pairs(x: Floats, groups: Whole) -> tuple[Whole, Whole]:
    """Rows of one group, two and two: all of a small group, far ones of a large group."""
    firsts, seconds = [], []
    order = np.lexsort((x, groups))
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    for rows in np.split(order, ends):
        if len(rows) <= _ALL_PAIRS:
            i, j = np.triu_indices(len(rows), 1)
        else:
            half = len(rows) // 2
            i = np.arange(len(rows) - half)
            j = i + half
        firsts.append(rows[i])
        seconds.append(rows[j])
    return np.concatenate(firsts), np.concatenate(seconds)


def _means(values: Floats, weights: Floats, groups: Whole) -> Floats:
    total = np.bincount(groups, weights)
    sums = np.bincount(groups, weights * values)
    return np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)


def _medians(values: Floats, groups: Whole) -> Floats:
    found = np.zeros(int(groups.max()) + 1)
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    for rows in np.split(order, ends):
        found[groups[rows[0]]] = np.median(values[rows])
    return found
