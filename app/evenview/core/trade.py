"""The trade between evenness and signal: how many particles to leave where, at the least loss.

Taking particles away never adds signal; it makes the sampling more even where they were worth
little. For a given number of particles, N · SCF* is largest where all bins that are thinned in part
have particles of one worth, and bins that stay whole particles worth more (a resource allocation;
Ibaraki & Katoh 1988). Without empty directions that is the only optimum, for <1/S> is a convex
function of the numbers. Following it from all particles down to few gives the curve of best trades.

The optimum is flat: in a crowd many ways of thinning lose the same to a part in a thousand, and
most of them leave holes between bins that stay full. So the numbers are sought among smooth ones
alone: a density that goes with a power of the worth, which changes slowly over the sphere, in as
many bins as hold so much. The worth is that of these numbers themselves, found by going round a few
times (a fixed point, as in the optimality criteria of topology optimisation; Bendsøe & Sigmund
2003). Power 0 is one density for all, which is the rule of a level.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from evenview.core.foresight import Foresight, Quotas
from evenview.core.thinning import water_level, whole_numbers

Floats = NDArray[np.float64]

_POINTS, _LEAST = 32, 0.01
#: Powers of the worth that the density may go with, and how often each is gone round.
_POWERS, _ROUNDS = (0.0, 0.5, 1.0, 2.0, 4.0), 3
#: Worth below this part of the highest counts as that.
_LEAST_WORTH = 1e-4
#: Into how many parts a piece of the curve is told apart.
_PARTS = 500.0
#: How far along the curve, in pieces, and how often to go where rounding has cost what was asked.
_STRIDE, _STRIDES = 0.05, 10


@dataclass(frozen=True, eq=False)
class Trade:
    """The best trades of one set of particles, from all of them to few.

    Attributes
    ----------
    foresight
        What it was made from.
    free
        (B,) the bins that are thinned; the others keep all.
    quotas
        (P, B) numbers that stay, not rounded; their sums fall with P.
    """

    foresight: Foresight
    free: NDArray[np.bool_]
    quotas: Floats

    @cached_property
    def scf_star(self) -> Floats:
        """(P,) SCF* of each in whole particles, said for one number (`Foresight.scf_star`)."""
        return np.array([self.foresight.scf_star(self._whole(q)) for q in self.quotas])

    @cached_property
    def effective(self) -> Floats:
        """(P,) N · SCF* of each in whole particles, all of them counted."""
        whole = (self._whole(q) for q in self.quotas)
        return np.array([self.foresight.scores(q).effective_particles for q in whole])

    @cached_property
    def particles(self) -> Floats:
        """(P,) how many stay, of those that may be thinned or not."""
        return np.asarray(self.quotas.sum(axis=1))

    @property
    def best_scf_star(self) -> float:
        """The highest SCF* of the curve."""
        return float(self.scf_star.max())

    @cached_property
    def rising(self) -> NDArray[np.intp]:
        """(K,) the points with a higher SCF* than all before: what `of_way` goes along."""
        before = np.maximum.accumulate(self.scf_star)[:-1]
        return np.flatnonzero(np.concatenate([[True], self.scf_star[1:] > before]))

    def way_to(self, scf_star: float) -> float:
        """How far an SCF* is, 0 to 1, from that of all particles to the highest."""
        start = float(self.scf_star[0])
        length = self.best_scf_star - start
        return float(np.clip((scf_star - start) / length, 0.0, 1.0)) if length > 0 else 0.0

    def of_particles(self, n: int) -> NDArray[np.int64]:
        """(B,) the trade that leaves n particles, or as near to that as the curve comes."""
        counts = self.foresight.counts
        if n >= counts.sum():
            return counts.copy()
        k = self._after(-self.particles, -n)
        high, low = self.particles[k - 1], self.particles[k]
        part = float(np.clip((high - n) / (high - low), 0.0, 1.0)) if high > low else 0.0
        return self._settled(self._between(k, part))

    def of_scf(self, scf_star: float) -> NDArray[np.int64]:
        """(B,) the trade that leaves most particles of those that reach an SCF*.

        Where none does, the one that comes nearest.
        """
        reached = np.maximum.accumulate(self.scf_star)
        if scf_star <= reached[0]:
            return self.foresight.counts.copy()
        wanted = min(scf_star, float(reached[-1]))

        def short(q: Quotas) -> float:
            return wanted - self.foresight.scf_star(q)

        place = self._crossing(self._after(reached, wanted), short, wanted - self.scf_star)
        return self._holding(place, short, _STRIDE)

    def of_loss(self, part: float) -> NDArray[np.int64]:
        """(B,) the trade that loses that part, 0 to 1, of N · SCF*, and no more."""
        limit = (1.0 - part) * self.effective[0]

        def short(q: Quotas) -> float:
            return float(limit - self.foresight.scores(q).effective_particles)

        k = self._after(-np.minimum.accumulate(self.effective), -limit)
        return self._holding(self._crossing(k, short, limit - self.effective), short, -_STRIDE)

    def of_way(self, part: float) -> NDArray[np.int64]:
        """(B,) the trade at that part, 0 to 1, of the way from the SCF* as it is to the best."""
        start = float(self.scf_star[0])
        return self.of_scf(start + part * (self.best_scf_star - start))

    def _after(self, rising: Floats, wanted: float) -> int:
        """The first point of the curve, not the first of all, that has come to what is wanted."""
        last = len(rising) - 1
        return int(np.clip(np.searchsorted(rising, wanted), min(1, last), last))

    def _crossing(self, k: int, short: Callable[[Quotas], float], known: Floats) -> float:
        """The place between points k - 1 and k where nothing is short any more, or begins to be.

        What is `known` of it are the values (P,) at the points. It is looked for a little on the
        side where nothing is short.
        """
        before, after = float(known[k - 1]), float(known[k])
        near = abs(after - before) / _PARTS
        ends = {k - 1.0: before + near, float(k): after + near}
        if (before + near > 0.0) == (after + near > 0.0):
            return float(k if after <= before else k - 1)

        def off(place: float) -> float:
            return ends[place] if place in ends else short(self._whole(self._at(place))) + near

        return float(brentq(off, k - 1, k, xtol=0.5 / _PARTS))

    def _holding(
        self, place: float, short: Callable[[Quotas], float], stride: float
    ) -> NDArray[np.int64]:
        """Whole numbers at a place of the curve, or at one of the next where rounding has cost what
        is asked for; where none holds it the nearest."""
        tried = [self._settled(self._at(place))]
        while short(tried[-1]) > 0.0 and len(tried) <= _STRIDES:
            tried.append(self._whole(self._at(place + stride * (len(tried) - 1))))
        return tried[-1] if short(tried[-1]) <= 0.0 else min(tried, key=short)

    def _at(self, place: float) -> Floats:
        """(B,) the numbers at a place of the curve, 0 to P - 1."""
        k = int(np.clip(math.ceil(place), min(1, len(self.quotas) - 1), len(self.quotas) - 1))
        return self._between(k, float(np.clip(place - (k - 1), 0.0, 1.0)))

    def _between(self, k: int, part: float) -> Floats:
        return np.asarray((1.0 - part) * self.quotas[k - 1] + part * self.quotas[k])

    def _settled(self, start: Floats) -> NDArray[np.int64]:
        """Whole numbers with the sum of numbers between two points of the curve, which lie a little
        below the best."""
        total = float(start[self.free].sum())
        if not 0.0 < total < self.foresight.counts[self.free].sum():
            return self._whole(start)
        _, worth = self.foresight.trend(start)
        return self._whole(best_smooth(self.foresight, self.free, worth, total)[0])

    def _whole(self, quotas: Floats) -> NDArray[np.int64]:
        out, free = self.foresight.counts.copy(), self.free
        out[free] = whole_numbers(np.minimum(quotas[free], out[free]))
        return out


def trade(foresight: Foresight, free: NDArray[np.bool_]) -> Trade:
    """The curve of best trades, thinning only the bins that are `free` (B,).

    The foresight keeps the one that was made last.
    """
    thinned = _thinned(foresight, free)
    found = foresight.curves.get(thinned.tobytes())
    if found is None:
        found = _trade(foresight, thinned)
        foresight.curves.clear()
        foresight.curves[thinned.tobytes()] = found
    return found


def is_known(foresight: Foresight, free: NDArray[np.bool_]) -> bool:
    """Whether `trade` answers at once."""
    return _thinned(foresight, free).tobytes() in foresight.curves


def _thinned(foresight: Foresight, free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(B,) the bins that are free and have something to thin."""
    return np.asarray(free & (foresight.counts > 0) & (foresight.areas > 0))


