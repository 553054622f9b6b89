"""A map's transform between the points of its lattice.

It is interpolated from a grid of twice the density with a Kaiser-Bessel window, whose own transform
is divided out of the map beforehand (Fessler & Sutton 2003, IEEE Trans. Signal Process. 51, 560;
Beatty et al. 2005, IEEE Trans. Med. Imaging 24, 799): the error is 1e-4 of the signal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.prepare import Complexes, Floats, Singles
from evenview.core.threads import threads

_TABLE = 2048


@dataclass(frozen=True, eq=False)
class Grid:
    """A map's transform, ready to be sampled anywhere up to its last shell.

    Attributes
    ----------
    values
        Points half a shell apart: z and y from the negative end on, x from -1.5 shells on.
    table
        (T, 8) the window at four points, and its derivatives, of places after the second.
    """

    values: Complexes
    table: Singles

    @property
    def pairs(self) -> Singles:
        """(Z, Y, 2 X) real and imaginary parts."""
        return self.values.view(np.float32)

    def sample(self, points: Floats, matrix: Floats, shift: Floats) -> Complexes:
        """F of the moved map at points (N, 3); `shift` in sides of the box."""
        from evenview.core.kernels import align

        out = np.empty(len(points), np.complex64)
        pieces = list(slices(len(points), threads()))
        with ThreadPoolExecutor(len(pieces)) as pool:
            jobs = [
                pool.submit(align.sample, self.pairs, self.table, points[p], matrix, shift, out[p])
                for p in pieces
            ]
            for job in jobs:
                job.result()
        return out


def slices(n: int, pieces: int) -> Iterator[slice]:
    """Cut `n` rows evenly."""
    borders = np.linspace(0, n, pieces + 1).astype(int).tolist()
    return (slice(a, b) for a, b in pairwise(borders))


def grid_of(values: Singles, limit: int, linear: bool = False) -> Grid:
    """The transform of a map (n, n, n) up to the shell `limit`, for `Grid.sample`.

    With `linear`, for interpolation between the eight neighbours only.
    """
    n = values.shape[0]
    x = (np.arange(n) - n // 2) / (2.0 * n)
    response = (np.sinc(x) ** 2 if linear else _window_transform(x)).astype(np.float32)
    even = values / response / response[:, None] / response[:, None, None]
    return Grid(_twice_as_fine(even, limit), window_table())


def _twice_as_fine(values: Singles, limit: int) -> Complexes:
    from scipy import fft

    n = values.shape[0]
    padded = np.zeros((2 * n,) * 3, np.float32)
    after, before = n - n // 2, n // 2  # the centre goes to the first voxel
    ends = ((slice(after), slice(before, None)), (slice(2 * n - before, None), slice(before)))
    for (to_z, z), (to_y, y), (to_x, x) in product(ends, repeat=3):
        padded[to_z, to_y, to_x] = values[z, y, x]
    spectrum = fft.rfftn(padded, norm="forward", workers=threads())
    spectrum *= np.float32(8.0)  # the mean is over 8 times as many voxels
    reach = min(2 * limit + 4, n - 1)
    out = np.empty((2 * reach + 1, 2 * reach + 1, reach + 4), np.complex64)
    signs = ((slice(reach, None), slice(reach + 1)), (slice(reach), slice(-reach, None)))
    for (to_z, z), (to_y, y) in product(signs, repeat=2):
        out[to_z, to_y, 3:] = spectrum[z, y, : reach + 1]
    np.conj(out[::-1, ::-1, 6:3:-1], out=out[:, :, :3])
    return out


def kaiser_bessel(width: int, density: float) -> float:
    """The window's shape parameter for a width in points and a density of the grid (Beatty)."""
    return math.pi * math.sqrt((width / density * (density - 0.5)) ** 2 - 0.8)


_WIDTH = 4
_BETA = kaiser_bessel(_WIDTH, 2.0)


