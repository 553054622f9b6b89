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
from functools import cached_property, lru_cache

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
_HALVINGS = 10


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

        def reaches(q: Floats) -> bool:
            return self.foresight.scf_star(q) >= scf_star

        reached = np.maximum.accumulate(self.scf_star)
        if scf_star <= reached[0]:
            return self.foresight.counts.copy()
        return self._first(self._after(reached, min(scf_star, reached[-1])), reaches)

    def of_loss(self, part: float) -> NDArray[np.int64]:
        """(B,) the trade that loses that part, 0 to 1, of N · SCF*."""
        limit = (1.0 - part) * self.effective[0]

        def is_lost(q: Floats) -> bool:
            return bool(self.foresight.scores(q).effective_particles <= limit)

        left = np.minimum.accumulate(self.effective)
        return self._first(self._after(-left, -limit), is_lost)

    def of_way(self, part: float) -> NDArray[np.int64]:
        """(B,) the trade at that part, 0 to 1, of the way from the SCF* as it is to the best."""
        start = float(self.scf_star[0])
        return self.of_scf(start + part * (self.best_scf_star - start))

    def _after(self, rising: Floats, wanted: float) -> int:
        """The first point of the curve, not the first of all, that has come to what is wanted."""
        last = len(rising) - 1
        return int(np.clip(np.searchsorted(rising, wanted), min(1, last), last))

    def _first(self, k: int, come: Callable[[Floats], bool]) -> NDArray[np.int64]:
        """Where between two points of the curve a condition begins to hold."""
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if come(self._between(k, middle)) else (middle, high)
        found = self._between(k, high)
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


def trade(foresight: Foresight, free: NDArray[np.bool_]) -> Trade:
    """The curve of best trades, thinning only the bins that are `free` (B,); kept for next time."""
    thinned = free & (foresight.counts > 0) & (foresight.areas > 0)
    return _trade(foresight, thinned.tobytes())


@lru_cache(maxsize=2)
def _trade(foresight: Foresight, free: bytes) -> Trade:
    thinned = np.frombuffer(free, dtype=np.bool_)
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
