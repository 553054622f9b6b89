"""What is foreseen from bins against what is counted over the rows that a thinning chose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evenview import resources
from evenview.core.display import Display
from evenview.core.foresight import foresee
from evenview.core.grid import parse_grid
from evenview.core.keep import choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import Plan, Thinning
from evenview.core.resolve import resolve
from evenview.formats import open_particles
from evenview.strategies import strategies
from evenview.strategies.redundancy import Redundancy
from evenview.tasks.forecast import Forecast, LiveScores
from evenview.tasks.outcome import Outcome, outcome
from made_views import particles_of


@pytest.fixture(scope="module")
def demo() -> Particles:
    return open_particles(resources.demo("star"))


def thinned(particles: Particles, strategy: str, symmetry: str) -> Display:
    return resolve(particles, Plan(symmetry=symmetry, thinning=Thinning(strategies()[strategy]())))


def both_ways(particles: Particles, display: Display) -> tuple[LiveScores, Outcome]:
    foreseen = Forecast(foresee(particles, display.binning)).of(display.quotas)
    assert display.plan.thinning is not None
    kept = choose_rows(particles, display.binning, display.checked_quotas(), display.plan.thinning)
    return foreseen, outcome(particles, kept, display.plan.symmetry)


@pytest.mark.parametrize("symmetry", ["C1", "C3", "D7"])
@pytest.mark.parametrize("strategy", ["percentile", "times_uniform", "best_trade"])
def test_live_and_written_agree_within_the_noise_of_the_choice(demo, strategy, symmetry):
    live, written = both_ways(demo, thinned(demo, strategy, symmetry))
    assert live.outcome.settings() == written.settings()
    for one, other in (
        (live.outcome.before, written.before),
        (live.outcome.after, written.after),
    ):
        assert one.fourier.particles == other.fourier.particles
        assert one.fourier.scf_star == pytest.approx(other.fourier.scf_star, rel=0.01)
        assert one.fourier.effective_particles == pytest.approx(
            other.fourier.effective_particles, rel=0.01
        )
        assert one.fourier.empty_fraction == pytest.approx(other.fourier.empty_fraction, abs=1e-4)
        assert one.e_od == pytest.approx(other.e_od, abs=0.01)
        assert one.part == pytest.approx(other.part, abs=0.06)
    assert live.outcome.lost == pytest.approx(written.lost, abs=0.01)
    assert len(live.warnings) == (live.outcome.lost >= 0.25)


@pytest.fixture(scope="module")
def searched() -> Particles:
    """Views on a grid 7.5° wide, crowded around one, as a global search leaves them."""
    rng = np.random.default_rng(4)
    grid = parse_grid("healpix:3").centers
    crowd = np.exp(3.0 * (grid[:, 2] - 1.0)) + 0.02
    return particles_of(grid[rng.choice(len(grid), 5_000, p=crowd / crowd.sum())])


@pytest.mark.parametrize("symmetry", ["C1", "D7"])
@pytest.mark.parametrize("strategy", ["percentile", "best_trade"])
def test_views_on_a_search_grid_are_foreseen_as_they_are_counted(searched, strategy, symmetry):
    live, written = both_ways(searched, thinned(searched, strategy, symmetry))
    assert live.outcome.before == written.before
    one, other = live.outcome.after.fourier, written.after.fourier
    assert one.particles == other.particles
    assert one.scf_star == pytest.approx(other.scf_star, rel=0.02)
    assert one.empty_fraction == pytest.approx(other.empty_fraction, abs=0.002)
    assert one.effective_particles == pytest.approx(other.effective_particles, rel=0.02)


def test_an_scf_that_is_asked_for_is_reached_on_a_search_grid(searched):
    before = Forecast(foresee(searched, resolve(searched, Plan()).binning)).of().outcome.before
    wanted = round(before.fourier.scf_star + 0.05, 2)
    display = resolve(searched, Plan(thinning=Thinning(Redundancy(wanted))))
    _, written = both_ways(searched, display)
    assert display.quotas.sum() < len(searched)
    assert written.after.fourier.scf_star == pytest.approx(wanted, rel=0.02)


def test_before_and_after_of_few_that_stay_are_said_for_one_number(demo):
    display = thinned(demo, "percentile", "C1")
    found = Forecast(foresee(demo, display.binning)).of(display.quotas).outcome
    assert found.before.fourier.reference == found.after.fourier.reference
    assert display.quotas.sum() < found.after.fourier.reference == 10_000
    assert found.before == Forecast(foresee(demo, display.binning)).of().outcome.before


def test_without_thinning_after_is_before_and_nothing_is_warned_of(demo):
    display = resolve(demo, Plan())
    live = Forecast(foresee(demo, display.binning)).of()
    assert live.outcome.before is live.outcome.after
    assert live.outcome.lost == 0
    assert live.part_kept == 1
    assert live.warnings == ()
    np.testing.assert_array_equal(*live.relative())


def test_particles_without_a_pose_do_not_count(demo):
    some = demo.quaternions.copy()
    some[::2] = np.nan
    half = replace(demo, quaternions=some)
    display = thinned(half, "percentile", "C1")
    live = Forecast(foresee(half, display.binning)).of(display.quotas)
    assert live.outcome.before.fourier.particles == len(demo) // 2
    assert live.outcome.after.fourier.particles == display.quotas.sum()


def test_the_mean_of_the_sampling_is_one_and_a_hole_is_empty():
    rng = np.random.default_rng(2)
    z = rng.uniform(np.cos(np.radians(40)), 1, 20_000)
    azimuth = rng.uniform(0, 2 * np.pi, len(z))
    half = np.arccos(z) / 2
    quaternions = np.column_stack(
        [np.cos(half), -np.sin(half) * np.sin(azimuth), np.sin(half) * np.cos(azimuth), 0 * half]
    )
    cone = Particles(None, quaternions)  # type: ignore[arg-type]
    display = resolve(cone, Plan())
    live = Forecast(foresee(cone, display.binning)).of()
    relative, _ = live.relative()
    hole = np.isnan(relative)
    assert hole.mean() == pytest.approx(1 - np.sin(np.radians(40)), abs=0.03)
    height = np.abs(live.foresight.shell.points[:, 2])
    assert height[hole].min() > np.sin(np.radians(40))
    assert np.where(hole, 0.0, relative).mean() == pytest.approx(1.0, abs=0.01)
    assert abs(live.least[2]) > np.sin(np.radians(40))


def test_where_all_particles_go_nothing_is_said_of_them(demo):
    display = resolve(demo, Plan())
    nothing = np.zeros_like(display.binning.decision_counts)
    found = Forecast(foresee(demo, display.binning)).of(nothing).outcome
    assert found.after.e_od is None
    assert found.lost == 1
