"""EMAN2's own Euler angles."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="eman",
    title="EMAN2",
    packages=("EMAN2 (eman)",),
    numbers=euler("az", "alt", "phi"),
    formula="A = [Rz(az) Rx(alt) Rz(phi)]ᵀ  (az = rot + 90°, alt = tilt, phi = psi − 90°)",
    degenerate="At alt 0 only az + phi is defined, at alt 180° only az − phi: az is then 0.",
    precision="32-bit; tilts below 0.02° are lost when EMAN2 gives angles.",
    source="EMAN2 libEM/transform.cpp (xform.projection holds A itself)",
    to_quaternions=columns(convention.eman_to_quaternions),
    from_quaternions=convention.quaternions_to_eman,
    place=4,
)
