"""Particles sorted into bins: which bin each row falls in, and how many fall in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.grid import SphereGrid
from evenview.core.grids.fibonacci import lattice
from evenview.core.particles import Particles
from evenview.core.plan import Look
from evenview.core.progress import Progress, silent
from evenview.core.symmetry import PointGroup

_CHUNK = 500_000  # rows at a time: 12 MB of directions a copy
_SAMPLES_A_BIN = 1000
_FEWEST_SAMPLES, _MOST_SAMPLES = 1_000_000, 8_000_000


@dataclass(frozen=True, eq=False)
class Binning:
    """Where the particles of one file fall on one grid, looked at in one way.

    Decisions are about particles, so each has one bin to be thinned in: the bin of its direction as
    stored or, where symmetry is looked at, of its direction folded into the asymmetric unit. What
    is shown may be all symmetry copies instead.

    Attributes
    ----------
    grid, group, look
        What it was made with.
    bin_of_row
        (N,) int32, the bin to decide in for each particle in file order; -1 where unplaced.
    half_counts
        (3, B) int64, particles to decide about by half-set code (0 none, 1, 2).
    counts
        (B,) int64 as shown. Expanded: all copies, so they add up to the order of the group times
        the particles placed.
    """

    grid: SphereGrid
    group: PointGroup
    look: Look
    bin_of_row: NDArray[np.int32]
    half_counts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @cached_property
    def decision_counts(self) -> NDArray[np.int64]:
        """(B,) particles to decide about, halves together."""
        counts: NDArray[np.int64] = self.half_counts.sum(axis=0)
        return counts

    @property
    def areas(self) -> NDArray[np.float64]:
        """(B,) steradians as shown; folded, the part of each bin inside the asymmetric unit."""
        return self.decision_areas if self.look == "folded" else self.grid.areas

    @property
    def decision_areas(self) -> NDArray[np.float64]:
        """(B,) steradians that `decision_counts` fall in; 0 where none can."""
        return self.grid.areas if self.look == "stored" else areas_in_unit(self.grid, self.group)

    @cached_property
    def density(self) -> NDArray[np.float64]:
        """(B,) `counts` per area in multiples of the mean; NaN where a bin has no area."""
        return relative_density(self.counts, self.areas)

    @cached_property
    def orbits(self) -> NDArray[np.int32]:
        """(B, G) int32: bins at the symmetry copies of each bin's centre, itself first."""
        copies = [self.grid.index_of(block) for block in self.group.expand(self.grid.centers)]
        return np.stack(copies, axis=1)

    @property
    def centers(self) -> NDArray[np.float64]:
        """(B, 3) unit vectors of the grid."""
        return self.grid.centers

    @property
    def neighbors(self) -> Sequence[NDArray[np.int64]]:
        """For each bin, the bins that share an edge with it."""
        return self.grid.neighbors

    @property
    def grid_name(self) -> str:
        """As in `Plan.grid`."""
        return self.grid.name


def bin_particles(
    particles: Particles,
    grid: SphereGrid,
    group: PointGroup,
    look: Look = "stored",
    progress: Progress = silent,
) -> Binning:
    """Sort particles into bins, a chunk of rows at a time; `progress` is told after each.

    Symmetry plays no part in the look "stored".
    """
    from evenview.core.kernels import tally

    halves = _half_codes(particles)
    bin_of_row = np.empty(len(particles), np.int32)
    half_counts = np.zeros((3, grid.n), np.int64)
    copies = np.zeros(grid.n, np.int64)
    for rows in _chunks(len(particles)):
        v = convention.directions(particles.quaternions[rows])
        bin_of_row[rows] = grid.index_of(v if look == "stored" else group.fold(v))
        tally.add_by_half(bin_of_row[rows], halves[rows], half_counts)
        for block in _copies(v, group, look):
            tally.add(grid.index_of(block), copies)
        progress(rows.stop / len(particles), "Sorting particles into bins")
    counts = copies if look == "expanded" else half_counts.sum(axis=0)
    return Binning(grid, group, look, bin_of_row, half_counts, counts)


def relative_density(
    counts: NDArray[np.int64] | NDArray[np.float64], areas: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(B,) counts per area over total count per total area; NaN without area, 0 without counts."""
    mean = counts.sum() / areas.sum()
    density = np.full(len(areas), np.nan)
    density[areas > 0] = counts[areas > 0] / areas[areas > 0] / (mean if mean > 0 else 1)
    return density


@lru_cache(maxsize=16)
def areas_in_unit(grid: SphereGrid, group: PointGroup) -> NDArray[np.float64]:
    """(B,) steradians of each bin that lie in the group's asymmetric unit.

    Bins inside it have all their area, bins outside none. For bins on the border it is the share of
    a fine equal-area lattice that folding leaves in place: about 1,000 points a bin, 8 million in
    all for more than 8,000 bins. With 1,000 it is good to half a percent of the bin. A bin of which
    less than a point's share is inside counts as outside.
    """
    if group.order == 1:
        return grid.areas
    samples = min(max(_SAMPLES_A_BIN * grid.n, _FEWEST_SAMPLES), _MOST_SAMPLES)
    everywhere, inside = np.zeros(grid.n, np.int64), np.zeros(grid.n, np.int64)
    for v in (lattice(samples, rows) for rows in _chunks(samples)):
        bins = grid.index_of(v)
        everywhere += np.bincount(bins, minlength=grid.n)
        stays = (group.fold(v) == v).all(axis=1)
        inside += np.bincount(bins[stays], minlength=grid.n)
    return grid.areas * (inside / np.maximum(everywhere, 1))


def _half_codes(particles: Particles) -> NDArray[np.int8]:
    """(N,) int8 half-set codes; zeros that take no memory where the file has none."""
    if particles.halves is None:
        return np.broadcast_to(np.zeros(1, np.int8), len(particles))
    return particles.halves


def _copies(v: NDArray[np.float64], group: PointGroup, look: Look) -> Iterable[NDArray[np.float64]]:
    """Blocks of directions to count besides the decisions."""
    return group.expand(v) if look == "expanded" else ()


def _chunks(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, min(start + _CHUNK, n))
