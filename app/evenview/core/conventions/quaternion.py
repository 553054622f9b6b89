"""The quaternion of A."""

from __future__ import annotations

from evenview.core import rotation
from evenview.core.conventions.base import Array, Convention, Number, to_unit, unit_length


def _to_quaternions(rows: Array) -> Array:
    return rotation.canonical(to_unit(rows))


CONVENTION = Convention(
    name="quaternion",
    title="Quaternion of A",
    packages=(),
    numbers=tuple(Number(name) for name in "wxyz"),
    formula="A = R(w, x, y, z)  (w = cos(angle/2), (x, y, z) = sin(angle/2) · axis)",
    degenerate="(w, x, y, z) and its negative are the same rotation; w ≥ 0 is given.",
    precision="64-bit.",
    source="Hamilton's product, right-handed, active; scipy's Rotation with scalar_first",
    to_quaternions=_to_quaternions,
    from_quaternions=rotation.canonical,
    place=11,
    rules=(unit_length(0, 4, "quaternion"),),
)
