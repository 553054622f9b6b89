"""A pair of half-maps, and how alike they are in each direction of Fourier space.

Every voxel of the Fourier transforms is added once to its direction (a HEALPix bin, opposite ones
alike) and shell. A cone or a torus is then a sum over bins, so that any number of them costs one
product with a sparse matrix. The innermost shells have few voxels, on which the border of a cone
matters: there each voxel is asked by itself.

- Conical FSC along d: the FSC of the voxels within 20° of d or -d (Tan et al. 2017, Nat. Methods
  14, 793, for 3DFSC; cryoSPARC's cFSC).
- Toroidal FSC along v: the voxels within 20° of the plane that a view along v samples: the relative
  signal of that view.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evenview.core.errors import UserError
from evenview.core.sampling import HalfBins, half_bins
from evenview.core.volume import Volume

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Region = Literal["cone", "torus"]

ORDER = 5  # nside 32
THRESHOLD = 0.143
HALF_ANGLE = 20.0
AXES = 256
#: Up to this shell every voxel's own direction decides, beyond it that of its bin.
INNER_SHELLS = 16

_PIXEL_HINT = "Give the true one with --pixel-size."
_SMALLEST, _LARGEST = 0.1, 50.0
#: Voxel sizes that differ by less (relative) are the same, written with few digits.
_SAME_SIZE = 1e-3
_LEAST_BOX = 16
#: What interpolation may put beyond 0 and 1 in a mask.
_MASK_SLACK = 0.1
_ALIKE = 1e-5


@dataclass(frozen=True)
class Settings:
    """How half-maps are compared; all are printed with the scores.

    Attributes
    ----------
    half_angle
        Degrees, of cones about their axis and of toruses about their plane.
    axes
        How many directions are looked at.
    threshold
        The FSC at which an area ends and a resolution is read.
    """

    half_angle: float = HALF_ANGLE
    axes: int = AXES
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        if not 5.0 <= self.half_angle <= 45.0:
            raise UserError(
                f"a cone of {self.half_angle:g}° is not between 5° and 45°",
                hint=f"{HALF_ANGLE:g}° is usual.",
            )
        if not 16 <= self.axes <= 10_000:
            raise UserError(
                f"{self.axes:,} axes are not between 16 and 10,000", hint=f"{AXES} are usual."
            )
        if not 0.0 < self.threshold < 1.0:
            raise UserError(
                f"an FSC threshold of {self.threshold:g} is not between 0 and 1",
                hint=f"{THRESHOLD:g} is usual for half-maps.",
            )


@dataclass(frozen=True, eq=False)
class HalfMaps:
    """Two half-maps (n, n, n) with cubic voxels of `voxel_size` Å, and a mask (n, n, n) or None.

    `origin` is the first map's, (3,) Å.
    """

    first: Singles
    second: Singles
    voxel_size: float
    origin: Floats
    mask: Singles | None = None

    @property
    def box(self) -> int:
        """n."""
        return int(self.first.shape[0])

    @property
    def hard_mask(self) -> bool:
        """Whether the mask steps from 0 to 1, which itself makes half-maps alike."""
        return self.mask is not None and bool(((self.mask == 0.0) | (self.mask == 1.0)).all())


def pair(
    first: Volume, second: Volume, mask: Volume | None = None, voxel_size: float | None = None
) -> HalfMaps:
    """The half-maps of two volumes.

    Parameters
    ----------
    voxel_size
        Å, instead of what the maps say.

    Raises
    ------
    UserError
        A box that is no cube or is too small, boxes or voxel sizes that differ, a voxel size that
        is unknown or absurd, a map that is flat or given twice, a mask that is empty or of another
        box; the sentence says which.
    """
    for volume in (first, second):
        _require_map(volume)
    if first.values.shape != second.values.shape:
        raise UserError(
            f"the half-maps have different boxes: {_box(first)} and {_box(second)} voxels",
            where=f"{first.name}, {second.name}",
            hint="Give the two half-maps of one refinement.",
        )
    size = _voxel_size(first, second, voxel_size)
    if np.array_equal(first.values, second.values):
        raise same_map(first.name, second.name)
    values = None if mask is None else _require_mask(mask, first)
    return HalfMaps(first.values, second.values, size, first.resized(size).origin, values)


def same_map(first: str, second: str) -> UserError:
    """For two half-maps with an FSC of 1 everywhere."""
    return UserError(
        "the two are the same map, so their FSC is 1 everywhere",
        where=f"{first}, {second}",
        hint="Give the two unfiltered half-maps of one refinement.",
    )


def _box(volume: Volume) -> str:
    return " × ".join(str(side) for side in reversed(volume.values.shape))


def _require_map(volume: Volume) -> None:
    if len(set(volume.values.shape)) > 1:
        raise UserError(
            f"the box is not a cube but {_box(volume)} voxels",
            where=volume.name,
            hint="Give the half-maps as the refinement wrote them.",
        )
    if volume.stretch != (1.0, 1.0, 1.0):
        raise UserError(
            "the voxels are not cubes",
            where=volume.name,
            hint="Give the half-maps as the refinement wrote them.",
        )
    if volume.values.shape[0] < _LEAST_BOX:
        raise UserError(
            f"a box of {_box(volume)} voxels has too few shells to compare",
            where=volume.name,
            hint=f"At least {_LEAST_BOX} voxels a side are needed.",
        )
    if float(np.ptp(volume.values)) == 0.0:
        raise UserError(
            "the map is flat: all its voxels are the same",
            where=volume.name,
            hint="Was the job that wrote it stopped? Open the map of a finished one.",
        )


def _voxel_size(first: Volume, second: Volume, given: float | None) -> float:
    if given is not None:
        if not _SMALLEST <= given <= _LARGEST:
            raise UserError(
                f"a pixel size of {given:g} Å cannot be right",
                hint=f"Give one between {_SMALLEST:g} and {_LARGEST:g} Å.",
            )
        return given
    for volume in (first, second):
        _require_known_size(volume)
    one, two = first.voxel_size or 0.0, second.voxel_size or 0.0
    if abs(one - two) > _SAME_SIZE * one:
        raise UserError(
            f"the half-maps have different pixel sizes: {one:.6g} and {two:.6g} Å",
            where=f"{first.name}, {second.name}",
            hint=_PIXEL_HINT,
        )
    return one


def _require_known_size(volume: Volume) -> None:
    if volume.voxel_size is None:
        raise UserError("the map does not say its pixel size", where=volume.name, hint=_PIXEL_HINT)
    if not _SMALLEST <= volume.voxel_size <= _LARGEST:
        raise UserError(
            f"the map says that its pixels are {volume.voxel_size:.4g} Å, which cannot be right",
            where=volume.name,
            hint=_PIXEL_HINT,
        )


def _require_mask(mask: Volume, first: Volume) -> Singles:
    where = mask.name
    if mask.values.shape != first.values.shape:
        raise UserError(
            f"the mask has {_box(mask)} voxels, the half-maps have {_box(first)}",
            where=where,
            hint="Give a mask of the same box.",
        )
    low, high = float(mask.values.min()), float(mask.values.max())
    if low == high == 0.0:
        raise UserError(
            "the mask is empty: all its voxels are 0", where=where, hint="Give another mask."
        )
    if low < -_MASK_SLACK or high > 1.0 + _MASK_SLACK:
        raise UserError(
            f"this is not a mask: its values go from {low:.4g} to {high:.4g}, not from 0 to 1",
            where=where,
            hint="Give a soft mask of the molecule, such as the refinement's.",
        )
    return mask.values


@dataclass(frozen=True, eq=False)
class DirectionSums:
    """Sums over voxels by direction and shell, of Re F1 F2*, |F1|² and |F2|².

    Attributes
    ----------
    box
        n, of the maps. Shell s is the s-th Fourier voxel, 0 empty: S = n // 2 + 1.
    outer
        (B, S, 3) of `half_bins(ORDER)`, in the shells beyond `INNER_SHELLS`.
    inner
        (V, 3) of each of `inner_voxels`.
    """

    box: int
    outer: Floats
    inner: Floats

    @classmethod
    def of(cls, maps: HalfMaps, masked: bool = True) -> DirectionSums:
        """The sums of two maps, both multiplied by their mask if they have one and it is wanted."""
        from scipy import fft

        from evenview.core.kernels import shells

        mask = maps.mask if masked else None
        one, two = (
            fft.rfftn(values if mask is None else values * mask, workers=-1)
            for values in (maps.first, maps.second)
        )
        bins, n = bins_of_directions(), maps.box
        outer = np.zeros((len(bins.centers), n // 2 + 1, 3))
        shells.gather(one, two, bins.half_of, bins.grid.nside, INNER_SHELLS, outer)
        at = inner_voxels(n).at
        a, b = one[at].astype(np.complex128), two[at].astype(np.complex128)
        inner = np.column_stack([(a * b.conj()).real, np.abs(a) ** 2, np.abs(b) ** 2])
        return cls(n, outer, inner)

    @property
    def shells(self) -> int:
        """S."""
        return int(self.outer.shape[1])

    def fsc(self) -> Floats:
        """(S,) over all directions; NaN in shell 0."""
        total = self.outer.sum(axis=0)
        for shell, voxels in inner_voxels(self.box).by_shell():
            total[shell] = self.inner[voxels].sum(axis=0)
        out = _correlation(total)
        out[0] = np.nan
        return out

    def directional(self, axes: Floats, region: Region, half_angle: float) -> Floats:
        """(D, S) FSC in the cone about each of `axes` (D, 3), or in the torus across it.

        0 where the maps hold nothing, NaN where the region is so narrow that no voxel lies in it.
        """
        part = membership(axes, region, half_angle)
        flat = part @ self.outer.reshape(len(self.outer), -1)
        total = np.asarray(flat).reshape(len(axes), self.shells, 3)
        voxels = inner_voxels(self.box)
        empty = np.zeros((len(axes), self.shells), bool)
        empty[:, 0] = True
        for shell, chosen in voxels.by_shell():
            inside = _inside(axes @ voxels.directions[chosen].T, region, half_angle)
            total[:, shell] = inside.astype(np.float64) @ self.inner[chosen]
            empty[:, shell] = ~inside.any(axis=1)
        return np.where(empty, np.nan, _correlation(total))


def _inside(cosine: Floats, region: Region, half_angle: float) -> NDArray[np.bool_]:
    half = math.radians(half_angle)
    across = np.abs(cosine)
    # A rounding error either way may not decide on voxels that lie on the border.
    return across <= math.sin(half) + 1e-9 if region == "torus" else across >= math.cos(half) - 1e-9


@dataclass(frozen=True, eq=False)
class InnerVoxels:
    """One of each pair of opposite voxels of the innermost shells of ``rfftn``, by shell.

    Attributes
    ----------
    at
        Three arrays (V,): the indices of each.
    directions
        (V, 3) unit vectors x, y, z.
    starts
        (K + 1,) where shell 1, 2, ... begins.
    """

    at: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    directions: Floats
    starts: NDArray[np.int64]

    def by_shell(self) -> list[tuple[int, slice]]:
        """Each shell and its voxels."""
        ends = self.starts.tolist()
        return [(i + 1, slice(*ends[i : i + 2])) for i in range(len(ends) - 1)]


@lru_cache(maxsize=4)
def inner_voxels(box: int) -> InnerVoxels:
    """Those of a box."""
    most = min(INNER_SHELLS, box // 2)
    index = np.arange(box)
    signed = np.where(index <= (box - 1) // 2, index, index - box)
    near = index[np.abs(signed) <= most]
    at = [a.ravel() for a in np.meshgrid(near, near, np.arange(most + 1), indexing="ij")]
    z, y, x = signed[at[0]], signed[at[1]], at[2]
    r = np.sqrt((x * x + y * y + z * z).astype(np.float64))
    shell = (r + 0.5).astype(np.int64)
    half = (x > 0) | (y > 0) | ((y == 0) & (z > 0))
    half &= (x > 0) | (y >= 0)
    chosen = np.flatnonzero(half & (shell >= 1) & (shell <= most))
    chosen = chosen[np.argsort(shell[chosen], kind="stable")]
    directions = np.column_stack([x, y, z])[chosen] / r[chosen, None]
    starts = np.searchsorted(shell[chosen], np.arange(1, most + 2))
    return InnerVoxels((at[0][chosen], at[1][chosen], at[2][chosen]), directions, starts)


def bins_of_directions() -> HalfBins:
    """The bins of `DirectionSums`."""
    return half_bins(ORDER)


def membership(axes: Floats, region: Region, half_angle: float) -> csr_array:
    """(D, B) the part of each bin's area that lies in the cone or torus of each axis."""
    from evenview.core.kernels import sampling

    bins = bins_of_directions()
    radius = math.sqrt(2.0 / len(bins.centers))
    half = math.radians(half_angle)
    make = sampling.band if region == "torus" else sampling.cone
    starts, columns, values = make(axes, bins.centers, half, radius)
    return csr_array((values, columns, starts), shape=(len(axes), len(bins.centers)))


def axes_of(settings: Settings) -> Floats:
    """(D, 3) directions of half the sphere, evenly spread: a Fibonacci spiral."""
    j = np.arange(settings.axes) + 0.5
    height, longitude = j / settings.axes, math.pi * (3.0 - math.sqrt(5.0)) * j
    across = np.sqrt(1.0 - height * height)
    return np.column_stack([across * np.cos(longitude), across * np.sin(longitude), height])


def _correlation(total: Floats) -> Floats:
    """cross / √(one · two) of the last axis, 0 where there is nothing."""
    power = np.sqrt(total[..., 1] * total[..., 2])
    return np.asarray(np.divide(total[..., 0], power, out=np.zeros_like(power), where=power > 0))


def alike(fsc: Floats) -> bool:
    """Whether an FSC (S,) is 1 everywhere."""
    return bool((fsc[1:] > 1.0 - _ALIKE).all())
