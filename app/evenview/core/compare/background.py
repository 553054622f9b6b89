"""How far two poses that have nothing to do with each other are apart under a point group.

Of a random rotation (the Haar measure) the angle to the nearest of n operators is a. Without
symmetry its density is ``(1 - cos a) / π``. With operators it is n times that on the part c(a) of
the axes about which a turn by a is still nearest to the identity: a turn by a about the unit vector
u is nearer to the operator of angle θ about m as soon as ``tan(a / 2) |u · m| > tan(θ / 4)``. So
the axis u leaves the cell of the identity at the smallest of these angles, and c(a) is the part of
many random axes that are inside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.symmetry import PointGroup, parse_group

Array = NDArray[np.float64]

_AXES, _SEED, _KNOTS = 40_000, 20130415, 1441
_HALVINGS = 32
_ANGLES = np.linspace(0.0, math.pi, _KNOTS)


@dataclass(frozen=True, eq=False)
class Background:
    """The law of the smallest angle of unrelated poses.

    Attributes
    ----------
    order
        n, the number of operators.
    borders
        (M,) sorted radians: where each of the random axes leaves the cell of the identity.
    table
        The density divided by the squares of the angles, at `_KNOTS` angles from 0 to π.
    """

    order: int
    borders: Array
    table: Array

    def over_square(self, angle: Array) -> Array:
        """The density at angles in radians, divided by their squares; finite at 0."""
        return np.interp(angle, _ANGLES, self.table)

    def below(self, degrees: float) -> float:
        """The part of unrelated poses that are nearer than so many degrees."""
        a = np.minimum(math.radians(degrees), self.borders)
        return float(self.order * np.mean(a - np.sin(a)) / math.pi)

    @cached_property
    def median(self) -> float:
        """Radians: half of unrelated poses are nearer."""
        low, high = 0.0, 180.0
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.below(middle) < 0.5 else (low, middle)
        return math.radians(low)


def background(group: PointGroup) -> Background:
    """The law of a group; every setting and mirror image of a group has the same."""
    return _background(group.name)


@cache
def _background(name: str) -> Background:
    group = parse_group(name)
    rng = np.random.default_rng(_SEED)
    u = rng.standard_normal((_AXES, 3))
    u /= np.linalg.norm(u, axis=1)[:, None]
    smallest = np.full(_AXES, np.inf)
    m, theta = rotation.to_axis_angle(rotation.from_matrix(group.matrices[1:]))
    for axis, angle in zip(m, np.radians(theta), strict=True):
        across = np.maximum(np.abs(u @ axis), 1e-12)
        smallest = np.minimum(smallest, math.tan(angle / 4.0) / across)
    borders = np.sort(2.0 * np.arctan(smallest))
    inside = 1.0 - np.searchsorted(borders, _ANGLES, side="left") / _AXES
    # (1 - cos a) / a² is half the square of sin(a/2) / (a/2). No angle is impossible: a pose may be
    # wrong by what none of these axes allows.
    bare = 0.5 * np.sinc(_ANGLES / (2.0 * math.pi)) ** 2
    table = group.order / math.pi * bare * np.maximum(inside, 0.5 / _AXES)
    return Background(group.order, borders, table)
