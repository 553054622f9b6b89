"""Dynamo's Euler angles."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, columns, euler

CONVENTION = Convention(
    name="dynamo",
    title="Dynamo",
    packages=("Dynamo",),
    numbers=euler("tdrot", "tilt", "narot"),
    formula="A = Rz(−tdrot) Rx(−tilt) Rz(−narot)  (A turns the template into the particle)",
    degenerate=(
        "At tilt 0 only tdrot + narot is defined, at tilt 180° only tdrot − narot: narot is then 0."
    ),
    precision="The table is text, with as many digits as it was written with.",
    source="cryoCAT and eulerangles, which agree with Dynamo's own description; Dynamo itself was "
    "not run",
    to_quaternions=columns(convention.dynamo_to_quaternions),
    from_quaternions=convention.quaternions_to_dynamo,
    place=9,
    view=(2, 1, 0),
)
