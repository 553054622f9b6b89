"""The Euler angles of motive lists."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="emmotl",
    title="emmotl (AV3)",
    packages=("AV3", "novaSTA", "STOPGAP", "PEET", "cryoCAT"),
    numbers=euler("phi", "psi", "theta", labels=((), (), ("the",))),
    formula="A = Rz(psi) Rx(theta) Rz(phi)  (A turns the reference into the particle)",
    degenerate=(
        "At theta 0 only phi + psi is defined, at theta 180° only psi − phi: phi is then 0. The "
        "numbers stand in the order of the file's columns, theta last."
    ),
    precision="32-bit in .em files; text elsewhere.",
    source="cryoCAT cryomotl.py; AV3's and subTOM's documentation; PEET and STOPGAP were not run",
    to_quaternions=columns(convention.emmotl_to_quaternions),
    from_quaternions=convention.quaternions_to_emmotl,
    place=10,
    view=(0, 2, 1),
    aliases=("av3", "stopgap", "novasta", "peet"),
)
