"""The views of particles on the sphere, before and after the map that they belong to was moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.binning import relative_density
from evenview.core.grid import SphereGrid, parse_grid
from evenview.core.motion import Motion
from evenview.core.progress import Progress, share, silent
from evenview.formats import open_particles

Floats = NDArray[np.float64]

#: HEALPix orders from fine to coarse, and the particles a bin that make one worth its bins.
_ORDERS, _ENOUGH = (4, 3), 4
_COARSEST = 2
_CHUNK = 500_000


@dataclass(frozen=True, eq=False)
class Views:
    """How many views there are in each direction.

    Attributes
    ----------
    path
        The particles, as they were read.
    particles, placed
        Rows of the file, and those among them that have a pose.
    grid
        The bins.
    before, after
        (B,) density of the views in multiples of uniform; NaN where a bin is empty.
    turn
        (3, 3): a view is before in a direction d, and after in turn times d.
    """

    path: Path
    particles: int
    placed: int
    grid: SphereGrid
    before: Floats
    after: Floats
    turn: Floats


def views(path: Path, motion: Motion, progress: Progress = silent) -> Views:
    """Count views as stored and as they are once the map is moved. Symmetry plays no part in it.

    Raises `UserError` where the file cannot be read.
    """
    progress(0.0, f"{path.name}: Reading")
    particles = open_particles(path, share(progress, 0, 2))
    q = particles.quaternions[particles.placed]
    grid = _grid(len(q))
    counts = np.zeros((2, grid.n), np.int64)
    for start in range(0, len(q), _CHUNK):
        progress(0.5 + 0.5 * start / len(q), f"{path.name}: Counting views")
        old = q[start : start + _CHUNK]
        for row, poses in zip(counts, (old, motion.apply(old, None)[0]), strict=True):
            row += np.bincount(grid.index_of(convention.directions(poses)), minlength=grid.n)
    before, after = (_density(row, grid.areas) for row in counts)
    return Views(path, len(particles), len(q), grid, before, after, _turn(motion))


def _turn(motion: Motion) -> Floats:
    """What a motion does to viewing directions, told by three at right angles."""
    poses = rotation.from_axis_angle(np.eye(3), np.array([90.0, 90.0, 0.0]))
    before, after = (convention.directions(q) for q in (poses, motion.apply(poses, None)[0]))
    return np.asarray(np.linalg.solve(before, after).T)


def _grid(n: int) -> SphereGrid:
    """As fine as leaves a few particles in most bins."""
    for order in _ORDERS:
        grid = parse_grid(f"healpix:{order}")
        if n >= _ENOUGH * grid.n:
            return grid
    return parse_grid(f"healpix:{_COARSEST}")


def _density(counts: NDArray[np.int64], areas: Floats) -> Floats:
    density = relative_density(counts, areas)
    density[counts == 0] = np.nan
    return density
