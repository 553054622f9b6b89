"""Surface nets: a triangle mesh of a level of a grid of values.

Indices are [z, y, x]; vertices are x, y, z in units of the index. "Inside" is at or above the
level. The border of the grid must be outside, so that four cells lie around every crossed edge.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Grid = NDArray[np.float32]

# the 12 edges of a cell: corner z, y, x and the axis (0 = z, 1 = y, 2 = x) that the edge follows
_EDGES = np.array(
    [(z, y, 0, 2) for z in (0, 1) for y in (0, 1)]
    + [(z, 0, x, 1) for z in (0, 1) for x in (0, 1)]
    + [(0, y, x, 0) for y in (0, 1) for x in (0, 1)]
)
# the four cells around an edge along z, y, x, counter-clockwise seen from the edge's far end
_AROUND = np.array(
    [
        [(0, -1, -1), (0, -1, 0), (0, 0, 0), (0, 0, -1)],
        [(-1, 0, -1), (0, 0, -1), (0, 0, 0), (-1, 0, 0)],
        [(-1, -1, 0), (-1, 0, 0), (0, 0, 0), (0, -1, 0)],
    ]
)
_NEAR = 1e-3
_STEP = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1)])


@njit(cache=True, nogil=True)
def _crossed(values: Grid, level: float, z: int, y: int, x: int) -> bool:
    inside = values[z, y, x] >= level
    for dz in range(2):
        for dy in range(2):
            for dx in range(2):
                if (values[z + dz, y + dy, x + dx] >= level) != inside:
                    return True
    return False


@njit(cache=True, nogil=True)
def count(values: Grid, level: float) -> tuple[int, int]:
    """How many cells and how many edges of the grid the surface crosses."""
    nz, ny, nx = values.shape
    cells = 0
    edges = 0
    for z in range(nz - 1):
        for y in range(ny - 1):
            for x in range(nx - 1):
                if not _crossed(values, level, z, y, x):
                    continue
                cells += 1
                inside = values[z, y, x] >= level
                edges += (values[z + 1, y, x] >= level) != inside
                edges += (values[z, y + 1, x] >= level) != inside
                edges += (values[z, y, x + 1] >= level) != inside
    return cells, edges


@njit(cache=True, nogil=True)
def _place(values: Grid, level: float, z: int, y: int, x: int, out: NDArray[np.float64]) -> None:
    """Fill `out` (3,) with the mean, x, y, z, of the crossings of the cell's edges."""
    out[:] = 0.0
    n = 0
    for e in range(12):
        z0, y0, x0, axis = z + _EDGES[e, 0], y + _EDGES[e, 1], x + _EDGES[e, 2], _EDGES[e, 3]
        a = values[z0, y0, x0]
        b = values[z0 + _STEP[axis, 0], y0 + _STEP[axis, 1], x0 + _STEP[axis, 2]]
        if (a >= level) == (b >= level):
            continue
        out[0] += x0
        out[1] += y0
        out[2] += z0
        # kept off the corners, where vertices would coincide and faces have no normal
        out[2 - axis] += min(max((level - a) / (b - a), _NEAR), 1.0 - _NEAR)
        n += 1
    out /= n


@njit(cache=True, nogil=True)
def nets(
    values: Grid, level: float, vertices: NDArray[np.float64], faces: NDArray[np.uint32]
) -> None:
    """Fill `vertices` (V, 3) and `faces` (F, 3): V cells and F / 2 edges of `count`."""
    nz, ny, nx = values.shape
    # a crossed edge needs only this layer of cells and the one before
    ids = np.zeros((2, ny, nx), np.uint32)
    n = 0
    f = 0
    for z in range(nz - 1):
        for y in range(ny - 1):
            for x in range(nx - 1):
                if not _crossed(values, level, z, y, x):
                    continue
                _place(values, level, z, y, x, vertices[n])
                ids[z & 1, y, x] = n
                n += 1
                f = _quads(values, level, z, y, x, ids, vertices, faces, f)


@njit(cache=True, nogil=True)
def _quads(
    values: Grid,
    level: float,
    z: int,
    y: int,
    x: int,
    ids: NDArray[np.uint32],
    vertices: NDArray[np.float64],
    faces: NDArray[np.uint32],
    f: int,
) -> int:
    """Two triangles for each crossed edge from the first corner; returns the next free face."""
    inside = values[z, y, x] >= level
    for axis in range(3):
        end = values[z + _STEP[axis, 0], y + _STEP[axis, 1], x + _STEP[axis, 2]]
        if (end >= level) == inside:
            continue
        a, b, c, d = _corners(z, y, x, axis, ids)
        if not inside:
            b, d = d, b
        if _apart(vertices, a, c) <= _apart(vertices, b, d):
            faces[f, 0], faces[f, 1], faces[f, 2] = a, b, c
            faces[f + 1, 0], faces[f + 1, 1], faces[f + 1, 2] = a, c, d
        else:
            faces[f, 0], faces[f, 1], faces[f, 2] = a, b, d
            faces[f + 1, 0], faces[f + 1, 1], faces[f + 1, 2] = b, c, d
        f += 2
    return f


@njit(cache=True, nogil=True)
def _corners(
    z: int, y: int, x: int, axis: int, ids: NDArray[np.uint32]
) -> tuple[int, int, int, int]:
    around = _AROUND[axis]
    a = ids[(z + around[0, 0]) & 1, y + around[0, 1], x + around[0, 2]]
    b = ids[(z + around[1, 0]) & 1, y + around[1, 1], x + around[1, 2]]
    c = ids[(z + around[2, 0]) & 1, y + around[2, 1], x + around[2, 2]]
    d = ids[(z + around[3, 0]) & 1, y + around[3, 1], x + around[3, 2]]
    return a, b, c, d


@njit(cache=True, nogil=True)
def _apart(vertices: NDArray[np.float64], i: int, j: int) -> float:
    dx = vertices[i, 0] - vertices[j, 0]
    dy = vertices[i, 1] - vertices[j, 1]
    dz = vertices[i, 2] - vertices[j, 2]
    square: float = dx * dx + dy * dy + dz * dz
    return square


@njit(cache=True, nogil=True)
def vertex_normals(
    vertices: NDArray[np.float64], faces: NDArray[np.uint32], out: NDArray[np.float64]
) -> None:
    """Fill `out` (V, 3), zeros before, with unit normals: the faces' around, weighted by area."""
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        normal = np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a])
        out[a] += normal
        out[b] += normal
        out[c] += normal
    for v in range(len(out)):
        length = np.sqrt(out[v, 0] ** 2 + out[v, 1] ** 2 + out[v, 2] ** 2)
        if length > 0.0:
            out[v] /= length
