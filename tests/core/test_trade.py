"""The curve of best trades: never worse than the old rules, and true to what it promises."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array

from evenview.core.errors import UserError
from evenview.core.foresight import Foresight
from evenview.core.grid import parse_grid
from evenview.core.sampling import ORDER, half_bins, shell
from evenview.core.thinning import BinTable
from evenview.core.trade import is_known, trade
from evenview.strategies.percentile import Percentile
from evenview.strategies.redundancy import Redundancy
from evenview.strategies.target import Target

N = 40_000


def around(axis, sd, n, rng):
    v = np.asarray(axis, float) + sd * rng.normal(size=(n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def ring(tilt, n, rng):
    t, f = np.radians(tilt) + 0.03 * rng.normal(size=n), rng.uniform(0, 2 * np.pi, n)
    return np.column_stack([np.sin(t) * np.cos(f), np.sin(t) * np.sin(f), np.cos(t)])


def uniform(n, rng):
    return around((0, 0, 0), 1, n, rng)


def cone(n, rng):
    z, f = rng.uniform(0.6, 1, n), rng.uniform(0, 2 * np.pi, n)
    s = np.sqrt(1 - z * z)
    return np.column_stack([s * np.cos(f), s * np.sin(f), z])


def mixture(seed):
    def made(rng):
        own = np.random.default_rng(seed)
        parts = [
            around(uniform(1, own)[0], own.uniform(0.05, 0.6), int(own.integers(500, 10_000)), own)
            for _ in range(5)
        ]
        return np.concatenate([*parts, uniform(3000, rng)])

    return made


SETS = {
    "two views": lambda r: np.r_[
        around((0, 0, 1), 0.15, N // 2, r), around((1, 0, 0), 0.15, N // 4, r), uniform(N // 4, r)
    ],
    "top": lambda r: np.r_[around((0, 0, 1), 0.1, 3 * N // 4, r), uniform(N // 4, r)],
    "side and top": lambda r: np.r_[ring(90, 3 * N // 4, r), around((0, 0, 1), 0.1, N // 4, r)],
    "cone": lambda r: np.r_[cone(N // 2, r), around((0, 0, 1), 0.2, N // 2, r)],
    "rings": lambda r: np.r_[ring(60, N // 2, r), ring(30, N // 4, r), uniform(N // 4, r)],
    **{f"mixture {seed}": mixture(seed) for seed in range(3)},
}


def foreseen(v, grid="healpix:3", group="C1"):
    bins = parse_grid(grid)
    own, at = bins.index_of(v), half_bins(ORDER).index_of(v)
    shape = (len(half_bins(ORDER).centers), bins.n)
    fine = csr_array(coo_array((np.ones(len(v)), (at, own)), shape=shape).tocsr())
    return Foresight(np.bincount(own, minlength=bins.n), bins.areas, fine, shell(group))


@pytest.fixture(scope="module", params=SETS)
def ahead(request):
    return foreseen(SETS[request.param](np.random.default_rng(5)))


def table(ahead):
    return BinTable(ahead.counts, ahead.areas, np.ones(len(ahead.counts), np.bool_), ahead)


def effective(ahead, quotas=None):
    return ahead.scores(quotas).effective_particles


def test_at_equal_numbers_no_other_rule_keeps_more(ahead):
    bins = table(ahead)
    curve = trade(ahead, bins.selected)
    others = [Target(int(part * ahead.counts.sum())).quotas(bins) for part in (0.8, 0.5, 0.2)]
    for percentile in (99.0, 95.0, 80.0):
        try:
            others.append(Percentile(percentile).quotas(bins))
        except UserError:
            continue
    for other in others:
        ours = curve.of_particles(int(other.sum()))
        assert ours.sum() == other.sum()
        assert effective(ahead, ours) >= effective(ahead, other) * (1 - 1e-6)


def test_the_worth_is_the_slope_of_the_effective_particles(ahead):
    q = 0.7 * ahead.counts
    value, worth = ahead.trend(q)
    step = np.zeros(len(q))
    for b in np.argsort(-ahead.counts)[[0, 5, 20]]:
        step[:] = 0
        step[b] = 1e-3 * max(q[b], 1)
        slope = (ahead.trend(q + step)[0] - value) / step[b]
        assert slope == pytest.approx(worth[b], rel=0.02, abs=1e-9)


def test_no_more_is_lost_than_asked_for_and_little_less(ahead):
    curve = trade(ahead, np.ones(len(ahead.counts), np.bool_))
    quotas = curve.of_loss(0.1)
    assert 0.9 <= effective(ahead, quotas) / effective(ahead) <= 0.91


def test_redundancy_reaches_its_scf_or_says_that_none_does(ahead):
    bins = table(ahead)
    if trade(ahead, bins.selected).best_scf_star < 0.81:
        with pytest.raises(UserError, match="the highest is"):
            Redundancy(0.81).quotas(bins)
    else:
        assert ahead.scf_star(Redundancy(0.81).quotas(bins)) >= 0.81


def test_every_scf_on_the_way_is_reached_and_hardly_passed(ahead):
    curve = trade(ahead, np.ones(len(ahead.counts), np.bool_))
    start, best = curve.scf_star[0], curve.best_scf_star
    for wanted in start + np.linspace(0.05, 0.95, 7) * (best - start):
        found = curve.of_scf(wanted)
        assert wanted <= ahead.scf_star(found) < wanted + 0.006
        assert curve.of_scf(wanted - 0.01).sum() >= found.sum()


def test_a_curve_lives_as_long_as_what_it_was_made_from():
    alone = foreseen(uniform(2_000, np.random.default_rng(3)))
    everywhere = np.ones(len(alone.counts), np.bool_)
    assert trade(alone, everywhere) is trade(alone, everywhere)
    assert is_known(alone, everywhere)
    assert not is_known(alone, ~everywhere)
    gone = weakref.ref(alone)
    del alone
    gc.collect()
    assert gone() is None


def test_what_may_not_be_thinned_stays(ahead):
    free = np.arange(len(ahead.counts)) % 3 > 0
    quotas = trade(ahead, free).of_way(0.5)
    np.testing.assert_array_equal(quotas[~free], ahead.counts[~free])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_with_no_holes_effective_particles_never_rise(seed):
    rng = np.random.default_rng(seed)
    ahead = WITHOUT_HOLES
    quotas = rng.binomial(ahead.counts, rng.uniform(0.3, 1, len(ahead.counts)))
    fewer = rng.binomial(quotas, rng.uniform(0.5, 1))
    assert effective(ahead) >= effective(ahead, quotas) * (1 - 2e-3)
    assert effective(ahead, quotas) >= effective(ahead, fewer) * (1 - 2e-3)


WITHOUT_HOLES = foreseen(uniform(N, np.random.default_rng(1)))


def test_copies_of_an_asymmetric_unit_are_even():
    v = uniform(N, np.random.default_rng(2))
    group = shell("D7").group
    folded = foreseen(group.fold(v), group="D7").scores()
    assert folded.scf_star > 0.95
    assert folded.empty_fraction < 0.001
