"""The 3DFSC: the conical FSC of each voxel's own direction, and how round its good part is.

Tan et al. 2017, Nat. Methods 14, 793. As in their program (nysbc/Anisotropy, ThreeDFSC_Analysis)
the part above 0.5 is taken outwards up to the first shell below; shells of more than 200 Å always
belong to it, and here the first two, in which one voxel may be a whole cone. It is blurred by a
Gaussian of one voxel, and the sphericity is that of its surface at 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.directional import FIRST_SHELL
from evenview.core.halfmaps import DirectionSums, Settings, bins_of_directions

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

SPHERICITY_THRESHOLD = 0.5
HIGH_PASS = 200.0  # Å
_BLUR = 1.0  # voxels
_ROOM = 6  # voxels around, so that the blurred part ends within


@dataclass(frozen=True, eq=False)
class FscVolume:
    """The conical FSC in every direction.

    Attributes
    ----------
    box
        n, of the maps.
    side
        Å, of the box.
    values
        (B, S) of the bins of `DirectionSums`; 1 where no voxel lies in a cone.
    """

    box: int
    side: float
    values: Floats

    @classmethod
    def of(cls, sums: DirectionSums, voxel_size: float, settings: Settings) -> FscVolume:
        """That of maps with voxels of `voxel_size` Å."""
        axes = bins_of_directions().centers
        values = sums.directional(axes, "cone", settings.half_angle)
        return cls(sums.box, sums.box * voxel_size, np.nan_to_num(values, nan=1.0))

    def volume(self) -> Singles:
        """(n, n, n) [z, y, x], the origin of Fourier space at n // 2; 0 beyond the last shell."""
        return _voxels(self.values, self.box)

    @cached_property
    def sphericity(self) -> float:
        """1 for a ball, below for everything else; 0 where nothing is above the threshold."""
        good = self.values >= SPHERICITY_THRESHOLD
        good[:, : self._first_shell] = True
        good = np.logical_and.accumulate(good, axis=1)
        last = int(good.any(axis=0).sum())
        return sphericity(_voxels(good[:, :last].astype(np.float64), 2 * (last + _ROOM) + 1))

    @property
    def _first_shell(self) -> int:
        """The first that the threshold is asked of."""
        return max(FIRST_SHELL, math.ceil(self.side / HIGH_PASS))


def _voxels(values: Floats, box: int) -> Singles:
    from evenview.core.kernels import shells

    bins = bins_of_directions()
    out = np.zeros((box, box, box), np.float32)
    shells.spread(values, bins.half_of, bins.grid.nside, out)
    return out


def sphericity(part: Singles) -> float:
    """π^(1/3) (6V)^(2/3) / A of a part of space (n, n, n), 1 within and 0 outside, blurred.

    V and A are of one surface, by `surface.nets`; the published program has V by counting voxels.
    """
    from scipy.ndimage import gaussian_filter

    from evenview.core.kernels import surface

    blurred = gaussian_filter(part, _BLUR, mode="constant")
    vertices_n, quads_n = surface.count(blurred, 0.5)
    if not quads_n:
        return 0.0
    vertices, faces = np.empty((vertices_n, 3)), np.empty((2 * quads_n, 3), np.uint32)
    surface.nets(blurred, 0.5, vertices, faces)
    a, b, c = (vertices[faces[:, i]] - vertices.mean(axis=0) for i in range(3))
    area = 0.5 * float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
    volume = abs(float(np.einsum("ij,ij->", a, np.cross(b, c)))) / 6.0
    return float(math.pi ** (1 / 3) * (6.0 * volume) ** (2 / 3) / area)
