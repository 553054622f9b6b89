"""Which points of the sphere lie inside a closed line of great-circle arcs."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Triple: TypeAlias = Array | tuple[float, float, float]

# A step (radians) off the exact place, in a direction that no grid or screen favours. It takes
# points that lie exactly on a line (bin centres on the seam) to one side of it, and every piece
# of the line then agrees which side that is.
_STEP = 1e-9
_ASIDE = np.array([0.5403023058681398, 0.8414709848078965, 0.2718281828459045]) * _STEP


def enclosed(points: Array, vertices: Array, inside: Array) -> NDArray[np.bool_]:
    """(B,) bool: points on the same side of the closed line `vertices` as `inside`.

    A point is inside when the arc to it from `inside` crosses the line an even number of times.

    Parameters
    ----------
    points
        (B, 3) unit vectors.
    vertices
        (M, 3) unit vectors; no two neighbours opposite each other.
    inside
        (3,) unit vector.
    """
    start = inside - _ASIDE[[1, 2, 0]]
    return _enclosed(points + _ASIDE, vertices, start, _beside(start))


def _beside(start: Array) -> Array:
    """A unit vector at a right angle to `start`: the way round to its far side."""
    away = np.array([0.3826834323650898, -0.6496369390800625, 0.6569865987187891])
    beside = np.cross(start, away)
    unit: Array = beside / np.linalg.norm(beside)
    return unit


@njit(cache=True, nogil=True)
def _enclosed(
    points: Array,
    vertices: Array,
    start: Array,
    beside: Array,
) -> NDArray[np.bool_]:
    result = np.empty(len(points), dtype=np.bool_)
    to_beside = _crossings(start, beside, vertices)
    for i in range(len(points)):
        q = points[i]
        if _height(start, q) > -0.9:
            crossed = _crossings(start, q, vertices)
        else:  # nearly opposite: the direct arc is ill determined, a detour is not
            crossed = to_beside + _crossings(beside, q, vertices)
        result[i] = crossed % 2 == 0
    return result


@njit(cache=True, nogil=True)
def _crossings(p: Array, q: Array, vertices: Array) -> int:
    """How often the short arc from p to q crosses the closed line."""
    normal = _cross(p[0], p[1], p[2], q[0], q[1], q[2])
    last = len(vertices) - 1
    before = _height(normal, vertices[last])
    crossed = 0
    for i in range(len(vertices)):
        here = _height(normal, vertices[i])
        # Half-open on purpose: a vertex on the arc's own circle belongs to one side of it.
        if (before >= 0.0) != (here >= 0.0):
            a = vertices[i - 1 if i else last]
            t = before / (before - here)
            x = a[0] + t * (vertices[i, 0] - a[0])
            y = a[1] + t * (vertices[i, 1] - a[1])
            z = a[2] + t * (vertices[i, 2] - a[2])
            after_p = _height(_cross(p[0], p[1], p[2], x, y, z), normal)
            before_q = _height(_cross(x, y, z, q[0], q[1], q[2]), normal)
            crossed += after_p >= 0.0 and before_q > 0.0
        before = here
    return crossed


@njit(cache=True, nogil=True, inline="always")
def _cross(
    ax: float, ay: float, az: float, bx: float, by: float, bz: float
) -> tuple[float, float, float]:
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


@njit(cache=True, nogil=True, inline="always")
def _height(a: Triple, b: Triple) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
