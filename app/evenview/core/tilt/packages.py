"""The projection of a tilt series in each package's convention.

A point X of the tomogram, about its centre, is seen in the image at ``u = (P X)_xy + T``, about the
image's centre; its depth is ``d = (P X)_z``. All packages rotate the specimen about x, then about y
by the tilt angle, then turn the image plane by the angle of the axis:
``P = Rz(axis) Ry(s angle) Rx(s x_tilt)``, active and right-handed. They differ in the sign s.

Sources: RELION 5 ``tomogram.cpp`` (rlnTomoXTilt, YTilt, ZRot); IMOD ``tilt.f90`` and the .xf of an
alignment, for tomograms turned about x (``trimvol -rx``); AreTomo ``CSaveXF.cpp``; Warp
``TiltSeries.cs``, Matrix3.Euler(0, angle, -axis); EMAN2 ``e2tomogram.py``, Transform "xyz" of
(xtilt, ytilt, -axis). RELION's and EMAN2's rotations were run; the others are read from source.

T is the shift that RELION, AreTomo, Warp and EMAN2 (``get_xf_pos`` of ``e2tomogram.py``) write.
That of an .xf, ``x' = A x + d``, moves the turned image: ``T = -A^-1 d``. What u and X count from:
RELION (``Tomogram::setProjectionMatrix``), Warp (``GetPositionInAllTilts``) and EMAN2 the pixel
N // 2, IMOD the middle of the image (``tilt.f90``: xcenIn, centerSlice), AreTomo, by what it
exports to IMOD, as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core.tilt.series import TiltSeries

Floats = NDArray[np.float64]
Centre: TypeAlias = Literal["voxel", "middle"]

#: A plane seen from its edge, the image of a square in it being narrower than this part of it.
_EDGE_ON = 1e-3


@dataclass(frozen=True)
class Package:
    """How a package describes a tilt.

    Attributes
    ----------
    title
        Its name.
    sign
        s of the module's formula.
    axis, angle
        What it calls the two angles, for people.
    focus
        How defocus follows from the depth, ``defocus = that of the centre + h d``: h is 1 or -1 as
        a "flag" says, or a fixed number.
    flags
        What the flag is called where h is 1 and where it is -1.
    centre
        The pixel that images and tomograms turn about: "voxel" N // 2, or the "middle" of the box,
        between two pixels where N is even.
    remark
        What to know of its angles.
    """

    title: str
    sign: Literal[1, -1]
    axis: str
    angle: str
    focus: Literal["flag"] | int
    flags: tuple[str, str] = ("", "")
    centre: Centre = "voxel"
    remark: str = ""

    def flag(self, sign: int) -> str:
        """What it calls h, 1 or -1."""
        return self.flags[0 if sign > 0 else 1]

    def matrices(self, angles: ArrayLike, axes: ArrayLike, x_tilts: ArrayLike = 0.0) -> Floats:
        """P (N, 3, 3) of angles in degrees, (N,) each or one for all."""
        angle, axis, x = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (angles, axes, x_tilts))
        )
        tilted = _about(1, self.sign * angle) @ _about(0, self.sign * x)
        found: Floats = _about(2, axis) @ tilted
        return found


PACKAGES = {
    "imod": Package(
        "IMOD",
        1,
        "tilt axis angle, from the .xf",
        ".tlt",
        -1,
        centre="middle",
        remark="for tomograms turned about x (trimvol -rx); trimvol -yz mirrors them",
    ),
    "aretomo": Package(
        "AreTomo",
        1,
        "ROT",
        "TILT",
        "flag",
        ("its own hand 1", "its own hand -1"),
        centre="middle",
    ),
    "relion": Package(
        "RELION",
        1,
        "rlnTomoZRot",
        "rlnTomoYTilt",
        "flag",
        ("rlnTomoHand 1", "rlnTomoHand -1"),
    ),
    "warp": Package(
        "Warp",
        -1,
        "wrpAxisAngle",
        "wrpAngleTilt",
        "flag",
        ("no flip", "flip"),
        remark="its import negates the angles of the mdoc, unless --dont_invert is given",
    ),
    "eman2": Package(
        "EMAN2",
        -1,
        "tltax",
        "ytilt",
        -1,
        remark="its files say the axis with the opposite sign (rot = -tltax)",
    ),
}


def matrices_of(series: TiltSeries) -> Floats:
    """P (N, 3, 3) of a series."""
    return PACKAGES[series.package].matrices(series.angles, series.axes, series.x_tilts)


def translations_of(series: TiltSeries) -> Floats | None:
    """T (N, 2) of a series in the unit of its shifts; None where the file has none."""
    if series.shifts is None or series.package != "imod":
        return series.shifts
    turns = _about(2, series.axes)[:, :2, :2]
    found: Floats = -np.einsum("nij,nj->ni", turns, series.shifts)
    return found


def centre_of(centre: Centre, size: ArrayLike) -> Floats:
    """What a package's tomogram turns about, counted in voxels from 0 (3,)."""
    sides = np.asarray(size, dtype=np.float64)
    found: Floats = sides // 2 if centre == "voxel" else (sides - 1.0) / 2.0
    return found


