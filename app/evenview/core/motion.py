"""How poses and shifts change when the map is turned, moved or mirrored, or the images are.

A map's motion is ``y = M x + t``, coordinates about the voxel N // 2 of the box. The images stay,
so for a proper M ``A' = A M^T`` and ``o' = o + A' t``. For one with determinant -1 the image's z
axis turns round with it: ``A' = D A M^T`` with D = diag(1, 1, -1), and ``o' = o + A M^T t`` in
the image (checked with RELION's projector on maps turned and mirrored by RELION). A mirrored image
is that of ``diag(1, -1, -1) A`` (in y) or ``diag(-1, 1, -1) A`` (in x): pyem's
``csparc2star --flipy``. Of the CTF its axis of astigmatism turns round too (`Motion.angle`), and
so do beam tilt, aberrations of odd order, uneven magnification and the place of the image in a
micrograph that is mirrored with it, which are not changed here (`formats.facts.not_mirrored`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import rotation

Floats = NDArray[np.float64]

#: What M M^T may differ from 1 by, in any element: a matrix typed with six digits is taken.
ORTHOGONAL = 1e-4

#: D, the mirror in z: what changes the hand of a map before it is turned.
MIRROR_Z: Floats = np.diag([1.0, 1.0, -1.0])
MIRROR_Z.setflags(write=False)

_MIRRORS = {
    "x": np.diag([-1.0, 1.0, 1.0]),
    "y": np.diag([1.0, -1.0, 1.0]),
    "z": MIRROR_Z,
    "inversion": -np.eye(3),
}
_FLIPS = {"x": np.diag([-1.0, 1.0, -1.0]), "y": np.diag([1.0, -1.0, -1.0])}


@dataclass(frozen=True, eq=False)
class Motion:
    """A change of the map, of the images, or of both (the map's first).

    Attributes
    ----------
    matrix
        M (3, 3), orthogonal, of either determinant.
    shift
        t (3,) Å, about the voxel N // 2.
    flip
        The axis along which the images are mirrored, if they are.
    flip_shift
        Å (N,) or one for all: how far a mirrored image is moved along that axis, as part of its
        mirroring (1 pixel where an even box is mirrored by turning its rows round).
    """

    matrix: Floats = field(default_factory=lambda: np.eye(3))
    shift: Floats = field(default_factory=lambda: np.zeros(3))
    flip: Literal["x", "y"] | None = None
    flip_shift: Floats | float = 0.0

    @property
    def mirrors(self) -> bool:
        """Whether the map changes its hand."""
        return bool(np.linalg.det(self.matrix) < 0)

    @property
    def rotation(self) -> Floats:
        """G (3, 3), proper: M is G, or G D of a map that is mirrored in z first."""
        return self.matrix @ MIRROR_Z if self.mirrors else self.matrix

    @property
    def shifts(self) -> bool:
        """Whether shifts change (a file without any then cannot say it)."""
        return bool(np.any(self.shift != 0) or np.any(np.asarray(self.flip_shift) != 0))

    def apply(self, q: ArrayLike, origins: Floats | None) -> tuple[Floats, Floats | None]:
        """New rotations (N, 4) and origins (N, 2) or (N, 3), Å, of old ones.

        Raises `ValueError` for origins in three dimensions where something is mirrored: the data of
        a subtomogram would be another.
        """
        three = origins is not None and origins.shape[1] == 3
        if three and (self.mirrors or self.flip):
            raise ValueError("subtomograms cannot be mirrored by their poses")
        turned = rotation.compose(q, rotation.from_matrix(_proper(self.matrix).T))
        moved = None if origins is None else self._origins(turned, origins)
        if self.mirrors:
            turned = _between_mirrors(turned)
        if self.flip is None:
            return turned, moved
        flipped = rotation.compose(rotation.from_matrix(_FLIPS[self.flip]), turned)
        return flipped, None if moved is None else self._flipped(moved)

    def angle(self, degrees: Floats) -> Floats:
        """The defocus angles (N,), which turn round with mirrored images, not with the map."""
        return degrees if self.flip is None else -degrees

    def _origins(self, turned: Floats, origins: Floats) -> Floats:
        """o + A M^-1 t; `turned` is A times the proper part of M^-1, so t takes its sign."""
        t = -self.shift if self.mirrors else self.shift
        moved: Floats = (rotation.to_matrix(turned) @ t)[:, : origins.shape[1]]
        return origins + moved

    def _flipped(self, origins: Floats) -> Floats:
        along = "xy".index(self.flip or "")
        out = origins.copy()
        out[:, along] = np.asarray(self.flip_shift) - out[:, along]
        return out


def mirror(name: str) -> Floats:
    """M of "x", "y", "z" (the axis that is turned round) or "inversion"."""
    return _MIRRORS[name].copy()


def reversal(name: str, voxels: int) -> Floats:
    """t in voxels (3,) that turning the array round adds to a mirror about the voxel N // 2.

    Reversing the sections, rows or columns of an even box mirrors about the middle between two
    voxels: -1 along each mirrored axis; nothing in an odd box.
    """
    mirrored = np.diag(_MIRRORS[name]) < 0
    return np.where(mirrored & (voxels % 2 == 0), -1.0, 0.0)


def about_centre(matrix: Floats, shift: ArrayLike, centre: ArrayLike) -> Floats:
    """t about the point `centre` of a motion ``y = M x + shift`` about the origin; all Å (3,)."""
    c = np.asarray(centre, dtype=np.float64)
    moved: Floats = np.asarray(shift, dtype=np.float64) + matrix @ c - c
    return moved


def _proper(matrix: Floats) -> Floats:
    """M, or -M where M mirrors: -M is the rotation with M = -1 (-M)."""
    return matrix if np.linalg.det(matrix) > 0 else -matrix


def _between_mirrors(turned: Floats) -> Floats:
    """D A M^-1 of A (-M)^-1: D times -1, which is a half turn about z, from the left."""
    half_turn = rotation.from_matrix(-MIRROR_Z)
    return rotation.compose(half_turn, turned)
