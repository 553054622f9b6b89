"""cisTEM's and FREALIGN's Euler angles."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="cistem",
    title="cisTEM",
    packages=("cisTEM", "FREALIGN"),
    numbers=euler(
        "phi",
        "theta",
        "psi",
        labels=(("cistemanglephi",), ("cistemangletheta",), ("cistemanglepsi",)),
    ),
    formula="A = [Rz(phi) Ry(theta) Rz(psi)]ᵀ  (phi = rot, theta = tilt of RELION)",
    degenerate=(
        "As RELION. The columns of its files stand in another order, psi, theta, phi; "
        "here phi comes first."
    ),
    precision="32-bit; in its .star and .par files 2 decimals of a degree.",
    source="cisTEM src/core/angles_and_shifts.cpp: the matrix of RotateCoords (image to volume) "
    "is A transposed",
    to_quaternions=columns(convention.relion_to_quaternions),
    from_quaternions=convention.quaternions_to_relion,
    place=3,
    aliases=("frealign",),
)
