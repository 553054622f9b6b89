"""Rotations as unit quaternions, (N, 4) float64 in the order (w, x, y, z).

``compose(a, b)`` is the rotation of ``R(a) R(b)``: b first, then a, acting on column vectors.
Conversions to and from each package's angles are in `evenview.core.convention`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def compose(a: ArrayLike, b: ArrayLike) -> Array:
    """Products of rotations.

    Parameters
    ----------
    a, b
        (N, 4) each, or (4,) for one rotation with all rows of the other.

    Returns
    -------
    (N, 4) float64, w >= 0: the rotations ``R(a) R(b)``.
    """
    aw, ax, ay, az = _parts(a)
    bw, bx, by, bz = _parts(b)
    product = (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )
    return canonical(np.stack(product, axis=-1))


def invert(q: ArrayLike) -> Array:
    """The inverse rotations of `q` (N, 4), w >= 0."""
    return canonical(np.asarray(q, dtype=np.float64) * (1.0, -1.0, -1.0, -1.0))


def canonical(q: ArrayLike) -> Array:
    """The one of q and -q with w >= 0 (for half turns: whose first part other than 0 is positive).

    Rows of NaN stay as they are.
    """
    rows = np.asarray(q, dtype=np.float64)
    lead = rows[..., :1]
    if not lead.all():
        first = np.argmax(rows != 0.0, axis=-1, keepdims=True)
        lead = np.take_along_axis(rows, first, axis=-1)
    return np.where(lead < 0.0, -rows, rows) + 0.0


def to_matrix(q: ArrayLike) -> Array:
    """Matrices (N, 3, 3) of `q` (N, 4); the quaternions need not be of exactly unit length."""
    w, x, y, z = _parts(q)
    scale = 2.0 / (w * w + x * x + y * y + z * z)
    rows = (
        (1.0 - scale * (y * y + z * z), scale * (x * y - w * z), scale * (x * z + w * y)),
        (scale * (x * y + w * z), 1.0 - scale * (x * x + z * z), scale * (y * z - w * x)),
        (scale * (x * z - w * y), scale * (y * z + w * x), 1.0 - scale * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def from_matrix(matrices: ArrayLike) -> Array:
    """Quaternions (N, 4), w >= 0, of proper rotation matrices (N, 3, 3).

    The largest of the four parts is taken from the diagonal and the others are divided by it
    (Shepperd 1978, J. Guidance and Control 1, 223), so that no rotation loses digits. Matrices that
    are orthogonal only to a few digits give quaternions of unit length that are as good.
    """
    m = np.asarray(matrices, dtype=np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    # Four times (w², wx, ...): row k is 4 q_k q, whichever k is large enough to divide by.
    wx, wy, wz = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    xy, xz, yz = (
        m[..., 1, 0] + m[..., 0, 1],
        m[..., 0, 2] + m[..., 2, 0],
        m[..., 2, 1] + m[..., 1, 2],
    )
    squares = (1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz)
    products = (
        (squares[0], wx, wy, wz),
        (wx, squares[1], xy, xz),
        (wy, xy, squares[2], yz),
        (wz, xz, yz, squares[3]),
    )
    table = np.stack([np.stack(row, axis=-1) for row in products], axis=-2)
    largest = np.argmax(np.stack(squares, axis=-1), axis=-1)
    q = np.take_along_axis(table, largest[..., None, None], axis=-2)[..., 0, :]
    return canonical(q / np.linalg.norm(q, axis=-1, keepdims=True))


def from_axis_angle(axis: ArrayLike, angle: ArrayLike) -> Array:
    """Quaternions (N, 4), w >= 0, of right-handed turns about axes.

    Parameters
    ----------
    axis
        (N, 3), of any length but 0.
    angle
        (N,) degrees.
    """
    n = np.asarray(axis, dtype=np.float64)
    half = np.radians(np.fmod(np.asarray(angle, dtype=np.float64), 720.0)) / 2.0
    unit = n / np.linalg.norm(n, axis=-1, keepdims=True)
    return canonical(np.column_stack([np.cos(half), np.sin(half)[:, None] * unit]))


def to_axis_angle(q: ArrayLike) -> tuple[Array, Array]:
    """Unit axes (N, 3) and angles (N,) in degrees, 0 to 180, of rotations (N, 4).

    No rotation at all has the axis Z.
    """
    rows = canonical(q)
    length = np.linalg.norm(rows[:, 1:], axis=1)
    angle: Array = np.degrees(2.0 * np.arctan2(length, rows[:, 0]))
    still = (length == 0.0)[:, None]
    axis = np.divide(rows[:, 1:], length[:, None], where=~still, out=np.zeros_like(rows[:, 1:]))
    return np.where(still, (0.0, 0.0, 1.0), axis), angle


def angle_between(a: ArrayLike, b: ArrayLike) -> Array:
    """Angles in degrees, 0 to 180, (N,), of the turns that take the rotations `a` to `b`.

    Parameters
    ----------
    a, b
        (N, 4) each, or (4,) for one rotation with all rows of the other.
    """
    turn = compose(invert(a), b)
    half: Array = np.arctan2(np.linalg.norm(turn[..., 1:], axis=-1), turn[..., 0])
    return np.degrees(2.0 * half)


def random(n: int, rng: np.random.Generator) -> Array:
    """`n` rotations (n, 4), w >= 0, evenly spread over all rotations (the Haar measure).

    Four normal deviates point in a direction that is uniform on the sphere of quaternions.
    """
    q = rng.standard_normal((n, 4))
    return canonical(q / np.linalg.norm(q, axis=1, keepdims=True))


def _parts(q: ArrayLike) -> tuple[Array, Array, Array, Array]:
    rows = np.asarray(q, dtype=np.float64)
    return rows[..., 0], rows[..., 1], rows[..., 2], rows[..., 3]
