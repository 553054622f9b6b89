"""Nearest of many fixed directions, through a table over the faces of a cube."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows


@njit(cache=True, inline="always")
def cube_cell(x: float, y: float, z: float, side: int) -> int:
    """Cell of the cube table: the largest coordinate names the face, the other two the place."""
    ax, ay, az = abs(x), abs(y), abs(z)
    if ax >= ay and ax >= az:
        face, top, u, w = (0 if x > 0 else 1), ax, y, z
    elif ay >= az:
        face, top, u, w = (2 if y > 0 else 3), ay, x, z
    else:
        face, top, u, w = (4 if z > 0 else 5), az, x, y
    half = 0.5 * side
    scale = half / top
    column = min(int(u * scale + half), side - 1)
    row = min(int(w * scale + half), side - 1)
    return (face * side + row) * side + column


@njit(cache=True, inline="always")
def nearest(
    x: float,
    y: float,
    z: float,
    sites: NDArray[np.float64],
    side: int,
    start: NDArray[np.int64],
    candidates: NDArray[np.int32],
) -> int:
    """The nearest site of one direction; -1 where the direction is none."""
    squared = x * x + y * y + z * z
    if not 0.0 < squared < math.inf:
        return -1
    cell = cube_cell(x, y, z, side)
    first, end = start[cell], start[cell + 1]
    best = int(candidates[first])
    if end - first == 1:
        return best
    shortest = math.inf
    for k in range(first, end):
        j = candidates[k]
        dx, dy, dz = x - sites[j, 0], y - sites[j, 1], z - sites[j, 2]
        distance = dx * dx + dy * dy + dz * dz
        if distance < shortest:
            shortest, best = distance, int(j)
    return best


@over_rows(0, 5)
def index_of(
    v: NDArray[np.float64],
    sites: NDArray[np.float64],
    side: int,
    start: NDArray[np.int64],
    candidates: NDArray[np.int32],
    out: NDArray[Any],
) -> None:
    """Fill ``out`` (N,) int32 with the nearest of ``sites`` (B, 3) to each of ``v`` (N, 3).

    ``candidates[start[c]:start[c + 1]]`` are the sites that can be nearest in cell c of the cube
    table with ``side`` × ``side`` cells a face.
    """
    for i in range(len(v)):
        out[i] = nearest(v[i, 0], v[i, 1], v[i, 2], sites, side, start, candidates)
