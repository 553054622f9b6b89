"""What no strategy can do, and what looking ahead is worth, with rows that were really chosen.

Of fewer particles no direction of Fourier space is sampled more often: S'(u) <= S(u). Over any set
of directions that stay sampled <1/S'> >= <1/S> follows, and as <S> is the same part of N for any
views, so does N·SCF' <= N·SCF where there are no holes. SCF* gives an empty direction the sampling
s0 = 2, which is more than the one view that may have been there. So N·SCF* can rise by as much as
emptying these directions brings: it stays at or below 1 / <1/max(S, s0)>, which without holes is
N·SCF* itself.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pytest

from evenview.core.binning import Binning, bin_particles
from evenview.core.errors import UserError
from evenview.core.foresight import Foresight, foresee
from evenview.core.grid import parse_grid
from evenview.core.keep import bin_quotas, choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import Thinning
from evenview.core.sampling import EMPTY_SAMPLING, Scores, score
from evenview.core.symmetry import parse_group
from evenview.core.thinning import BinTable
from evenview.strategies import parameters, started, strategies
from evenview.strategies.percentile import Percentile
from evenview.strategies.redundancy_number import RedundancyNumber
from made_views import at, cone, even, particles_of

N = 6000
#: <S> is taken over 5,000 directions, not over all.
NOISE = 1e-3


def about(axis, spread, n, rng):
    v = np.asarray(axis) + spread * rng.normal(size=(n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def side(rng):
    return at(np.clip(0.05 * rng.normal(size=N), -1, 1), rng)


def two_views(rng):
    crowds = [about((0, 0, 1), 0.15, N // 2, rng), about((1, 0, 0), 0.15, N // 4, rng)]
    return np.concatenate([*crowds, even(N // 4, rng)])


def mixture(rng):
    widths = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6)
    crowds = [about(even(1, rng)[0], spread, N // 8, rng) for spread in widths]
    return np.concatenate([*crowds, even(N // 4, rng)])


def holes(rng):
    return np.concatenate([cone(N // 2, 50, rng), about((0, 0, 1), 0.2, N // 2, rng)])


def uniform(rng):
    return even(N, rng)


@dataclass(frozen=True, eq=False)
class Case:
    """Particles in bins, and how their views sample Fourier space."""

    views: np.ndarray
    particles: Particles
    binning: Binning
    foresight: Foresight
    sampled: np.ndarray

    @property
    def bins(self) -> BinTable:
        everywhere = np.ones(self.binning.grid.n, np.bool_)
        counts, areas = self.binning.decision_counts, self.binning.decision_areas
        return BinTable(counts, areas, everywhere, self.foresight)

    def quotas(self, strategy) -> np.ndarray:
        return bin_quotas(self.binning, Thinning(strategy), self.bins.selected, self.foresight)

    def left(self, quotas, seed=0) -> tuple[np.ndarray, Scores]:
        """S of the rows that are chosen, and their scores."""
        chosen = Thinning(Percentile(), seed=seed)
        kept = choose_rows(self.particles, self.binning, quotas, chosen)
        sampled = self.foresight.shell.counted(self.views[kept])
        return sampled, told(sampled, int(kept.sum()))


def most_effective(sampled, n) -> float:
    """N·SCF* if views could be taken from the directions alone that fewer than s0 sample."""
    return n / float(np.mean(1 / np.maximum(sampled, EMPTY_SAMPLING)) * sampled.mean())


def told(sampled, n) -> Scores:
    return score(sampled, n, reference=n)


CASES = [
    *((made, "C1") for made in (uniform, side, two_views, mixture, holes)),
    *((made, "D7") for made in (two_views, holes)),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda p: f"{p[0].__name__} {p[1]}")
def case(request):
    made, group = request.param
    views = made(np.random.default_rng(3))
    particles, look = particles_of(views), "stored" if group == "C1" else "folded"
    binning = bin_particles(particles, parse_grid("healpix:3"), parse_group(group), look)
    ahead = foresee(particles, binning)
    return Case(views, particles, binning, ahead, ahead.shell.counted(views))


def thinned(case):
    """Every strategy that can be followed here, with its quotas."""
    for kind in strategies().values():
        for strategy in some_of(kind, case.bins):
            with suppress(UserError):  # what cannot be had of these views
                yield strategy, case.quotas(strategy)


def some_of(kind, bins):
    """A strategy as it starts, and with its first number half way up and high."""
    first = started(kind, bins)
    yield first
    about = parameters(first)[0]
    high = min(about.high, N) if about.whole else about.high
    for part in (0.5, 0.95):
        value = about.low + part * (high - about.low)
        yield replace(first, **{about.name: round(value) if about.whole else value})


def test_no_strategy_adds_signal(case):
    whole, foreseen = told(case.sampled, N), case.foresight.sampled()
    thinning = set()
    for strategy, quotas in thinned(case):
        thinning.add(strategy.name)
        assert np.all(case.foresight.sampled(quotas) <= foreseen * (1 + 1e-12)), strategy
        after = case.foresight.scores(quotas).effective_particles
        assert after <= most_effective(foreseen, N) * (1 + NOISE), strategy
        sampled, scores = case.left(quotas)
        assert np.all(sampled <= case.sampled), strategy
        stay = sampled > 0
        assert np.mean(1 / sampled[stay]) >= np.mean(1 / case.sampled[stay]), strategy
        if stay.all():
            assert scores.particles * scores.scf <= N * whole.scf * (1 + NOISE), strategy
        most = most_effective(case.sampled, N) * (1 + NOISE)
        assert scores.effective_particles <= most, strategy
    if case.sampled.all():
        assert thinning == set(strategies())


def test_at_equal_numbers_the_least_valuable_beat_the_percentile(case):
    for percentile in (97.0, 90.0, 80.0, 50.0):
        try:
            theirs = case.quotas(Percentile(percentile))
        except UserError:  # most bins are empty
            continue
        ours = case.quotas(RedundancyNumber(int(theirs.sum())))
        assert ours.sum() == theirs.sum()
        ahead = case.foresight
        foretold = [ahead.scores(q).effective_particles for q in (ours, theirs)]
        assert foretold[0] > foretold[1]
        if ours.sum() < N / 10:
            continue  # which rows of a bin are drawn then matters more
        chosen = [
            np.mean([case.left(q, seed)[1].effective_particles for seed in range(3)])
            for q in (ours, theirs)
        ]
        assert chosen[0] >= chosen[1] * (1 - NOISE)
