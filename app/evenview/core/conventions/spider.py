"""SPIDER's Euler angles, as EMAN2 and SPARX name them."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="spider",
    title="SPIDER",
    packages=("EMAN2 (spider, mrc)", "SPARX", "SPHIRE", "SPIDER"),
    numbers=euler("phi", "theta", "psi"),
    formula="A = [Rz(phi) Ry(theta) Rz(psi)]ᵀ  (psi is omega in EMAN2's mrc)",
    degenerate=(
        "As RELION. SPIDER's own documents write psi, theta, phi; "
        "here phi comes first, as in EMAN2."
    ),
    precision="32-bit in EMAN2; tilts below 0.02° are lost when it gives angles.",
    source="EMAN2 libEM/transform.cpp, types spider and mrc; SPIDER itself was not run",
    to_quaternions=columns(convention.relion_to_quaternions),
    from_quaternions=convention.quaternions_to_relion,
    place=5,
    aliases=("mrc", "sparx", "sphire"),
)
