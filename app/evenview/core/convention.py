"""Each package's angles and our rotation. The signs of poses live here; what becomes of them where
a map moves is in `motion`.

A rotation is A (3 x 3), from the map's to the image's frame: ``r_image = A r_map``, stored as a
unit quaternion (w, x, y, z) of A. The direction of view, in the map's frame, is the third row of A.

RELION: ``A = [Rz(rot) Ry(tilt) Rz(psi)]^T`` (``src/euler.cpp``, ``Euler_angles2matrix``), which
Xmipp, cisTEM, Warp and EMAN2's "spider" angles share. cryoSPARC: ``A = expm(-[p]x)`` with p the
rotation vector of ``alignments3D/pose`` (cryoSPARC's own ``expmap``, given to pyem by its authors).

Rows that hold a NaN (or an infinity) give rows of NaN. Quaternions returned have w >= 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import rotation

Array = NDArray[np.float64]

#: RELION takes tilts whose sine is smaller for 0 or 180° (``Euler_matrix2angles``: 16 FLT_EPSILON).
RELION_POLE = 16.0 * float(np.finfo(np.float32).eps)

#: Nearer to a pole than this part of the radius an azimuth is rounding noise: it is then called 0.
POLE = 1e-12


def relion_to_quaternions(rot: ArrayLike, tilt: ArrayLike, psi: ArrayLike) -> Array:
    """Rotations of RELION's Euler angles.

    Parameters
    ----------
    rot, tilt, psi
        (N,) degrees, any float type, any size of angle: ``rlnAngleRot``, ``rlnAngleTilt``,
        ``rlnAnglePsi``.

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    from evenview.core.kernels import rotation as kernels

    a, b, c = (_column(angle) for angle in (rot, tilt, psi))
    if not len(a) == len(b) == len(c):
        raise ValueError("rot, tilt and psi are not equally long")
    out = np.empty((len(a), 4))
    kernels.quaternions_from_zyz(a, b, c, out)
    return out


def quaternions_to_relion(q: ArrayLike, pole: float = RELION_POLE) -> Array:
    """RELION's Euler angles of rotations, in RELION's ranges.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A.
    pole
        Tilts whose sine is smaller become 0 or 180°; `POLE` moves no rotation that can be told.

    Returns
    -------
    (N, 3) float64 degrees: rot in (-180, 180], tilt in [0, 180], psi in (-180, 180].

    Notes
    -----
    At tilt 0 only rot + psi has a meaning, at tilt 180° only rot - psi. As RELION does
    (``Euler_matrix2angles``), a tilt within 1.1e-4° of either becomes exactly 0 or 180° with rot 0,
    and psi takes the whole turn. Such a row moves by that much; all others return to 1e-14.
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(q, 4)
    out = np.empty((len(rows), 3))
    kernels.zyz_from_quaternions(rows, pole, out)
    return out


def relion_angles_nearest(angles: Array, expected: Array, compared: Sequence[bool]) -> Array:
    """Of two triples of the same rotation, the one that is nearer to an expected triple.

    These are (rot, tilt, psi) and (rot + 180, -tilt, psi + 180). RELION compares angles with their
    priors one by one, so both must be of the same branch.

    Parameters
    ----------
    angles, expected
        (N, 3) degrees.
    compared
        Which of the three count.

    Returns
    -------
    (N, 3) degrees, rot and psi of those that change in (-180, 180].
    """
    rot, tilt, psi = angles.T
    others = np.column_stack([_half_turns(rot + 180.0), -tilt, _half_turns(psi + 180.0)])
    counts = np.flatnonzero(compared)

    def apart(triples: Array) -> Array:
        difference = (triples - expected)[:, counts]
        distance: Array = np.abs(_half_turns(difference)).sum(axis=1)
        return distance

    nearest: Array = np.where((apart(others) < apart(angles))[:, None], others, angles)
    return nearest


def cryosparc_to_quaternions(pose: ArrayLike) -> Array:
    """Rotations of cryoSPARC's poses.

    Parameters
    ----------
    pose
        (N, 3) rotation vectors in radians, of any length (files hold some longer than pi):
        ``alignments3D/pose``.

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(pose, 3)
    out = np.empty((len(rows), 4))
    kernels.quaternions_from_poses(rows, out)
    return out


