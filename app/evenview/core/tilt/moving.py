"""Where particles of one tomogram are in another of the same images: ``X' = M X + D``.

X is about the centre of the tomogram. A particle's rotation from the average to the tomogram
becomes ``M A``; where M mirrors, the average is taken to be mirrored in z, too (D_z = diag(1, 1,
-1)), and that is ``M A D_z``. Coordinates that count voxels from a corner have that centre at
``c``, which is not the same in all packages (`packages.centre_of`): ``x' = c2 + M (x - c1) + D``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import MIRROR_Z
from evenview.core.tilt.packages import Centre, centre_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TomogramMove:
    """From one tomogram to another.

    Attributes
    ----------
    matrix
        M (3, 3), orthogonal.
    shift
        D (3,) in pixels of the tilt images.
    pixel_size
        Å of those pixels, None where that is not known.
    centres
        What the two packages turn their tomograms about.
    size
        x, y and z of the tomogram in the voxels of the coordinates; None where nobody said.
    voxel_size
        Å of those voxels, in the place of what the file of the particles says.
    """

    matrix: Floats
    shift: Floats = field(default_factory=lambda: np.zeros(3))
    pixel_size: float | None = None
    centres: tuple[Centre, Centre] = ("voxel", "voxel")
    size: tuple[float, float, float] | None = None
    voxel_size: float | None = None

    @property
    def mirrors(self) -> bool:
        """Whether the hand changes."""
        return bool(np.linalg.det(self.matrix) < 0)

    @property
    def reference(self) -> Floats:
        """What happens to the average: D_z or nothing."""
        return MIRROR_Z if self.mirrors else np.eye(3)

    @property
    def shifts(self) -> bool:
        """Whether D is not 0."""
        return bool(self.shift.any())

    def turned(self, quaternions: Floats) -> Floats:
        """M A D_z (N, 4) of rotations A (N, 4), NaN where there is none."""
        found = np.full_like(quaternions, np.nan)
        placed = np.isfinite(quaternions).all(axis=1)
        matrices = rotation.to_matrix(quaternions[placed])
        found[placed] = rotation.from_matrix(self.matrix @ matrices @ self.reference)
        return found

    def pixels(self, places: Floats, centre: Floats) -> Floats:
        """Places (N, 3) in pixels of the tilt images about `centre` (3,) of both tomograms."""
        found: Floats = centre + (places - centre) @ self.matrix.T + self.shift
        return found

    def angstroms(self, places: Floats, centre: Floats, where: str) -> Floats:
        """The same in Å."""
        shift = self.shift * self.require_pixel_size(where) if self.shifts else self.shift
        found: Floats = centre + (places - centre) @ self.matrix.T + shift
        return found

    def voxels(self, places: Floats, first: int, voxel: float | None, where: str) -> Floats:
        """Places (N, 3) in voxels of `voxel` Å from the corner, whose first one is `first`.

        Raises `UserError` where the size of the tomogram or of the voxels is needed and not known.
        """
        before, after = (first + centre_of(c, self.require_size(where)) for c in self.centres)
        shift = self.shift
        if self.shifts:
            voxel = self.voxel_size or voxel
            if voxel is None:
                raise UserError(
                    "the tomogram is shifted, and the size of the voxels of the coordinates is not "
                    "known",
                    where=where,
                    hint="Give it with --voxel-size, in Å.",
                )
            shift = shift * (self.require_pixel_size(where) / voxel)
        found: Floats = after + (places - before) @ self.matrix.T + shift
        return found

    def require_size(self, where: str) -> Floats:
        """The size of the tomogram (3,). Raises `UserError` where it is not known."""
        if self.size is None:
            raise UserError(
                "the coordinates count from the corner, and the size of the tomogram is not known",
                where=where,
                hint="Give it with --size X Y Z, in the pixels of the coordinates.",
            )
        return np.array(self.size)

    def require_pixel_size(self, where: str) -> float:
        """Å of the tilt images. Raises `UserError` where they are not known."""
        if self.pixel_size is None:
            raise UserError(
                "the pixel size of the tilt images is not known, and is needed here",
                where=where,
                hint="Give it with --pixel-size, in Å.",
            )
        return self.pixel_size
