"""EMAN2's quaternions."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Array, Convention, Number, to_unit, unit_length


def _to_quaternions(rows: Array) -> Array:
    return convention.eman_quaternion_to_quaternions(to_unit(rows))


CONVENTION = Convention(
    name="eman_quaternion",
    title="EMAN2 quaternion",
    packages=("EMAN2 (quaternion)", "pyem"),
    numbers=tuple(Number(f"e{i}") for i in range(4)),
    formula="A = R(e0, e1, e2, e3)ᵀ  (e0, −e1, −e2, −e3 is the quaternion of A)",
    degenerate="(e0, e1, e2, e3) and its negative are the same rotation; e0 ≥ 0 is given.",
    precision="32-bit; off by up to 1e-2° near half turns and of turns under 0.02°.",
    source="EMAN2 libEM/transform.cpp, type quaternion; pyem geom/quat.py",
    to_quaternions=_to_quaternions,
    from_quaternions=convention.quaternions_to_eman_quaternion,
    place=8,
    rules=(unit_length(0, 4, "quaternion"),),
)
