"""How views fill Fourier space, and how even that is: sampling, SCF, SCF*, effective particles.

A view along v samples the central plane perpendicular to it. On the shell of radius k, in Fourier
voxels, the direction u is sampled by the views with ``|u · v| k < 1/2``; S(u) is their number,
copies by symmetry included.

SCF and SCF* are those of Baldwin & Lyumkis 2020 (Prog. Biophys. Mol. Biol. 150, 160) and 2021
(160, 53): with the mean over the sampled directions, the sampled part P and the empty part Q,

    SCF = 1 / (<1/S> <S>)        SCF* = SCF / (1 + (Q/P) <S> SCF / s0)

SCF* is P times what SCF is when every empty direction is given the sampling s0. Views spread evenly
have 1, side views alone 8/π² = 0.81. Their published program counts the last block of views twice,
so its SCF* with holes is smaller; here every view counts once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from evenview.core.grids.healpix import HealpixGrid
from evenview.core.symmetry import PointGroup, parse_group
from evenview.core.threads import threads

Floats = NDArray[np.float64]

#: The shell and the sampling of empty directions in the authors' command-line program (2022); their
#: window of 2020 has s0 = 1.
RADIUS, EMPTY_SAMPLING = 50, 2.0
#: SCF* depends on the number of views where there are holes, so it is said for this many.
REFERENCE = 10_000
#: Directions on the hemisphere that are looked at, as in the authors' program.
MOST_DIRECTIONS = 5_000
#: The bins of the histogram route: HEALPix, nside 64.
ORDER = 6


@dataclass(frozen=True)
class Scores:
    """How evenly views fill Fourier space.

    Attributes
    ----------
    particles
        N, those with a pose.
    scf
        SCF of the sampled directions alone: without meaning where some are empty.
    scf_star
        SCF* of `reference` particles of this distribution, drawn at random.
    empty_fraction
        The part of the directions that none of those samples, 0 to 1.
    effective_particles
        N · SCF* with every particle counted: the evenly spread particles that are worth as much. It
        falls when particles go, save where that empties directions, which count for s0 views.
    reference
        How many: 10,000, or N where there are fewer.
    radius, empty_sampling
        k and s0.
    """

    particles: int
    scf: float
    scf_star: float
    empty_fraction: float
    effective_particles: float
    reference: int
    radius: int = RADIUS
    empty_sampling: float = EMPTY_SAMPLING


def directions(radius: int = RADIUS) -> Floats:
    """(R, 3) directions of a hemisphere: the authors' spiral of min(2πk², 5000) points."""
    n = int(min(2 * math.pi * radius * radius, MOST_DIRECTIONS))
    j = np.arange(n)
    longitude = math.pi * (math.sqrt(5.0) - 1.0) * j
    height = j / n
    across = np.sqrt(1.0 - height * height)
    return np.column_stack([across * np.cos(longitude), across * np.sin(longitude), height])


def even_directions(n: int) -> Floats:
    """(n, 3) directions of a hemisphere, each in the middle of a belt of the same area."""
    j = np.arange(n) + 0.5
    height, longitude = j / n, math.pi * (3.0 - math.sqrt(5.0)) * j
    across = np.sqrt(1.0 - height * height)
    return np.column_stack([across * np.cos(longitude), across * np.sin(longitude), height])


def in_unit(group: PointGroup, u: Floats) -> Floats:
    """(R, 3) of the directions of a hemisphere those in a group's asymmetric unit.

    Opposite directions of Fourier space are the same, so that for Cn, whose unit reaches into both
    hemispheres alike, one is enough; other units may take what they hold of `u` (N, 3) and of -u.
    """
    both = u if group.name.startswith("C") else np.concatenate([u, -u])
    inside = (group.fold(both) == both).all(axis=1)
    return np.asarray(both[inside])


