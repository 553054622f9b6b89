"""The trade between evenness and signal: how many particles to leave where, at the least loss.

Taking particles away never adds signal; it makes the sampling more even where they were worth
little. For a given number of particles, N · SCF* is largest where all bins that are thinned in part
have particles of one worth, and bins that stay whole particles worth more (a resource allocation;
Ibaraki & Katoh 1988). Without empty directions that is the only optimum, for <1/S> is a convex
function of the numbers. Following it from all particles down to few gives the curve of best trades.

The optimum is sought as in topology optimisation (optimality criteria, Bendsøe & Sigmund 2003): the
number of each bin times a power of its worth, all scaled to the wanted sum, and a step is taken
only where N · SCF* rises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.foresight import Foresight
from evenview.core.thinning import water_level, whole_numbers

Floats = NDArray[np.float64]

_POINTS, _LEAST = 32, 0.01
#: Rounds of improvement a point of the curve gets, and the one that is picked.
_ROUNDS, _LAST_ROUNDS = 4, 6
#: The power of the worth: S falls as the numbers around it do, and the worth with its square.
_POWER, _MOST_POWER = 0.5, 2.0
#: Into how many parts a piece of the curve is told apart, and the most steps to find one.
_PARTS, _STEPS = 2000.0, 10


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
        """(P,) SCF* of each, said for one number of particles (`Foresight.scf_star`)."""
        return np.array([self.foresight.scf_star(q) for q in self.quotas])

    @cached_property
    def effective(self) -> Floats:
        """(P,) N · SCF* of each, all of its particles counted."""
        return np.array([self.foresight.scores(q).effective_particles for q in self.quotas])

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
        """(B,) the trade that leaves n particles, or as near to that as can be."""
        counts = self.foresight.counts
        total = int(np.clip(n - counts[~self.free].sum(), 0, counts[self.free].sum()))
        k = self._after(-self.particles, -n)
        high, low = self.particles[k - 1], self.particles[k]
        part = float(np.clip((high - n) / (high - low), 0.0, 1.0)) if high > low else 0.0
        return self._settled(self._between(k, part), total)

    def of_scf(self, scf_star: float) -> NDArray[np.int64]:
        """(B,) the trade that leaves most particles of those that reach an SCF*.

        Where none does, the one that comes nearest.
        """

        reached = np.maximum.accumulate(self.scf_star)
        if scf_star <= reached[0]:
            return self.foresight.counts.copy()
        wanted = min(scf_star, float(reached[-1]))
        k = self._after(reached, wanted)
        return self._first(k, self.foresight.scf_star, self.scf_star, wanted)

    def of_loss(self, part: float) -> NDArray[np.int64]:
        """(B,) the trade that loses that part, 0 to 1, of N · SCF*."""
        limit = (1.0 - part) * self.effective[0]

        def lost(q: Floats) -> float:
            return -self.foresight.scores(q).effective_particles

        k = self._after(-np.minimum.accumulate(self.effective), -limit)
        return self._first(k, lost, -self.effective, -limit)

    def of_way(self, part: float) -> NDArray[np.int64]:
        """(B,) the trade at that part, 0 to 1, of the way from the SCF* as it is to the best."""
        start = float(self.scf_star[0])
        return self.of_scf(start + part * (self.best_scf_star - start))

    def _after(self, rising: Floats, wanted: float) -> int:
        """The first point of the curve, not the first of all, that has come to what is wanted."""
        last = len(rising) - 1
        return int(np.clip(np.searchsorted(rising, wanted), min(1, last), last))

    def _first(
        self, k: int, value: Callable[[Floats], float], known: Floats, wanted: float
    ) -> NDArray[np.int64]:
        """Where between points k - 1 and k a rising value comes to what is wanted.

        By false position (Illinois: Dowell & Jarratt 1971), for a value takes a millisecond. What
        is `known` of it are the values (P,) at the points.
        """
        near = abs(float(known[k] - known[k - 1])) / _PARTS
        low, below = 0.0, float(known[k - 1]) - wanted - near
        high, above = 1.0, float(known[k]) - wanted - near
        place = 1.0
        for _ in range(_STEPS if below < 0.0 < above else 0):
            place = low - below * (high - low) / (above - below)
            off = value(self._between(k, place)) - wanted - near
            if abs(off) <= near:
                break
            if off > 0.0:
                high, above, below = place, off, 0.5 * below
            else:
                low, below, above = place, off, 0.5 * above
        found = self._between(k, place)
        return self._settled(found, round(float(found[self.free].sum())))

    def _between(self, k: int, part: float) -> Floats:
        return np.asarray((1.0 - part) * self.quotas[k - 1] + part * self.quotas[k])

    def _settled(self, start: Floats, total: int) -> NDArray[np.int64]:
        """Whole numbers near a place of the curve, `total` in the free bins, improved once more.

        Never a worse trade than cutting all bins to one density: that is tried as well.
        """
        counts, free = self.foresight.counts, self.free
        if not 0 < total < counts[free].sum():
            return np.where(free & (total == 0), 0, counts)
        even = counts.astype(np.float64)
        areas = self.foresight.areas[free]
        even[free] = np.minimum(even[free], water_level(counts[free], areas, total) * areas)
        best = improved(self.foresight, free, start, total, _LAST_ROUNDS)
        if self.foresight.trend(even)[0] > self.foresight.trend(best)[0]:
            best = improved(self.foresight, free, even, total, _LAST_ROUNDS)
        quotas = counts.copy()
        quotas[free] = whole_numbers(best[free], counts[free], total)
        return quotas


#: The curves made last, the newest at the end.
_curves: dict[tuple[Foresight, bytes], Trade] = {}
_KEPT = 2


def trade(foresight: Foresight, free: NDArray[np.bool_]) -> Trade:
    """The curve of best trades, thinning only the bins that are `free` (B,); kept for next time."""
    key = _key(foresight, free)
    found = _curves.get(key)
    if found is None:
        found = _trade(foresight, np.frombuffer(key[1], dtype=np.bool_))
        for oldest in list(_curves)[: len(_curves) + 1 - _KEPT]:
            _curves.pop(oldest, None)
        _curves[key] = found
    return found


def is_known(foresight: Foresight, free: NDArray[np.bool_]) -> bool:
    """Whether `trade` answers at once."""
    return _key(foresight, free) in _curves


def _key(foresight: Foresight, free: NDArray[np.bool_]) -> tuple[Foresight, bytes]:
    return foresight, (free & (foresight.counts > 0) & (foresight.areas > 0)).tobytes()


def _trade(foresight: Foresight, thinned: NDArray[np.bool_]) -> Trade:
    q = foresight.counts.astype(np.float64)
    path = [q]
    present = float(q[thinned].sum())
    for total in np.geomspace(present, _LEAST * present, _POINTS)[1:] if present > 1 else ():
        q = improved(foresight, thinned, q, total, _ROUNDS)
        path.append(q)
    return Trade(foresight, thinned, np.stack(path))


def improved(
    foresight: Foresight, free: NDArray[np.bool_], quotas: Floats, total: float, rounds: int
) -> Floats:
    """Numbers (B,) nearer to the best of all with one sum over the free bins.

    Parameters
    ----------
    quotas
        (B,) where to begin; it is scaled to the sum.
    total
        Particles that stay in the bins that are `free`.
    """
    most = foresight.counts[free].astype(np.float64)

    def with_free(weights: Floats) -> Floats:
        out = quotas.copy()
        out[free] = np.minimum(most, water_level(most, weights, total) * weights)
        return out

    least = 1e-9 * most
    best = with_free(np.maximum(quotas[free], least)) if total < most.sum() else quotas
    value, worth = foresight.trend(best)
    power = _POWER
    for _ in range(rounds):
        own = np.maximum(worth[free], 1e-12 * worth.max())
        step = (own / own.max()) ** power
        tried = with_free(np.maximum(best[free] * step, least))
        new, new_worth = foresight.trend(tried)
        if new > value:
            best, value, worth = tried, new, new_worth
            power = min(1.4 * power, _MOST_POWER)
        else:
            power *= 0.4
    return best
