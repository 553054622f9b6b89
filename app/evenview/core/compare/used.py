"""Which operators of a group the agreeing particles use, and the smaller group that is enough."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import changes
from evenview.core.compare.comparison import Comparison
from evenview.core.compare.hypotheses import settings_of
from evenview.core.symmetry import PointGroup, parse_group

Array = NDArray[np.float64]

#: An operator is in use where it has this part of the particles of the one with the most, and that
#: is only judged where there are so many particles for each operator.
_PART, _EACH = 0.05, 10
_SAME = 1e-6


def sufficient(found: Comparison) -> PointGroup | None:
    """The smaller group whose operators alone are in use.

    None where all are, or those in use are no group with its axes as usual; and where all particles
    have one operator, as refinements of one part of the sphere do under any symmetry.
    """
    own = found.hypothesis.operators
    counts = np.bincount(found.operator[found.probability > 0.5], minlength=len(own))
    if counts.sum() < _EACH * len(own):
        return None
    used = own[counts >= _PART * counts.max()]
    if len(used) in (1, len(own)):
        return None
    # The frame may be any of its copies G S: those in use are then a group but for one operator.
    parts = rotation.compose(used, rotation.invert(used[0]))
    if found.hypothesis.flipped and found.hypothesis.symmetric == "A":
        parts = changes.mirrored(parts)
    return next((group for group in _groups_of(len(parts)) if _is(group, parts)), None)


def _groups_of(order: int) -> Iterator[PointGroup]:
    names = [f"C{order}"]
    names += [f"D{order // 2}"] * (order % 2 == 0 and order > 2)
    names += {12: ["T"], 24: ["O"], 60: ["I1"]}.get(order, [])
    for name in names:
        yield from settings_of(parse_group(name))


def _is(group: PointGroup, parts: Array) -> bool:
    """Whether rotations (K, 4) are the operators of a group of as many."""
    cosines = np.abs(rotation.from_matrix(group.matrices) @ parts.T)
    return bool((cosines.max(axis=1) > 1.0 - _SAME).all())