def _trade(foresight: Foresight, thinned: NDArray[np.bool_]) -> Trade:
    q = foresight.counts.astype(np.float64)
    path = [q]
    present = float(q[thinned].sum())
    if present > 1:
        _, worth = foresight.trend(q)
        for total in np.geomspace(present, _LEAST * present, _POINTS)[1:]:
            q, worth = best_smooth(foresight, thinned, worth, total)
            path.append(q)
    return Trade(foresight, thinned, np.stack(path))


def best_smooth(
    foresight: Foresight, free: NDArray[np.bool_], worth: Floats, total: float
) -> tuple[Floats, Floats]:
    """The smooth numbers (B,) with a sum over the free bins that have most N · SCF*.

    Parameters
    ----------
    free
        (B,) bins that are thinned, each with particles and an area.
    worth
        (B,) of particles, to begin with.
    total
        Particles that stay in them.

    Returns
    -------
    The numbers, not rounded, and the worth (B,) that particles have then.
    """
    most, areas = foresight.counts[free].astype(np.float64), foresight.areas[free]

    def spread(own: Floats, power: float) -> Floats:
        part = np.maximum(own[free] / own.max(), _LEAST_WORTH)
        weights = areas * part**power
        out = foresight.counts.astype(np.float64)
        out[free] = np.minimum(most, water_level(most, weights, total) * weights)
        return out

    found: list[tuple[float, Floats, Floats]] = []
    for power in _POWERS:
        q = spread(worth, power)
        value, own = foresight.trend(q)
        for _ in range(_ROUNDS - 1 if power else 0):
            q = spread(own, power)
            value, own = foresight.trend(q)
        found.append((value, q, own))
    _, best, own = max(found, key=lambda one: one[0])
    return best, own