def quaternions_to_cryosparc(q: ArrayLike) -> Array:
    """cryoSPARC's poses of rotations.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A.

    Returns
    -------
    (N, 3) float64 rotation vectors in radians, no longer than pi.
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(q, 4)
    out = np.empty((len(rows), 3))
    kernels.poses_from_quaternions(rows, out)
    return out


def xmipp_to_quaternions(
    rot: ArrayLike, tilt: ArrayLike, psi: ArrayLike, flip: ArrayLike = False
) -> Array:
    """Rotations of Xmipp's angles: RELION's, of images that may be mirrored.

    Parameters
    ----------
    rot, tilt, psi
        (N,) degrees: ``angleRot``, ``angleTilt``, ``anglePsi``.
    flip
        (N,) or one for all: whether the image is mirrored in x before it is used. Its pose is then
        ``diag(-1, 1, -1) A``, that is (rot, tilt + 180, -psi) (``Euler_mirrorY``).

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    flipped = np.asarray(flip, dtype=bool)
    return relion_to_quaternions(
        rot, np.add(tilt, np.where(flipped, 180.0, 0.0)), np.where(flipped, np.negative(psi), psi)
    )


def quaternions_to_xmipp(q: ArrayLike, flip: ArrayLike = False, pole: float = RELION_POLE) -> Array:
    """Xmipp's angles of rotations.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A, of the images as they stand.
    flip
        (N,) or one for all: whether the image is mirrored in x before it is used.
    pole
        As in `quaternions_to_relion`.

    Returns
    -------
    (N, 3) float64 degrees: rot, tilt in [0, 180] and psi.
    """
    rows = _rows(q, 4)
    flipped = np.broadcast_to(np.asarray(flip, dtype=bool), len(rows))
    mirror = np.where(flipped[:, None], (0.0, 0.0, 1.0, 0.0), (1.0, 0.0, 0.0, 0.0))
    return quaternions_to_relion(rotation.compose(mirror, rows), pole)


def eman_to_quaternions(az: ArrayLike, alt: ArrayLike, phi: ArrayLike) -> Array:
    """Rotations of EMAN2's "eman" angles: ``A = [Rz(az) Rx(alt) Rz(phi)]^T``.

    Parameters
    ----------
    az, alt, phi
        (N,) degrees (``libEM/transform.cpp``, type "eman"; "imagic" alpha, beta, gamma are these).

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    rot, psi = np.subtract(az, 90.0), np.add(phi, 90.0)
    return relion_to_quaternions(rot, alt, psi)


def quaternions_to_eman(q: ArrayLike) -> Array:
    """EMAN2's "eman" angles of rotations.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A.

    Returns
    -------
    (N, 3) float64 degrees: az in (-180, 180], alt in [0, 180], phi in (-180, 180]. At alt 0 and
    180° the whole turn is in phi and az is 0.
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(q, 4)
    out = np.empty((len(rows), 3))
    kernels.zyz_from_quaternions(rows, POLE, out)
    rot, tilt, psi = out.T
    pole = (tilt == 0.0) | (tilt == 180.0)
    turn = np.where(tilt == 0.0, 0.0, -180.0)
    az = np.where(pole, 0.0, rot + 90.0)
    phi = np.where(pole, psi + turn, psi - 90.0)
    return np.column_stack([_half_turns(az), tilt, _half_turns(phi)])


def dynamo_to_quaternions(tdrot: ArrayLike, tilt: ArrayLike, narot: ArrayLike) -> Array:
    """Rotations of Dynamo's angles: ``A = Rz(-tdrot) Rx(-tilt) Rz(-narot)``.

    A turns the template into the particle. Verified through cryoCAT and eulerangles, which agree
    with Dynamo's own description; Dynamo itself was not run.

    Parameters
    ----------
    tdrot, tilt, narot
        (N,) degrees, columns 7, 8 and 9 of a table.

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    return eman_to_quaternions(narot, tilt, tdrot)


def quaternions_to_dynamo(q: ArrayLike) -> Array:
    """Dynamo's tdrot, tilt, narot of rotations: (N, 3) degrees for (N, 4) quaternions of A."""
    return quaternions_to_eman(q)[:, ::-1].copy()


