"""All scores of a file's views together: Fourier sampling, point spread, evenness, tensor.

Nothing here looks at the images: particles count by their views alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, psf, sampling, tilting
from evenview.core.binning import Binning, bin_particles
from evenview.core.density import Evenness, evenness
from evenview.core.grids.healpix import HealpixGrid
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.sampling import EMPTY_SAMPLING, RADIUS, FourierShell, Scores, half_bins
from evenview.core.symmetry import PointGroup
from evenview.core.tensor import OrientationTensor, orientation_tensor

Floats = NDArray[np.float64]

#: Up to so many views each is counted by itself; more come from a histogram.
COUNTED = 200_000
#: Evenness is told of bins with so many copies on average: chance alone then gives a Gini of 0.08.
A_BIN = 50
#: The finest HEALPix order for evenness: 3,072 bins.
FINEST = 4

_CHUNK = 500_000


@dataclass(frozen=True, eq=False)
class Views:
    """The views of a file as the scores of Fourier space take them: opposite ones are the same.

    Attributes
    ----------
    n
        Particles with a pose; the sum of their weights, if they have any, as a whole number.
    counts
        (B,) of them in each of `half_bins(sampling.ORDER)`.
    second_moment
        (3, 3), the sum of v vᵀ.
    each
        (N, 3) the views by themselves; None where there are more than `COUNTED`.
    weights
        (N,) what each of these counts for, as a part of a particle; None where it is one.
    """

    n: int
    counts: Floats
    second_moment: Floats
    each: Floats | None
    weights: Floats | None = None

    def sampled(self, shell: FourierShell) -> Floats:
        """S (R,) in a shell: counted, or from the histogram."""
        if self.each is not None:
            return shell.counted(self.each, self.weights)
        return np.asarray(shell.operator @ self.counts, dtype=np.float64)

    def tilted(self, group: PointGroup, radius: int = RADIUS) -> tilting.Tilted:
        """Ready to be tilted."""
        directions = tilting.tilting(group.name, radius)
        if self.each is not None and self.weights is None:
            return directions.of_views(self.each)
        return directions.of_bins(self.counts)


@dataclass(frozen=True)
class ChiSquare:
    """Counts held against an even spread with Poisson's noise (Pearson).

    Attributes
    ----------
    value
        The sum of (n - e)²/e.
    degrees_of_freedom
        One less than the bins.
    chance
        The probability that an even spread gives as much or more.
    """

    value: float
    degrees_of_freedom: int
    chance: float

    @property
    def reduced(self) -> float:
        """Per degree of freedom: 1 is what chance alone gives."""
        return self.value / self.degrees_of_freedom


@dataclass(frozen=True, eq=False)
class ViewScores:
    """The scores of a file's views.

    Attributes
    ----------
    views
        What was scored.
    group
        The symmetry whose copies count.
    fourier
        SCF, SCF*, the empty fraction and effective particles, with their settings.
    spread
        E_od.
    evenness, bins
        Gini and entropy over that many equal-area bins of the whole sphere (of the asymmetric unit,
        what is there of them).
    chi_square
        Of the same bins; None where the asymmetric unit holds none of them wholly.
    tensor
        The orientation tensor.
    """

    views: Views
    group: PointGroup
    fourier: Scores
    spread: psf.Spread | None
    evenness: Evenness
    bins: int
    chi_square: ChiSquare | None
    tensor: OrientationTensor

    @property
    def a_bin(self) -> float:
        """How many copies a bin of the evenness holds on average."""
        return self.views.n * self.group.order / self.bins


def collect(
    particles: Particles, progress: Progress = silent, weights: Floats | None = None
) -> Views:
    """Gather the views of the particles that have a pose, a chunk of rows at a time.

    Those of `weights` (N,), 0 to 1, count as parts of particles.
    """
    bins = half_bins(sampling.ORDER)
    placed = None if weights is None else weights[particles.placed]
    counts, moment = np.zeros(len(bins.centers)), np.zeros((3, 3))
    n, few = particles.n_placed, particles.n_placed <= COUNTED
    each, taken = [], 0
    for v, done in _directions(particles):
        part = None if placed is None else placed[taken : taken + len(v)]
        taken += len(v)
        counts += np.bincount(bins.index_of(v), part, len(counts))
        moment += np.einsum("ni,nj->ij", v, v if part is None else v * part[:, None])
        if few:
            each.append(v)
        progress(done, "Collecting views")
    gathered = np.concatenate([np.empty((0, 3)), *each]) if few else None
    if placed is not None:
        n = round(float(placed.sum()))
    return Views(n, counts, moment, gathered, placed if few else None)


def score_views(
    particles: Particles,
    group: PointGroup,
    radius: int = RADIUS,
    empty_sampling: float = EMPTY_SAMPLING,
    progress: Progress = silent,
) -> ViewScores:
    """All scores of the views of particles, with all copies by symmetry.

    Parameters
    ----------
    particles
        Those without a pose do not count.
    group
        The symmetry of the map.
    radius, empty_sampling
        k in Fourier voxels and s0, see `sampling`.
    """
    views = collect(particles, progress)
    shell = sampling.shell(group.name, radius)
    fourier = sampling.score(views.sampled(shell), views.n, radius, empty_sampling)
    spread = psf.point_spread(group.name).of(views.counts) if views.n else None
    binning = _binned(particles, group, views.n, progress)
    return ViewScores(
        views,
        group,
        fourier,
        spread,
        evenness(binning.counts, binning.areas),
        binning.grid.n,
        chi_square(binning),
        orientation_tensor(views.second_moment, views.n, group),
    )


def evenness_order(copies: int) -> int:
    """The HEALPix order of the most bins that hold `A_BIN` of so many views each, on average."""
    orders = range(FINEST + 1)
    return max((k for k in orders if copies >= A_BIN * 12 * 4**k), default=0)


def chi_square(binning: Binning) -> ChiSquare | None:
    """Counts of a binning, stored or folded, against an even spread; None of fewer than two bins.

    Bins at the border of an asymmetric unit are put together to one, of which the area is known.
    """
    from scipy.stats import chi2

    whole = binning.areas > 0.999999 * binning.grid.areas
    counts, areas = binning.counts[whole].astype(np.float64), binning.areas[whole]
    if not whole.all():
        border = binning.group.unit_area - areas.sum()
        counts = np.append(counts, binning.counts[~whole].sum())
        areas = np.append(areas, border)
    if len(counts) < 2 or not counts.sum():
        return None
    expected = counts.sum() * areas / areas.sum()
    value = float((np.square(counts - expected) / expected).sum())
    free = len(counts) - 1
    return ChiSquare(value, free, float(chi2.sf(value, free)))


def _binned(particles: Particles, group: PointGroup, n: int, progress: Progress) -> Binning:
    grid = HealpixGrid(evenness_order(n * group.order))
    return bin_particles(
        particles, grid, group, "stored" if group.order == 1 else "folded", progress
    )


def _directions(particles: Particles) -> Iterator[tuple[Floats, float]]:
    """Views of the placed rows, chunk by chunk, and what part is done."""
    for start in range(0, len(particles), _CHUNK):
        rows = slice(start, start + _CHUNK)
        v = convention.directions(particles.quaternions[rows])
        done = min(1.0, (start + _CHUNK) / len(particles))
        yield v[np.isfinite(v[:, 0])], done


def chance_gini(a_bin: float) -> float:
    """The Gini coefficient that chance alone gives to bins that hold so many on average.

    1/√(π m): the mean difference of two Poisson counts, taken for normal, over twice their mean.
    """
    return min(1.0, 1.0 / math.sqrt(math.pi * a_bin)) if a_bin > 0 else 1.0