@dataclass(frozen=True, eq=False)
class FourierShell:
    """Directions of Fourier space in which views are counted, one of each set of equivalents.

    Attributes
    ----------
    radius
        k, Fourier voxels.
    group
        The symmetry whose copies all count.
    """

    radius: int
    group: PointGroup

    @property
    def half_width(self) -> float:
        """The sine of the angle that a direction may be off the plane of a view."""
        return 0.5 / self.radius

    @cached_property
    def points(self) -> Floats:
        """(R, 3) directions u; opposite ones are the same."""
        return in_unit(self.group, directions(self.radius))

    @cached_property
    def copies(self) -> Floats:
        """(R, G, 3) the equivalents of each: as many views of all copies lie along u as views of
        one copy along these."""
        return np.stack(list(self.group.expand(self.points)), axis=1)

    def counted(self, views: Floats, weights: Floats | None = None) -> Floats:
        """S (R,) of views (N, 3), each counted as one or for its weight (N,)."""
        from evenview.core.kernels import sampling

        rows = np.ascontiguousarray(self.copies.reshape(-1, 3))
        each: NDArray[np.float64] | NDArray[np.int64]
        if weights is None:
            each = sampling.count(rows, views, self.half_width)
        else:
            each = sampling.weigh(rows, views, weights, self.half_width)
        of_all = each.reshape(len(self.points), -1).sum(axis=1)
        return np.asarray(of_all, dtype=np.float64)

    @cached_property
    def operator(self) -> csr_array:
        """(R, B) sparse: S is this times the number of views in each of `half_bins`."""
        return self.bands(half_bins(ORDER).centers)

    def bands(self, views: Floats) -> csr_array:
        """(R, V) sparse: how much of a bin at each of `views` (V, 3) a direction is sampled by.

        An entry is the part of the area of one of `half_bins`, taken for a disc, in the band around
        the plane across the direction, copies added up.
        """
        from evenview.core.kernels import sampling

        rows, half = np.ascontiguousarray(self.copies.reshape(-1, 3)), math.asin(self.half_width)
        starts, columns, values = sampling.band(rows, views, half, half_bins(ORDER).radius)
        merged = starts[:: self.group.order]
        matrix = csr_array((values, columns, merged), shape=(len(self.points), len(views)))
        matrix.sum_duplicates()
        return matrix

    def circles(self, views: Floats) -> csr_array:
        """(V, R) sparse: the mean over the directions that each of `views` (V, 3) samples."""
        bands = self.bands(np.ascontiguousarray(views)).astype(np.float64)
        sums = np.maximum(np.asarray(bands.sum(axis=0)), 1e-12)
        return csr_array(bands.multiply(1.0 / sums).T)

    def value(
        self, sampled: Floats, circles: csr_array, empty_sampling: float = EMPTY_SAMPLING
    ) -> Floats:
        """What one more of some views is worth: (V,), 1 on average over the sphere.

        The mean of 1/S² around the great circle perpendicular to the view: the change of <1/S> that
        one more view there makes. What less than s0 views sample counts as if sampled by s0, as in
        SCF*. Views of little worth are redundant.

        Parameters
        ----------
        sampled
            S (R,) at `points`.
        circles
            (V, R) those of the views.
        empty_sampling
            s0.
        """
        weight = 1.0 / np.square(np.maximum(sampled, empty_sampling))
        return np.asarray(circles @ weight / weight.mean())

    def nearest(self, directions: Floats) -> NDArray[np.int32]:
        """(N,) the point nearest to each direction (N, 3), itself, its opposite or a copy.

        Told for bins of `ORDER` as a whole, which are half as wide as points are apart.
        """
        return np.asarray(self._nearest[half_bins(ORDER).grid.index_of(directions)])

    @cached_property
    def _nearest(self) -> NDArray[np.int32]:
        every, point = self.everywhere
        found = cKDTree(every).query(half_bins(ORDER).grid.centers, workers=threads())[1]
        return np.asarray(point[found])

    @cached_property
    def everywhere(self) -> tuple[Floats, NDArray[np.int32]]:
        """(M, 3) `points`, all copies and their opposites, and (M,) which point each is."""
        flat = self.copies.reshape(-1, 3)
        point = np.repeat(np.arange(len(self.points), dtype=np.int32), self.copies.shape[1])
        return np.concatenate([flat, -flat]), np.tile(point, 2)


@cache
def shell(group: str = "C1", radius: int = RADIUS) -> FourierShell:
    """The shell of a group by its name, made once."""
    return FourierShell(radius, parse_group(group))


@dataclass(frozen=True, eq=False)
class HalfBins:
    """HEALPix bins of which opposite ones are one.

    Attributes
    ----------
    centers
        (B, 3) unit vectors.
    half_of
        (2B,) which of these each bin of the grid is.
    """

    grid: HealpixGrid
    centers: Floats
    half_of: NDArray[np.int32]

    @property
    def radius(self) -> float:
        """Radians: of a disc with the area of a bin."""
        return math.sqrt(2.0 / len(self.centers))

    def index_of(self, views: Floats) -> NDArray[np.int32]:
        """(N,) the bin of each view; -1 where it has no direction."""
        found = self.grid.index_of(views)
        return np.where(found >= 0, self.half_of[np.maximum(found, 0)], -1).astype(np.int32)


