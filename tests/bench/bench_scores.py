"""Scores of 10 million views: a slider step from bins, and counting against numpy.

The live step is everything that changes as a slider moves, but for drawing: the display anew, and
SCF*, effective particles, the empty fraction and E_od of what a thinning leaves, with its place
among the best trades. Its budget is 50 ms from the mouse to the numbers.
"""

from __future__ import annotations

from itertools import count

import numpy as np

from bench.bench_preview import crowded
from bench.common import Row, best_of
from evenview.core import convention, sampling
from evenview.core.binning import bin_particles
from evenview.core.foresight import foresee
from evenview.core.grid import parse_grid
from evenview.core.particles import Particles
from evenview.core.plan import Plan, Thinning
from evenview.core.resolve import resolve
from evenview.core.sampling import score, shell
from evenview.core.symmetry import parse_group
from evenview.strategies import parameters, strategies
from evenview.tasks.forecast import Forecast

N_PARTICLES, N_COUNTED = 10_000_000, 10_000
_LIVE = 0.050
#: Strategies that are moved: where from, and how far a step.
_SLIDERS = (("percentile", 70.25, 0.5), ("best_trade", 20.0, 2.0), ("redundancy", 0.5, 0.02))


def rows() -> list[Row]:
    """A step of the scores, live, and counting each view."""
    particles = crowded(N_PARTICLES)
    binning = bin_particles(particles, parse_grid("healpix:4"), parse_group("C1"))
    ahead = foresee(particles, binning)
    # Another one every time: nothing of the step before may help.
    levels = (np.minimum(binning.decision_counts, level) for level in count(2_000))
    views = convention.directions(particles.quaternions[:N_COUNTED])
    sphere = shell()

    step = best_of(10, lambda: ahead.scores(next(levels)))
    counting = best_of(5, lambda: sphere.counted(views))
    with_numpy = best_of(1, lambda: score(numpy_count(views, sphere.points), N_COUNTED))
    numpy = f"numpy, counting {N_COUNTED:,} views"
    return [
        Row("SCF* of 10 M particles, a slider step", step * 1e3, with_numpy * 1e3, numpy, 20, "ms"),
        *(_live_step(particles, name, start, by) for name, start, by in _SLIDERS),
        Row("count 10,000 views in 5,000 directions", counting, with_numpy, numpy, 3.0),
    ]


def _live_step(particles: Particles, name: str, start: float, by: float) -> Row:
    """A slider of a strategy, moved on: the display and all scores."""
    kind = strategies()[name]
    (about,) = parameters(kind)
    places = (start + by * k for k in count())

    def plan() -> Plan:
        return Plan(thinning=Thinning(kind(**{about.name: next(places)})))

    display = resolve(particles, plan())
    forecast = Forecast(foresee(particles, display.binning))
    forecast.of()

    def step() -> None:
        moved = resolve(particles, plan(), display)
        assert forecast.of(moved.quotas).outcome.after.fourier.scf_star > 0

    title = f"live step of 10 M, {kind.title.lower()}"
    return Row(title, best_of(10, step) * 1e3, _LIVE * 1e3, "budget of 50 ms", 1.0, "ms")


def numpy_count(views: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """S (R,) by the definition, some directions at a time to fit into memory."""
    v = views.T.astype(np.float32)
    half = 0.5 / sampling.RADIUS
    parts = np.array_split(directions.astype(np.float32), 20)
    return np.concatenate([(np.abs(u @ v) < half).sum(axis=1) for u in parts]).astype(float)