def angles_of(matrices: Floats) -> tuple[Floats, Floats, Floats]:
    """Tilt angles from -90 to 90, axes and x-tilts (N,) each, degrees, of P as RELION has them."""
    rows = matrices[:, 2]
    tilts = -np.arcsin(np.clip(rows[:, 0], -1.0, 1.0))
    x_tilts = np.arctan2(rows[:, 1], rows[:, 2])
    axes = np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])
    return np.degrees(tilts), np.degrees(axes), np.degrees(x_tilts)


def are_edge_on(matrices: Floats) -> NDArray[np.bool_]:
    """Whether each P (N, 3, 3) has the specimen's middle plane from its edge: a line is then all of
    it that is seen, and a point on that line is at no one depth."""
    # Of a rotation this is the determinant of the part that takes the plane to the image.
    found: NDArray[np.bool_] = np.abs(matrices[:, 2, 2]) < _EDGE_ON
    return found


def depth_in_plane(matrices: Floats, points: Floats) -> Floats:
    """Depth (N,) of the points of the specimen's middle plane that are seen at `points`.

    Parameters
    ----------
    matrices
        P (N, 3, 3), one for each point; none is edge-on.
    points
        (N, 2) in the image about its centre; the depth has their unit.
    """
    plane = np.linalg.solve(matrices[:, :2, :2], points[..., None])[..., 0]
    depth: Floats = np.einsum("ni,ni->n", matrices[:, 2, :2], plane)
    return depth


def across_axis(axes: ArrayLike) -> Floats:
    """(N, 2) unit vectors in the image, at right angles to the axis: to its right where it is up.

    An axis angle is counted from +y counter-clockwise, and the image turned by minus that angle has
    its axis upright (the rotation of IMOD's .xf).
    """
    radians = np.radians(np.atleast_1d(np.asarray(axes, dtype=np.float64)))
    return np.column_stack([np.cos(radians), np.sin(radians)])


def _about(axis: int, degrees: Floats) -> Floats:
    """Active right-handed rotations (N, 3, 3) about x, y or z; exact at quarter turns."""
    cos, sin = _cos(degrees), _cos(degrees - 90.0)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    found = np.zeros((*degrees.shape, 3, 3))
    found[..., axis, axis] = 1.0
    found[..., first, first] = found[..., second, second] = cos
    found[..., first, second], found[..., second, first] = -sin, sin
    return found


def _cos(degrees: Floats) -> Floats:
    whole = np.mod(degrees, 360.0)
    found = np.cos(np.radians(whole))
    found[np.isin(whole, (90.0, 270.0))] = 0.0
    return found
