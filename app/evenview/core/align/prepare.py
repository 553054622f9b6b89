"""Maps of any box and voxels, brought into one box and sampled anywhere in Fourier space.

A map's transform about its centre voxel N // 2 is taken at the frequencies of a common box by one
product of matrices an axis, which is exact whatever the box and the voxels are. Between these
points it is interpolated from a grid of twice the density with a Kaiser-Bessel window, whose own
transform is divided out of the map beforehand (Fessler & Sutton 2003, IEEE Trans. Signal Process.
51, 560; Beatty et al. 2005, IEEE Trans. Med. Imaging 24, 799): the error is 1e-4 of the signal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.threads import threads
from evenview.core.volume import Volume

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Complexes = NDArray[np.complex64]

#: Shells that are used at most, and as many of a large box as reach this resolution (Å).
SHELLS, MOST_SHELLS, FINE_ENOUGH = 48, 64, 5.3
#: Fewer cannot tell one rotation from another.
FEWEST_SHELLS = 5
_SMALLEST, _LARGEST = 0.1, 50.0
_LEAST_BOX = 16
_TABLE = 2048
#: Lengths that differ by less (relative) are the same.
_SAME = 1e-6
_PIXEL_HINT = "Give the true one with --pixel-size."


def require_map(volume: Volume) -> None:
    """Raise `UserError` unless a volume can be aligned; the sentence says why."""
    where, sides = volume.name, volume.values.shape
    if min(sides) < _LEAST_BOX:
        raise UserError(
            f"a box of {' × '.join(str(side) for side in reversed(sides))} voxels is too small",
            where=where,
            hint=f"At least {_LEAST_BOX} voxels a side are needed.",
        )
    if float(np.ptp(volume.values)) == 0.0:
        raise UserError(
            "the map is flat: all its voxels are the same",
            where=where,
            hint="Was the job that wrote it stopped? Open the map of a finished one.",
        )
    require_size(volume)


def require_size(volume: Volume) -> None:
    """Raise `UserError` unless a voxel size is known and can be true."""
    if volume.voxel_size is None:
        raise UserError("the map does not say its pixel size", where=volume.name, hint=_PIXEL_HINT)
    if not _SMALLEST <= volume.voxel_size <= _LARGEST:
        raise UserError(
            f"the map says that its pixels are {volume.voxel_size:.4g} Å, which cannot be right",
            where=volume.name,
            hint=_PIXEL_HINT,
        )


@dataclass(frozen=True)
class Frame:
    """The box that both maps are brought into.

    Attributes
    ----------
    side
        Å: shell s is the resolution side / s.
    limit
        The last shell that is used.
    size
        Voxels a side, even: the centre is size // 2.
    """

    side: float
    limit: int
    size: int

    @classmethod
    def of(cls, reference: Volume, moving: Volume, lowpass: float | None = None) -> Frame:
        """One that both fit into, up to what both resolve, or up to `lowpass` (Å).

        Raises `UserError` where too few shells are left.
        """
        from scipy import fft

        extents = [np.array(v.values.shape[::-1]) * v.spacing for v in (reference, moving)]
        side = float(max(extent.max() for extent in extents))
        finest = 2.0 * max(float(v.spacing.max()) for v in (reference, moving))
        known = math.ceil(side / finest) - 1
        wanted = min(MOST_SHELLS, max(SHELLS, math.ceil(side / FINE_ENOUGH)))
        if lowpass is not None:
            wanted = min(MOST_SHELLS, math.floor(side / lowpass))
        limit = min(known, wanted)
        if limit < FEWEST_SHELLS:
            raise UserError(
                f"only {limit} Fourier shells are left to compare, which is too few",
                where=f"{reference.name}, {moving.name}",
                hint="Allow a finer resolution (--lowpass) or give maps with smaller voxels.",
            )
        size = int(fft.next_fast_len(limit + 2)) * 2
        return cls(side, limit, size)

    @property
    def spacing(self) -> float:
        """Å of its voxels."""
        return self.side / self.size

    def radii(self, size: int | None = None) -> Singles:
        """(n, n, n) Å from the centre, of its own voxels or of others that divide the side."""
        n = size or self.size
        k = (np.arange(n, dtype=np.float32) - n // 2) * np.float32(self.side / n)
        squares = k * k
        return np.asarray(
            np.sqrt(squares[:, None, None] + squares[:, None] + squares), dtype=np.float32
        )


def brought_in(volume: Volume, frame: Frame, mask: Volume | None = None) -> Singles:
    """The map (n, n, n) in the frame's box, with what lies between its shells and the frame's.

    What surrounds the molecule is taken to 0 first; a mask, in its own box, is multiplied then.
    """
    values = volume.values - np.float32(border_mean(volume.values))
    if mask is not None:
        values *= mask.values
    return to_real(_transform(values, volume, frame), frame.size)


def border_mean(values: Singles) -> float:
    """The mean over the six faces of the box."""
    faces = (values[0], values[-1], values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1])
    return float(np.mean([face.mean(dtype=np.float64) for face in faces]))


def _transform(values: Singles, volume: Volume, frame: Frame) -> Complexes:
    """(2 h + 1, 2 h + 1, h + 1) about the centre voxel, h = size / 2 - 1, from -h, -h and 0 on."""
    half = frame.size // 2 - 1
    extent = np.array(values.shape[::-1]) * volume.spacing
    if np.allclose(extent, frame.side, rtol=_SAME, atol=0.0) and min(values.shape) > 2 * half:
        return _in_one(values, half)
    full = np.arange(-half, half + 1)
    nz, ny, nx = values.shape
    ez, ey, ex = (
        _waves(k, n, step / frame.side)
        for k, n, step in zip(
            (full, full, full[half:]), (nz, ny, nx), volume.spacing[::-1], strict=True
        )
    )
    parts = np.concatenate([ex.real, ex.imag]).T  # a product of real matrices costs half
    rows = values.reshape(nz * ny, nx) @ parts
    lines = np.empty((nz, ny, half + 1), np.complex64)
    lines.real = rows[:, : half + 1].reshape(lines.shape)
    lines.imag = rows[:, half + 1 :].reshape(lines.shape)
    planes = np.matmul(ey, lines)
    out = ez @ planes.reshape(nz, -1)
    scale = np.float32(np.prod(volume.spacing) / frame.side**3)
    return np.asarray((out * scale).reshape(len(full), len(full), half + 1), dtype=np.complex64)


def _in_one(values: Singles, half: int) -> Complexes:
    """The same of a map that fills the frame, whose frequencies are those of its own FFT."""
    from scipy import fft

    spectrum = fft.rfftn(values, norm="forward", workers=threads())
    full = np.arange(-half, half + 1)
    part = spectrum[np.ix_(full, full, full[half:])]
    for axis, n in enumerate(values.shape):
        k = full if axis < 2 else full[half:]
        along = [1, 1, 1]
        along[axis] = len(k)
        part = part * np.exp(2j * np.pi * k * (n // 2) / n).astype(np.complex64).reshape(along)
    return np.asarray(part, dtype=np.complex64)


def _waves(k: NDArray[np.int64], n: int, step: float) -> Complexes:
    """(K, n) exp(-2 pi i k x) of voxels `step` sides apart, about n // 2."""
    x = (np.arange(n) - n // 2) * step
    return np.asarray(np.exp(-2j * np.pi * np.outer(k, x)), dtype=np.complex64)


def to_real(transform: Complexes, size: int) -> Singles:
    """The map (size, size, size) of a transform (2 h + 1, 2 h + 1, h + 1) about its centre."""
    from scipy import fft

    half = transform.shape[2] - 1
    full = np.arange(-half, half + 1)
    spectrum = np.zeros((size, size, size // 2 + 1), np.complex64)
    spectrum[np.ix_(full, full, full[half:])] = transform
    values = fft.irfftn(spectrum, s=(size,) * 3, norm="forward", workers=threads())
    return np.asarray(fft.fftshift(values), dtype=np.float32)


def to_fourier(values: Singles, half: int) -> Complexes:
    """(2 h + 1, 2 h + 1, h + 1): the transform of a map (n, n, n) about n // 2, from -h on."""
    from scipy import fft

    full = np.arange(-half, half + 1)
    spectrum = fft.rfftn(fft.ifftshift(values), norm="forward", workers=threads())
    return np.asarray(spectrum[np.ix_(full, full, full[half:])], dtype=np.complex64)


def resized(values: Singles, size: int) -> Singles:
    """A map (n, n, n) with fewer or more voxels, by leaving shells out or adding empty ones."""
    half = min(size, values.shape[0]) // 2 - 1
    return to_real(to_fourier(values, half), size)


@dataclass(frozen=True, eq=False)
class Grid:
    """A map's transform, ready to be sampled anywhere up to its last shell.

    Attributes
    ----------
    values
        Points half a shell apart: z and y from the negative end on, x from -1.5 shells on.
    table
        (2, T) the window and its derivative from 0 to 2 points away.
    """

    values: Complexes
    table: Singles

    def sample(self, points: Floats, matrix: Floats, shift: Floats) -> Complexes:
        """F of the moved map at points (N, 3); `shift` in sides of the box."""
        from evenview.core.kernels import align

        out = np.empty(len(points), np.complex64)
        pieces = list(slices(len(points), threads()))
        with ThreadPoolExecutor(len(pieces)) as pool:
            jobs = [
                pool.submit(align.sample, self.values, self.table, points[p], matrix, shift, out[p])
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
    start = n - n // 2  # the centre goes to the voxel n
    padded[start : start + n, start : start + n, start : start + n] = values
    spectrum = fft.rfftn(padded, norm="forward", workers=threads())
    reach = min(2 * limit + 4, n - 1)
    full = np.arange(-reach, reach + 1)
    part = spectrum[np.ix_(full, full, np.arange(reach + 1))]
    part *= np.float32(8.0)  # the mean is over 8 times as many voxels
    for axis, k in enumerate((full, full, np.arange(reach + 1))):
        odd = np.flatnonzero(k % 2 != 0)  # about the centre and not the first voxel
        index = [slice(None)] * 3
        index[axis] = odd  # type: ignore[call-overload]
        part[tuple(index)] *= np.float32(-1.0)
    negative = np.conj(part[::-1, ::-1, 3:0:-1])
    return np.ascontiguousarray(np.concatenate([negative, part], axis=2))


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
    """(2, T) window and derivative between 0 and 2 points."""
    distance = np.linspace(0.0, _WIDTH / 2, _TABLE + 1)
    values = window(distance, _WIDTH, _BETA)
    table = np.stack([values, np.gradient(values, distance, edge_order=2)]).astype(np.float32)
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
