"""Distances between rotations by name, and their means (Hartley et al. 2013).

R. Hartley, J. Trumpf, Y. Dai, H. Li, "Rotation averaging", Int. J. Comput. Vis. 103 (2013) 267.
With θ the angle of the turn between two rotations R and Q, and r and q their quaternions:

- geodesic: θ;
- chordal: ``|R - Q|`` (Frobenius) = 2 √2 sin(θ / 2);
- quaternion: ``min |r ± q|`` = 2 sin(θ / 4).

An L2 mean has the least sum of squared distances, an L1 mean (a median) the least sum of distances;
a few rotations that are quite wrong draw an L2 mean away and hardly move an L1 mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import rotation

Array = NDArray[np.float64]
Metric = Literal["geodesic", "chordal", "quaternion"]

_STEPS = 500
#: Radians: a step that is smaller ends the search, if nothing else is said.
_SMALL = 1e-10
#: Distances that are smaller count as this in an L1 mean, which would divide by them.
_NEAR = 1e-7

#: The distances of angles θ in radians.
METRICS: dict[Metric, Callable[[Array], Array]] = {
    "geodesic": lambda theta: theta,
    "chordal": lambda theta: 2.0 * np.sqrt(2.0) * np.sin(theta / 2.0),
    "quaternion": lambda theta: 2.0 * np.sin(theta / 4.0),
}


def distance(degrees: ArrayLike, metric: Metric) -> Array:
    """Distances (N,) of rotations that differ by angles (N,), 0 to 180°.

    The geodesic one is in radians, as in the paper; the others have no unit.
    """
    return METRICS[metric](np.radians(np.asarray(degrees, dtype=np.float64)))


def mean(
    q: ArrayLike,
    metric: Metric = "chordal",
    power: Literal[1, 2] = 2,
    weights: ArrayLike | None = None,
    precision: float = _SMALL,
) -> Array:
    """The mean of rotations.

    Parameters
    ----------
    q
        (N, 4), unit quaternions (w, x, y, z) of either sign; rows of NaN do not count.
    metric, power
        The L1 (`power` 1) or L2 mean by that distance. The L2 chordal mean is the eigenvector of
        ``Σ w q q^T``; the others are found from it: Karcher's steps (geodesic), aligned sums
        (quaternion), and for L1 the same with weights 1 / distance (Weiszfeld).
    weights
        (N,), not negative; 1 where left out.
    precision
        Radians: a step that is smaller is the last.

    Returns
    -------
    (4,) float64, w >= 0. Only the L2 chordal mean is certain to be the best of all rotations; the
    others are the best nearby.

    Raises
    ------
    ValueError
        There is no rotation of a weight above 0.
    """
    rows = np.asarray(q, dtype=np.float64)
    w = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=np.float64)
    counts = np.isfinite(rows).all(axis=1) & (w > 0)
    if not counts.any():
        raise ValueError("a mean needs a rotation")
    rows, w = rows[counts], w[counts]
    found = _chordal(rows, w, rows[0])
    if (metric, power) == ("chordal", 2):
        return rotation.canonical(found)
    for _ in range(_STEPS):
        by_distance = w
        if power == 1:
            apart = METRICS[metric](np.radians(rotation.angle_between(found, rows)))
            by_distance = w / np.maximum(apart, _NEAR)
        before, found = found, _STEP[metric](rows, by_distance, found)
        if np.radians(rotation.angle_between(before[None], found[None])[0]) < precision:
            break
    return rotation.canonical(found)


def _chordal(q: Array, w: Array, _start: Array) -> Array:
    top: Array = np.linalg.eigh((q * w[:, None]).T @ q)[1][:, -1]
    return top


def _aligned(q: Array, w: Array, start: Array) -> Array:
    """The sum of quaternions, each of the sign that is nearer to `start`."""
    total = (np.where(q @ start < 0.0, -w, w)[:, None] * q).sum(axis=0)
    unit: Array = total / np.linalg.norm(total)
    return unit


def _karcher(q: Array, w: Array, start: Array) -> Array:
    """One step along the mean of the rotation vectors of ``start^-1 q``."""
    axes, angles = rotation.to_axis_angle(rotation.compose(rotation.invert(start), q))
    vector = ((w * angles)[:, None] * axes).sum(axis=0) / w.sum()
    length = float(np.linalg.norm(vector))
    if length == 0.0:
        return start
    return rotation.compose(start, rotation.from_axis_angle(vector[None], [length])[0])


_STEP: dict[Metric, Callable[[Array, Array, Array], Array]] = {
    "geodesic": _karcher,
    "chordal": _chordal,
    "quaternion": _aligned,
}
