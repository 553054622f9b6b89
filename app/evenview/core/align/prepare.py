"""Maps of any box and voxels, brought into one box.

A map's transform about its centre voxel N // 2 is taken at the frequencies of a common box by one
product of matrices an axis, which is exact whatever the box and the voxels are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.threads import threads
from evenview.core.volume import Volume
from evenview.core.words import counted

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Complexes = NDArray[np.complex64]

#: Shells that are used at most, and as many of a large box as reach this resolution (Å).
SHELLS, MOST_SHELLS, FINE_ENOUGH = 48, 64, 5.3
#: Fewer cannot tell one rotation from another.
FEWEST_SHELLS = 5
_SMALLEST, _LARGEST = 0.1, 50.0
_LEAST_BOX = 16
#: Lengths that differ by less (relative) are the same.
_SAME = 1e-6
_PIXEL_HINT = "Give the true one with --pixel-size."


def require_map(volume: Volume) -> None:
    """Raise `UserError` unless a volume can be aligned; the sentence says why."""
    require_content(volume)
    require_size(volume)


def require_content(volume: Volume) -> None:
    """Raise `UserError` unless there is something in a volume that can be aligned."""
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


def require_size(volume: Volume) -> None:
    """Raise `UserError` unless a voxel size is known and can be true."""
    if volume.voxel_size is None:
        raise UserError("the map does not say its pixel size", where=volume.name, hint=_PIXEL_HINT)
    if not _can_be(volume.voxel_size):
        raise UserError(
            f"the map says that its pixels are {volume.voxel_size:.4g} Å, which cannot be right",
            where=volume.name,
            hint=_PIXEL_HINT,
        )


def require_given_size(size: float, where: str) -> None:
    """Raise `UserError` unless a voxel size (Å) that was given for a file can be true."""
    if not _can_be(size):
        raise UserError(
            f"a pixel size of {size:.4g} Å cannot be right",
            where=where,
            hint=f"Give one between {_SMALLEST:g} and {_LARGEST:g} Å.",
        )


def _can_be(size: float) -> bool:
    return _SMALLEST <= size <= _LARGEST


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
        extents = [volume.extent for volume in (reference, moving)]
        side = float(max(extent.max() for extent in extents))
        finest = 2.0 * max(float(v.spacing.max()) for v in (reference, moving))
        known = math.ceil(side / finest) - 1
        wanted = min(MOST_SHELLS, max(SHELLS, math.ceil(side / FINE_ENOUGH)))
        if lowpass is not None:
            wanted = min(MOST_SHELLS, math.floor(side / lowpass))
        limit = min(known, wanted)
        if limit < FEWEST_SHELLS:
            raise UserError(
                f"only {counted(limit, 'Fourier shell is', 'Fourier shells are')} left to compare, "
                "which is too few",
                where=f"{reference.name}, {moving.name}",
                hint="Allow a finer resolution (--lowpass) or give maps with smaller voxels.",
            )
        return cls(side, limit, _size_for(limit))

    @property
    def spacing(self) -> float:
        """Å of its voxels."""
        return self.side / self.size

    def size_for(self, limit: int) -> int:
        """Voxels a side, even, for fewer shells."""
        return self.size if limit == self.limit else _size_for(limit)

    def radii(self, size: int | None = None) -> Singles:
        """(n, n, n) Å from the centre, of its own voxels or of others that divide the side."""
        n = size or self.size
        k = (np.arange(n, dtype=np.float32) - n // 2) * np.float32(self.side / n)
        squares = k * k
        return np.asarray(
            np.sqrt(squares[:, None, None] + squares[:, None] + squares), dtype=np.float32
        )


def _size_for(limit: int) -> int:
    from scipy import fft

    return int(fft.next_fast_len(limit + 2)) * 2


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
    if (
        np.allclose(volume.extent, frame.side, rtol=_SAME, atol=0.0)
        and min(values.shape) > 2 * half
    ):
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
    full, part = np.arange(-half, half + 1), _lowest(spectrum, half)
    for axis, n in enumerate(values.shape):
        k = full if axis < 2 else full[half:]
        along = [1, 1, 1]
        along[axis] = len(k)
        part *= np.exp(2j * np.pi * k * (n // 2) / n).astype(np.complex64).reshape(along)
    return part


def _waves(k: NDArray[np.int64], n: int, step: float) -> Complexes:
    """(K, n) exp(-2 pi i k x) of voxels `step` sides apart, about n // 2."""
    x = (np.arange(n) - n // 2) * step
    return np.asarray(np.exp(-2j * np.pi * np.outer(k, x)), dtype=np.complex64)


def to_real(transform: Complexes, size: int) -> Singles:
    """The map (size, size, size) of a transform (2 h + 1, 2 h + 1, h + 1) about its centre."""
    from scipy import fft

    half = transform.shape[2] - 1
    spectrum = np.zeros((size, size, size // 2 + 1), np.complex64)
    for (whole_z, z), (whole_y, y) in _signs(half):
        spectrum[whole_z, whole_y, : half + 1] = transform[z, y]
    values = fft.irfftn(spectrum, s=(size,) * 3, norm="forward", workers=threads())
    return np.asarray(fft.fftshift(values), dtype=np.float32)


def to_fourier(values: Singles, half: int) -> Complexes:
    """(2 h + 1, 2 h + 1, h + 1): the transform of a map (n, n, n) about n // 2, from -h on."""
    from scipy import fft

    return _lowest(fft.rfftn(fft.ifftshift(values), norm="forward", workers=threads()), half)


def _lowest(spectrum: Complexes, half: int) -> Complexes:
    """(2 h + 1, 2 h + 1, h + 1) from -h, -h and 0 on, of an ``rfftn``."""
    out = np.empty((2 * half + 1, 2 * half + 1, half + 1), np.complex64)
    for (whole_z, z), (whole_y, y) in _signs(half):
        out[z, y] = spectrum[whole_z, whole_y, : half + 1]
    return out


def _signs(half: int) -> Iterator[tuple[tuple[slice, slice], ...]]:
    """Where frequencies of either sign of z and y are in an ``rfftn``, and where from -h on."""
    positive = slice(half + 1), slice(half, None)
    negative = slice(-half, None), slice(half)
    return product((positive, negative), repeat=2)


def resized(values: Singles, size: int) -> Singles:
    """A map (n, n, n) with fewer or more voxels, by leaving shells out or adding empty ones."""
    half = min(size, values.shape[0]) // 2 - 1
    return to_real(to_fourier(values, half), size)