def emmotl_to_quaternions(phi: ArrayLike, psi: ArrayLike, theta: ArrayLike) -> Array:
    """Rotations of emmotl (AV3, novaSTA, STOPGAP) angles: ``A = Rz(psi) Rx(theta) Rz(phi)``.

    Parameters
    ----------
    phi, psi, theta
        (N,) degrees, in the order of a motive list's columns (``cryocat/cryomotl.py``).

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    return eman_to_quaternions(np.negative(phi), np.negative(theta), np.negative(psi))


def quaternions_to_emmotl(q: ArrayLike) -> Array:
    """emmotl's phi, psi, theta of rotations: (N, 3) degrees for (N, 4) quaternions of A.

    theta lies in [0, 180]. ``Rz(-a) Rx(-b) Rz(-c)`` is ``Rz(180 - a) Rx(b) Rz(-180 - c)``. At theta
    0 and 180° the whole turn is in psi and phi is 0.
    """
    az, alt, phi = quaternions_to_eman(q).T
    pole = (alt == 0.0) | (alt == 180.0)
    first = np.where(pole, 0.0, -az - 180.0)
    last = np.where(pole, -phi, 180.0 - phi)
    return np.column_stack([_half_turns(first), _half_turns(last), alt])


def spin_to_quaternions(omega: ArrayLike, axis: ArrayLike) -> Array:
    """Rotations of EMAN2's "spin": an angle about an axis, whose product is cryoSPARC's pose.

    Parameters
    ----------
    omega
        (N,) degrees.
    axis
        (N, 3): n1, n2, n3, of any length but 0 (``libEM/transform.cpp``, type "spin").

    Returns
    -------
    (N, 4) float64, (w, x, y, z) of A.
    """
    return rotation.invert(rotation.from_axis_angle(axis, omega))


def quaternions_to_spin(q: ArrayLike) -> Array:
    """EMAN2's omega in [0, 180] degrees and n1, n2, n3 of rotations (N, 4): (N, 4).

    No rotation at all has the axis (0, 0, 1), as in EMAN2.
    """
    axis, angle = rotation.to_axis_angle(rotation.invert(q))
    return np.column_stack([angle, axis])


def eman_quaternion_to_quaternions(e: ArrayLike) -> Array:
    """Rotations of EMAN2's quaternions (N, 4), e0 to e3: those of A transposed."""
    return rotation.invert(e)


def quaternions_to_eman_quaternion(q: ArrayLike) -> Array:
    """EMAN2's quaternions e0, e1, e2, e3, (N, 4), e0 >= 0, of rotations (N, 4) of A."""
    return rotation.invert(q)


def eman_mirrored(matrix: Array) -> Array:
    """EMAN2's matrix (3, 4) with its mirror set: x turns round after all else, t with it.

    The first row changes its sign (``libEM/transform.cpp``, ``set_mirror``).
    """
    return matrix * [[-1.0], [1.0], [1.0]]


