"""A slider step at ten million particles: the whole display anew, against a screen's patience.

The budget is 16 ms, one frame at 60 Hz. What it saves is held against the other way to make a
preview, which is to count rows again once the strategy has spoken (`numpy.bincount`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import cycle

import numpy as np

from bench.common import Row, best_of
from evenview.core import rotation
from evenview.core.display import Display
from evenview.core.keep import choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import Look, Order, Plan, Thinning
from evenview.core.resolve import resolve
from evenview.strategies.percentile import Percentile

N_PARTICLES = 10_000_000
_FRAME = 0.016
_TIMES = 15


class Column:
    """The one column of the made-up particles."""

    numeric_columns = ("score",)

    def __init__(self, n: int) -> None:
        self._values = np.random.default_rng(1).standard_normal(n)

    def numeric(self, name: str) -> np.ndarray:
        return self._values


def rows() -> list[Row]:
    """Seconds of a slider step for grids and looks, and of choosing the rows in the end."""
    particles = crowded(N_PARTICLES)
    found = [
        *_steps(particles, "healpix:4", "C1", "stored"),
        *_steps(particles, "healpix:6", "C1", "stored"),
        *_steps(particles, "healpix:4", "C3", "expanded"),
    ]
    return [*found, *_choices(particles)]


def crowded(n: int) -> Particles:
    """Two thirds near one direction, the rest everywhere; random half-sets."""
    rng = np.random.default_rng(0)
    q = rotation.random(n, rng)
    q[: 2 * n // 3, 1:3] *= 0.2
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    halves = rng.integers(1, 3, n).astype(np.int8)
    return Particles(Column(n), q, halves)  # type: ignore[arg-type]


def _steps(particles: Particles, grid: str, group: str, look: Look) -> list[Row]:
    plan = Plan(grid=grid, symmetry=group, look=look, thinning=Thinning(Percentile(80.0)))
    display = resolve(particles, plan)
    assert display.quotas is not None
    # Never the value that `display` has: that step would only hand back what is there.
    values = cycle([p + 0.25 for p in range(70, 95)])

    def step() -> Display:
        thinning = Thinning(Percentile(next(values)))
        return resolve(particles, replace(plan, thinning=thinning), display)

    ours = best_of(_TIMES, step)
    bins = display.binning.bin_of_row
    recount = best_of(3, partial(np.bincount, bins, minlength=display.binning.grid.n))
    name = f"slider step, 10 M particles, {grid} {group} {look}"
    return [
        Row(name, ours * 1e3, _FRAME * 1e3, "one frame at 60 Hz", 1.0, "ms"),
        Row(f"{name}: rows", ours * 1e3, recount * 1e3, "numpy.bincount of all rows", 1.0, "ms"),
    ]


def _choices(particles: Particles) -> list[Row]:
    rows = []
    for order in (Order(), Order("score")):
        thinning = Thinning(Percentile(80.0), order=order)
        display = resolve(particles, Plan(thinning=thinning))
        quotas = display.checked_quotas()
        ours = best_of(2, partial(choose_rows, particles, display.binning, quotas, thinning))
        keys = np.random.default_rng(2).random(len(particles))
        peer = best_of(1, partial(np.lexsort, (keys, display.binning.bin_of_row)))
        title = order.column or "random"
        rows.append(Row(f"choosing rows of 10 M, {title}", ours, peer, "numpy.lexsort", 2.0))
    return rows