def window(distance: Floats, width: int, beta: float) -> Floats:
    """The Kaiser-Bessel window at distances from its middle, in points."""
    inside = np.clip(1.0 - (2.0 * distance / width) ** 2, 0.0, None)
    return np.asarray(np.i0(beta * np.sqrt(inside)) * (np.abs(distance) <= width / 2))


def window_response(x: Floats, width: int, beta: float) -> Floats:
    """The transform of `window` at x periods a point."""
    argument = np.emath.sqrt(beta**2 - (np.pi * width * x) ** 2)
    ratio = np.sinh(argument) / argument
    return np.asarray(width * ratio.real, dtype=np.float64)


def _window_transform(x: Floats) -> Floats:
    return window_response(x, _WIDTH, _BETA)


@cache
def window_table() -> Singles:
    """(T, 8) the window at four points, and its derivatives, of places after the second."""
    values, slopes = _window_and_slope()
    after = np.arange(_TABLE // 2 + 1)[:, None]
    steps = after - (np.arange(_WIDTH) - (_WIDTH // 2 - 1)) * (_TABLE // 2)
    away = np.abs(steps)
    table = np.concatenate([values[away], np.sign(steps) * slopes[away]], axis=1)
    return _frozen(table.astype(np.float32))


def _window_and_slope() -> tuple[Floats, Floats]:
    """The window and its derivative between 0 and 2 points."""
    distance = np.linspace(0.0, _WIDTH / 2, _TABLE + 1)
    values = window(distance, _WIDTH, _BETA)
    return values, np.gradient(values, distance, edge_order=2)


def _frozen(table: Singles) -> Singles:
    table.setflags(write=False)
    return table


#: A turn by which no lattice comes to lie on itself.
_GENERIC = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]]) @ np.array(
    [[0.96891242, -0.24740396, 0.0], [0.24740396, 0.96891242, 0.0], [0.0, 0.0, 1.0]]
)
_AS_IT_IS = np.eye(3)


@dataclass(frozen=True, eq=False)
class Samples:
    """A map at points of Fourier space.

    Attributes
    ----------
    points, shells, values
        (N, 3), (N,) and (N,).
    """

    points: Floats
    shells: NDArray[np.int64]
    values: Complexes

    @property
    def count(self) -> int:
        """Shells from 0 to the last."""
        return int(self.shells.max()) + 1


@lru_cache(maxsize=8)
def lattice(limit: float, most: int | None = None) -> tuple[Floats, NDArray[np.int64]]:
    """One of each opposite pair of whole points up to the shell `limit`, and their shells.

    At most `most` of them, chosen at random but always the same.
    """
    h = math.floor(limit)
    k = np.arange(-h, h + 1)
    z, y, x = np.meshgrid(k, k, k[h:], indexing="ij", sparse=True)
    squares = x * x + y * y + z * z
    half = (squares > 0) & (squares <= limit * limit)
    half &= (x > 0) | (y > 0) | ((y == 0) & (z > 0))
    at = np.flatnonzero(half)
    if most is not None and len(at) > most:
        at = np.sort(np.random.default_rng(0).choice(at, most, replace=False))
    iz, iy, ix = np.unravel_index(at, half.shape)
    points = np.stack([ix, iy - h, iz - h], axis=1).astype(np.float64)
    shells = np.rint(np.sqrt(squares.reshape(-1)[at])).astype(np.int64)
    points.setflags(write=False)
    shells.setflags(write=False)
    return points, shells


def between_lattice(grid: Grid, limit: float, most: int | None = None) -> Samples:
    """A reference at the points of a lattice that is turned so that it fits no other.

    On its own lattice a map is known exactly, elsewhere it is interpolated, which smooths its
    noise: two maps would seem more alike wherever both lattices do not meet, and turns near none
    at all would be avoided.
    """
    points, shells = lattice(limit, most)
    turned = points @ _GENERIC.T
    return Samples(turned, shells, grid.sample(turned, _AS_IT_IS, np.zeros(3)))