def eman_projection_to_poses(matrices: Array) -> tuple[Array, Array]:
    """Rotations and origins of EMAN2's ``xform.projection``: a point p is seen at ``M p + t``.

    M is A, and t where the particle stands: the origin with the other sign
    (``programs/e2convertrelion.py``). A mirrored M, of determinant -1, still gives the place in the
    image in its first two rows; the third of A then turns round, ``A = diag(1, 1, -1) M``.

    Parameters
    ----------
    matrices
        (N, 3, 4): M, orthogonal, of either determinant, and t in pixels.

    Returns
    -------
    (N, 4) quaternions of A and origins (N, 2) in pixels, RELION's sign.
    """
    a = np.array(matrices[:, :, :3], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        a[np.linalg.det(a) < 0, 2] *= -1.0
    return rotation.from_matrix(a), 0.0 - matrices[:, :2, 3]


def poses_to_eman_projection(
    q: ArrayLike, origins: Array, mirrored: NDArray[np.bool_] | bool = False
) -> Array:
    """EMAN2's ``xform.projection`` (N, 3, 4) of rotations (N, 4) and origins (N, 2) in pixels.

    `mirrored`, (N,) or one for all, asks for a matrix of determinant -1. t has no z: it is 0.
    """
    turn = rotation.to_matrix(q)
    turn[np.broadcast_to(mirrored, len(turn)), 2] *= -1.0
    t = np.column_stack([0.0 - origins, np.zeros(len(turn))])
    return np.concatenate([turn, t[:, :, None]], axis=2)


def eman_align3d_to_poses(matrices: Array) -> tuple[Array, Array]:
    """Rotations and origins of EMAN2's ``xform.align3d``: ``x_reference = M x_particle + t``.

    It takes the subtomogram to the reference, so the reference is at ``M^T (x - t)`` in the
    subtomogram: ``A = M^T``. The particle's centre is at ``-M^T t``, which
    ``programs/e2spt_extract.py`` (``parse_json``) adds to the coordinates; the origin is ``M^T t``.

    Parameters
    ----------
    matrices
        (N, 3, 4): M, orthogonal, of determinant 1, and t in pixels.

    Returns
    -------
    (N, 4) quaternions of A and origins (N, 3) in pixels, RELION's sign, in the subtomogram's frame.
    """
    a = np.swapaxes(matrices[:, :, :3], 1, 2)
    origins: Array = (a @ matrices[:, :, 3:])[:, :, 0]
    return rotation.from_matrix(a), origins


def poses_to_eman_align3d(q: ArrayLike, origins: Array) -> Array:
    """EMAN2's ``xform.align3d`` (N, 3, 4) of rotations (N, 4) and origins (N, 3) in pixels."""
    m = np.swapaxes(rotation.to_matrix(q), 1, 2)
    return np.concatenate([m, m @ origins[:, :, None]], axis=2)


def _half_turns(angle: Array) -> Array:
    """Degrees brought to (-180, 180]."""
    turned: Array = 180.0 - np.mod(180.0 - angle, 360.0)
    return turned


def directions(q: ArrayLike) -> Array:
    """Directions of view: the third rows of A.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A.

    Returns
    -------
    (N, 3) float64 unit vectors in the map's frame.
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(q, 4)
    out = np.empty((len(rows), 3))
    kernels.directions(rows, out)
    return out


def azimuth_elevation(v: ArrayLike) -> Array:
    """Azimuth and elevation of directions, as cryoSPARC's orientation plot has them.

    Parameters
    ----------
    v
        (N, 3) directions in the map's frame; their length does not matter.

    Returns
    -------
    (N, 2) float64 degrees: azimuth ``atan2(vy, vx)`` in (-180, 180], elevation ``asin(vz)`` in
    [-90, 90]. They are ``rlnAngleRot`` and 90° - ``rlnAngleTilt``. A pole has no azimuth: it is 0.
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(v, 3)
    out = np.empty((len(rows), 2))
    kernels.azimuth_elevation(rows, POLE, out)
    return out


def inplane(q: ArrayLike) -> Array:
    """In-plane angles of rotations: RELION's ``rlnAnglePsi``.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A.

    Returns
    -------
    (N,) float64 degrees in (-180, 180]. Where the direction is a pole, whose azimuth is called 0,
    it is the whole turn about that axis, so that azimuth, elevation and in-plane angle together
    always give the rotation back (`quaternions_to_relion` calls more rows poles than that).
    """
    from evenview.core.kernels import rotation as kernels

    rows = _rows(q, 4)
    out = np.empty((len(rows), 3))
    kernels.zyz_from_quaternions(rows, POLE, out)
    return out[:, 2].copy()


@np.errstate(invalid="ignore")  # a NaN of a damaged file may be one of those that signal
def _column(values: ArrayLike) -> Array:
    column = np.ascontiguousarray(values, dtype=np.float64)
    if column.ndim != 1:
        raise ValueError(f"expected (N,), not {column.shape}")
    return column


@np.errstate(invalid="ignore")
def _rows(values: ArrayLike, width: int) -> Array:
    rows = np.ascontiguousarray(values, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != width:
        raise ValueError(f"expected (N, {width}), not {rows.shape}")
    return rows
