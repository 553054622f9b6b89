"""Axis and angle of A."""

from __future__ import annotations

import numpy as np

from evenview.core import rotation
from evenview.core.conventions.base import Array, Convention, Number, to_unit, unit_length


def _to_quaternions(rows: Array) -> Array:
    return rotation.from_axis_angle(to_unit(rows[:, :3]), rows[:, 3])


def _from_quaternions(q: Array) -> Array:
    axis, angle = rotation.to_axis_angle(q)
    return np.column_stack([axis, angle])


CONVENTION = Convention(
    name="axis_angle",
    title="Axis and angle of A",
    packages=(),
    numbers=(Number("x"), Number("y"), Number("z"), Number("angle", "°")),
    formula="A = Rodrigues(angle · axis)  (cryoSPARC's p is −angle · axis, in radians)",
    degenerate=(
        "At angle 0 the axis is arbitrary and (0, 0, 1) is given; at 180°, axis and −axis are the "
        "same rotation. The angle is given in 0 … 180°."
    ),
    precision="64-bit.",
    source="Rodrigues' formula, right-handed, active; scipy's Rotation.from_rotvec",
    to_quaternions=_to_quaternions,
    from_quaternions=_from_quaternions,
    place=13,
    rules=(unit_length(0, 3, "axis"),),
)
