"""A itself."""

from __future__ import annotations

import numpy as np

from evenview.core import rotation
from evenview.core.conventions.base import Array, Convention, Number, Rule


def _off(rows: Array) -> Array:
    """How far (N,) the largest element of A Aᵀ is from that of 1."""
    a = rows.reshape(-1, 3, 3)
    with np.errstate(over="ignore", invalid="ignore"):
        excess = a @ a.swapaxes(1, 2) - np.eye(3)
    return np.asarray(np.abs(excess).max(axis=(1, 2), initial=0.0))


def _mirrors(rows: Array) -> Array:
    """Minus the determinants (N,)."""
    determinants: Array = np.linalg.det(rows.reshape(-1, 3, 3))
    return -determinants


def _to_quaternions(rows: Array) -> Array:
    """Of the rotations nearest to the matrices."""
    left, _, right = np.linalg.svd(rows.reshape(-1, 3, 3))
    # Rows that are rotations to the last digits stay bit for bit.
    near = np.where((_off(rows) > 1e-14)[:, None, None], left @ right, rows.reshape(-1, 3, 3))
    return rotation.from_matrix(near)


def _from_quaternions(q: Array) -> Array:
    return rotation.to_matrix(q).reshape(-1, 9) + 0.0


CONVENTION = Convention(
    name="matrix",
    title="Matrix A",
    packages=("EMAN2 (matrix)", "cryoDRGN (rot)"),
    numbers=tuple(Number(f"a{i}{j}") for i in "123" for j in "123"),
    formula="r(image) = A r(map)  (row by row; the third row is the direction of view)",
    degenerate="None. Matrices rounded to few digits are brought to the nearest rotation.",
    precision="64-bit; 32-bit in EMAN2, 6 digits in its .lst files.",
    source="EMAN2 libEM/transform.cpp (m11 to m33); cryodrgn parse_pose_star",
    to_quaternions=_to_quaternions,
    from_quaternions=_from_quaternions,
    place=12,
    rules=(
        Rule(
            measure=_off,
            limit=1e-2,
            broken="the matrix is not a rotation: A Aᵀ differs from the unit matrix by {0:.2g}",
            notable=1e-5,
            noted="the matrix is off a rotation by {0:.1g} and was brought to the nearest",
            hint="The rows of a rotation have length 1 and stand at right angles.",
        ),
        Rule(
            measure=_mirrors,
            limit=0.0,
            broken="the matrix mirrors, its determinant is -{0:.3g}: it is not a rotation",
            hint="Turn the sign of one row or column if the mirror was meant.",
        ),
    ),
    shape=(3, 3),
)
