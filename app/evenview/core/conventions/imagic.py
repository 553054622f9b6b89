"""IMAGIC's Euler angles, as EMAN2 has them."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="imagic",
    title="IMAGIC",
    packages=("EMAN2 (imagic)",),
    numbers=euler("alpha", "beta", "gamma"),
    formula="A = [Rz(alpha) Rx(beta) Rz(gamma)]ᵀ  (az, alt, phi of EMAN2)",
    degenerate="As EMAN2: at beta 0 and 180° alpha is 0.",
    precision="32-bit; tilts below 0.02° are lost when EMAN2 gives angles.",
    source="EMAN2 libEM/transform.cpp, type imagic; IMAGIC itself was not run",
    to_quaternions=columns(convention.eman_to_quaternions),
    from_quaternions=convention.quaternions_to_eman,
    place=6,
)
