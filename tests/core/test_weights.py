"""Weights of particles: the parts of bins that thinning would leave, and what they add up to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.plan import Plan, Thinning
from evenview.core.resolve import resolve
from evenview.core.sampling import shell
from evenview.core.scores import collect
from evenview.core.selection import Cone
from evenview.core.weights import (
    Sharing,
    bin_weights,
    effective_sampling,
    row_weights,
    weighted_summary,
    worth,
)
from evenview.strategies import parameters, strategies
from evenview.strategies.cap import Cap
from evenview.strategies.flatten import Flatten
from made_views import even

N = 6000


class Columns:
    numeric_columns = ()


@pytest.fixture(scope="module")
def particles():
    rng = np.random.default_rng(3)
    q = rotation.random(N, rng)
    q[: N // 2, 1:3] *= 0.2
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    q[[5, 77, 4000]] = np.nan
    return Particles(Columns(), q, rng.integers(1, 3, N).astype(np.int8))


def shown(particles, thinning, **changes):
    return resolve(particles, replace(Plan(grid="healpix:2", thinning=thinning), **changes))


SHARING = [name for name, kind in strategies().items() if isinstance(kind(), Sharing)]


@pytest.mark.parametrize("name", SHARING)
@pytest.mark.parametrize("look", ["stored", "folded"])
def test_weights_are_quotas_before_they_are_rounded(particles, name, look):
    kind = strategies()[name]
    few = {"cap": 20, "particles": 2000}
    given = {about.name: few[about.name] for about in parameters(kind) if about.name in few}
    thinning = Thinning(kind(**given))
    display = shown(particles, thinning, look=look, symmetry="C3")
    counts = display.binning.decision_counts
    weights = bin_weights(display)
    assert (np.abs(weights * counts - display.quotas) < 1 + 1e-9).all()
    assert weights.min() < 1 == weights.max()


def test_a_strategy_that_says_no_parts_gives_those_of_its_quotas(particles):
    display = shown(particles, Thinning(strategies()["redundancy_loss"](loss=20.0)))
    counts = display.binning.decision_counts
    held = counts > 0
    np.testing.assert_allclose((bin_weights(display) * counts)[held], display.quotas[held])


def test_a_strategy_with_a_density_says_it_exactly(particles):
    display = shown(particles, Thinning(Cap(20)))
    counts = display.binning.decision_counts
    np.testing.assert_allclose(bin_weights(display) * counts, np.minimum(counts, 20))


def test_the_minimum_holds(particles):
    display = shown(particles, Thinning(Cap(3), minimum=30))
    counts = display.binning.decision_counts
    np.testing.assert_allclose(bin_weights(display) * counts, np.minimum(counts, 30))


def test_only_the_selection_is_weighted_down(particles):
    plan = Plan(grid="healpix:2").select(Cone((0.0, 0.0, 1.0), 30.0))
    display = shown(particles, Thinning(Cap(3), only_selected=True), selection=plan.selection)
    weights = bin_weights(display)
    assert (weights[~display.decision_selected] == 1).all()
    assert (weights[display.decision_selected] < 1).any()


def test_rows_without_a_pose_weigh_one(particles):
    display = shown(particles, Thinning(Flatten()))
    weights = row_weights(display, bin_weights(display))
    assert (weights[~particles.placed] == 1).all()
    bins = display.binning.bin_of_row
    inside = bins == bins[0]
    assert np.ptp(weights[inside]) == 0


def test_without_a_strategy_there_are_no_weights(particles):
    with pytest.raises(UserError, match="Nothing is to be thinned"):
        bin_weights(shown(particles, None))


@pytest.mark.parametrize("look", ["stored", "expanded"])
def test_weighted_views_are_more_even_and_as_many(particles, look):
    display = shown(particles, Thinning(Flatten(100.0, 1.0)), look=look, symmetry="D2")
    numbers = weighted_summary(display, bin_weights(display))
    assert numbers.after.particles == numbers.before.particles == N
    assert numbers.after.halves == numbers.before.halves
    assert numbers.after.evenness.gini < numbers.before.evenness.gini


@given(arrays(float, st.integers(1, 50), elements=st.floats(0.001, 1)))
def test_weights_are_never_worth_more_than_the_particles(weights):
    assert weights.sum() - 1e-9 <= worth(weights) <= len(weights) * (1 + 1e-9)


def test_a_weighted_mean_is_as_noisy_as_that_of_its_worth():
    rng = np.random.default_rng(8)
    weights = rng.uniform(0.05, 1, 40)
    means = rng.standard_normal((40_000, 40)) @ weights / weights.sum()
    assert 1 / means.var() == pytest.approx(worth(weights), rel=0.03)


def test_weights_that_are_alike_are_worth_all_particles():
    assert worth(np.full(70, 0.3)) == pytest.approx(70)


def test_a_direction_is_sampled_by_the_effective_number_of_its_views():
    rng = np.random.default_rng(5)
    v = even(4000, rng)
    weights = np.where(np.arange(4000) % 4 == 0, 1.0, 0.2)
    sums, squares = (shell().counted(v, each) for each in (weights, weights**2))
    n, strong = shell().counted(v), shell().counted(v[::4])
    weak = n - strong
    expected = (strong + 0.2 * weak) ** 2 / (strong + 0.04 * weak)
    found = effective_sampling(sums, squares)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert (found <= n * (1 + 1e-6)).all()
    assert effective_sampling(np.zeros(2), np.zeros(2)).tolist() == [0, 0]


def test_half_of_twice_as_many_views_samples_alike(particles):
    rows = np.concatenate([particles.quaternions] * 2)
    twice = collect(Particles(Columns(), rows), weights=np.full(2 * N, 0.5))
    once = collect(particles)
    assert twice.n == once.n
    np.testing.assert_allclose(twice.counts, once.counts)
    np.testing.assert_allclose(twice.second_moment, once.second_moment)
    np.testing.assert_allclose(twice.sampled(shell()), once.sampled(shell()))


def test_views_of_no_weight_are_as_if_they_were_not_there(particles):
    there = np.arange(N) % 3 > 0
    weighted = collect(particles, weights=there.astype(float))
    left = collect(replace(particles, quaternions=particles.quaternions[there], halves=None))
    assert weighted.n == left.n
    np.testing.assert_allclose(weighted.sampled(shell()), left.sampled(shell()))
