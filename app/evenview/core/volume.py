"""Volumes: a 3-D density in the map's frame, and the surface of it that is drawn in the sphere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Note

#: Faces of a surface that software rendering still turns smoothly.
FACE_BUDGET = 60_000

#: Longest side, in voxels, that a surface is looked for in; larger maps are averaged down first.
_LONGEST_SIDE = 256
_SAMPLE = 2_000_000
_FEWEST, _MOST = 0.005, 0.10


@dataclass(frozen=True, eq=False)
class Volume:
    """A density map.

    Attributes
    ----------
    values
        (Z, Y, X) float32, x the fastest: right-handed x, y, z along the indices.
    voxel_size
        Å, or None when the file does not say; for unequal axes their geometric mean.
    origin
        (3,) x, y, z in Å of the first voxel, as the file says.
    name
        What to call it, such as its file's name.
    stretch
        x, y, z: each axis's voxel size over `voxel_size`; ones for every map of single particles.
    notes
        Warnings, calm and in words.
    labels
        The lines of its header that say how it was made.
    origin_counted
        Whether the file counts the origin in voxels, so that it goes with their size.
    """

    values: NDArray[np.float32]
    voxel_size: float | None
    origin: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    name: str = ""
    stretch: tuple[float, float, float] = (1.0, 1.0, 1.0)
    notes: tuple[Note, ...] = ()
    labels: tuple[str, ...] = ()
    origin_counted: bool = False

    @property
    def center(self) -> tuple[int, int, int]:
        """x, y, z index of the voxel that rotations turn about: N // 2 of each side."""
        nz, ny, nx = self.values.shape
        return nx // 2, ny // 2, nz // 2

    @property
    def spacing(self) -> NDArray[np.float64]:
        """(3,) Å per voxel along x, y, z; 1 a voxel where the file does not say."""
        return np.array(self.stretch) * (self.voxel_size or 1.0)

    @property
    def extent(self) -> NDArray[np.float64]:
        """(3,) Å of the box along x, y, z, by `spacing`."""
        return np.array(self.values.shape[::-1]) * self.spacing

    def resized(
        self, voxel_size: float, stretch: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ) -> Volume:
        """The same map with voxels of another size; an origin that counts them goes with it."""
        other = replace(self, voxel_size=voxel_size, stretch=stretch)
        if not self.origin_counted:
            return other
        return replace(other, origin=self.origin / self.spacing * other.spacing)


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed triangle mesh of a volume.

    Attributes
    ----------
    vertices
        (V, 3) float32 x, y, z in Å (voxels where the size is unknown) about the centre voxel.
    faces
        (F, 3) uint32, counter-clockwise seen from outside (from the lower density).
    normals
        (V, 3) float32 unit vectors, outward.
    level
        The density that it encloses.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    normals: NDArray[np.float32]
    level: float


def default_level(volume: Volume) -> float:
    """A level to begin with: mean + 3 sd, held to enclose between 0.5 % and 10 % of the voxels.

    Mean + 3 sd finds a particle in a roomy box and in one masked with zeros; the two bounds mend
    it for a tight box and for one with few very bright voxels. Large maps are sampled evenly.
    """
    flat = volume.values.ravel()
    sample = flat[:: max(1, flat.size // _SAMPLE)].astype(np.float64)
    low, high = np.quantile(sample, [1.0 - _MOST, 1.0 - _FEWEST])
    return float(np.clip(sample.mean() + 3.0 * sample.std(), low, high))


def isosurface(volume: Volume, level: float | None = None, budget: int = FACE_BUDGET) -> Surface:
    """The surface where the density is `level`, closed at the border of the box.

    Found by naive surface nets (Gibson 1998, "Constrained elastic surface nets"): one vertex in
    each cell that the surface crosses, at the mean of the crossings of its edges. A map too fine
    for `budget` faces is averaged in blocks of 2, 3, ... voxels first.

    Raises
    ------
    UserError
        No density lies on both sides of `level`.
    """
    from evenview.core.kernels import surface

    level = default_level(volume) if level is None else float(level)
    _require_crossing(volume.values, level)
    block = max(1, -(-max(volume.values.shape) // _LONGEST_SIDE))
    while True:
        coarse = _padded(block_mean(volume.values, block), level)
        n_vertices, n_quads = surface.count(coarse, level)
        if 2 * n_quads <= budget:
            break
        block += 1
    if n_quads == 0:
        raise _no_surface(level)
    indices = np.empty((n_vertices, 3))
    faces = np.empty((2 * n_quads, 3), np.uint32)
    surface.nets(coarse, level, indices, faces)
    # a coarse index stands for the middle of its block; 1 is the padding
    fine = (indices - 1.0) * block + (block - 1) / 2.0
    vertices = (fine - np.array(volume.center)) * volume.spacing
    normals = np.zeros_like(vertices)
    surface.vertex_normals(vertices, faces, normals)
    return Surface(vertices.astype(np.float32), faces, normals.astype(np.float32), level)


def block_mean(values: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Means over cubes of `block` voxels a side; a side that does not divide is continued."""
    if block == 1:
        return values
    values = np.pad(values, [(0, -size % block) for size in values.shape], mode="edge")
    nz, ny, nx = (size // block for size in values.shape)
    cubes = values.reshape(nz, block, ny, block, nx, block)
    means: NDArray[np.float32] = cubes.mean(axis=(1, 3, 5), dtype=np.float32)
    return means


def _require_crossing(values: NDArray[np.float32], level: float) -> None:
    if not float(values.min()) < level <= float(values.max()):
        raise _no_surface(level, values)


def _no_surface(level: float, values: NDArray[np.float32] | None = None) -> UserError:
    if values is None:
        return UserError(
            f"nothing of the map is left at the level {level:g} when it is drawn coarsely",
            hint="Choose a lower level.",
        )
    return UserError(
        f"the map has no surface at the level {level:g}",
        hint=f"Its values go from {values.min():g} to {values.max():g}: choose a level between.",
    )


def _padded(values: NDArray[np.float32], level: float) -> NDArray[np.float32]:
    """One voxel more on each side, below the level, so that the surface closes at the border."""
    below = min(float(values.min()), float(np.nextafter(np.float32(level), np.float32(-np.inf))))
    return np.pad(values, 1, constant_values=below)