@cache
def half_bins(order: int) -> HalfBins:
    """The half of the HEALPix bins of an order."""
    grid = HealpixGrid(order)
    opposite = grid.index_of(-grid.centers)
    first, half_of = np.unique(np.minimum(np.arange(grid.n), opposite), return_inverse=True)
    return HalfBins(grid, grid.centers[first], half_of.astype(np.int32))


def coarser(views: Floats, order: int) -> Floats:
    """(C,) numbers of views in `half_bins(order)` of those in `half_bins(ORDER)` (B,)."""
    coarse = half_bins(order)
    inside = coarse.index_of(half_bins(ORDER).centers)
    return np.bincount(inside, views, len(coarse.centers)).astype(np.float64)


def score(
    sampled: Floats,
    particles: int,
    radius: int = RADIUS,
    empty_sampling: float = EMPTY_SAMPLING,
    reference: int = REFERENCE,
) -> Scores:
    """The scores of a sampling S (R,) by `particles` views, for `reference` of them.

    Where there are more than `reference`, the mean over all ways of drawing so many is taken: each
    view is drawn with p = reference / N, so that S becomes binomial.
    """
    used = min(particles, reference)
    if not used or not sampled.any():
        return Scores(particles, 0.0, 0.0, 1.0, 0.0, used, radius, empty_sampling)
    mean = float(sampled.mean()) / particles
    inverse, filled = _drawn(sampled, used / particles)
    scf = filled / (inverse * mean * used)
    star = _star(inverse, filled, mean * used, empty_sampling)
    effective = particles * _star(*_drawn(sampled, 1.0), mean * particles, empty_sampling)
    return Scores(particles, scf, star, 1.0 - filled, effective, used, radius, empty_sampling)


def score_as_before(
    sampled: Floats,
    particles: int,
    reference: int,
    radius: int = RADIUS,
    empty_sampling: float = EMPTY_SAMPLING,
) -> Scores:
    """`score` of what a thinning left, said for `reference` views even where fewer are left.

    Then each view that is left stands for several: S is scaled, and SCF and the empty fraction are
    as they are, for no scaling fills a direction or takes away the noise of being few. Not scaled,
    SCF* would be higher where directions are empty, for s0 is nearer to the mean sampling of fewer
    views; thinning must not seem to help for that.
    """
    found = score(sampled, particles, radius, empty_sampling, reference)
    if not 0 < particles < reference or not sampled.any():
        return found
    times = reference / particles
    inverse, filled = _drawn(sampled, 1.0)
    star = _star(inverse / times, filled, float(sampled.mean()) * times, empty_sampling)
    return replace(found, scf_star=star, reference=reference)


def _star(inverse: float, filled: float, mean: float, empty_sampling: float) -> float:
    return filled / ((inverse + (1.0 - filled) / empty_sampling) * mean)


def _drawn(sampled: Floats, part: float) -> tuple[float, float]:
    """The means of E[1/s; s > 0] and P(s > 0) of binomial draws s of S with probability `part`."""
    if part >= 1.0:
        # From a histogram S is not whole: 0.3 is 1 in three of ten cases.
        inverse, there = np.minimum(sampled, 1.0 / np.maximum(sampled, 1.0)), sampled.clip(0.0, 1.0)
    else:
        inverse = _expected_inverse(sampled, part)
        there = -np.expm1(sampled * math.log1p(-part))
    return float(inverse.mean()), float(there.mean())


#: Draws of more than this many are so certain that a series says their inverse, to 1e-5.
_CERTAIN = 100.0


def _expected_inverse(sampled: Floats, part: float) -> Floats:
    """E[1/s; s > 0] of binomial s of any number of trials (R,), whole or not."""
    table = _inverses(part)
    out = np.interp(sampled, np.arange(len(table)), table)
    certain = sampled > len(table) - 1
    out[certain] = _series(sampled[certain] * part, part)
    return out


@lru_cache(maxsize=16)
def _inverses(part: float) -> Floats:
    """E[1/s; s > 0] of binomial s of 0, 1, 2 ... trials, as far as needed."""
    from evenview.core.kernels import sampling

    return sampling.binomial_inverses(math.ceil(_CERTAIN / part), part)


def _series(mean: Floats, part: float) -> Floats:
    """1/m (1 + q/m + q (1 + q)/m² ...) of a binomial with mean m, q = 1 - p: from its moments."""
    spread = (1.0 - part) / mean
    return np.asarray((1.0 + spread * (1.0 + (2.0 - part) / mean)) / mean)
