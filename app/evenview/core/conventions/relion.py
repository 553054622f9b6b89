"""RELION's Euler angles, which Xmipp and Warp share."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="relion",
    title="RELION",
    packages=("RELION", "Xmipp", "Warp", "M"),
    numbers=euler(
        "rot",
        "tilt",
        "psi",
        labels=(
            ("rlnanglerot", "anglerot"),
            ("rlnangletilt", "angletilt"),
            ("rlnanglepsi", "anglepsi"),
        ),
    ),
    formula="A = [Rz(rot) Ry(tilt) Rz(psi)]ᵀ",
    degenerate=(
        "At tilt 0 only rot + psi is defined, at tilt 180° only rot − psi: rot is then 0. Tilts "
        "within 1.1e-4° of either are taken for it, as RELION does. (rot + 180°, −tilt, "
        "psi − 180°) is the same rotation; tilt is given in 0 … 180°, rot and psi above −180° "
        "up to 180°."
    ),
    precision="64-bit; in its files 6 decimals of a degree, 5 where the number is negative.",
    source="RELION src/euler.cpp (Euler_angles2matrix, Euler_matrix2angles); xmippCore "
    "geometry.cpp; Warp Matrix3.Euler",
    to_quaternions=columns(convention.relion_to_quaternions),
    from_quaternions=convention.quaternions_to_relion,
    place=1,
    aliases=("xmipp", "warp", "m"),
)
