"""EMAN2's angle and axis."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Array, Convention, Number, to_unit, unit_length


def _to_quaternions(rows: Array) -> Array:
    return convention.spin_to_quaternions(rows[:, 0], to_unit(rows[:, 1:]))


CONVENTION = Convention(
    name="spin",
    title="EMAN2 spin",
    packages=("EMAN2 (spin, sgirot)",),
    numbers=(Number("omega", "°"), Number("n1"), Number("n2"), Number("n3")),
    formula="A = Rodrigues(omega · n)ᵀ  (omega · n, in radians, is cryoSPARC's pose)",
    degenerate=(
        "At omega 0 the axis is arbitrary and (0, 0, 1) is given; at 180°, n and −n are the same."
    ),
    precision="32-bit; off by up to 1e-2° near half turns and of turns under 0.02°.",
    source="EMAN2 libEM/transform.cpp, types spin and sgirot; e3cryosparc_convert.py",
    to_quaternions=_to_quaternions,
    from_quaternions=convention.quaternions_to_spin,
    place=7,
    aliases=("sgirot",),
    rules=(unit_length(1, 4, "axis"),),
)
