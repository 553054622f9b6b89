"""Edges, neighbours and meshes, the same way for every grid."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evenview.core.grids.pieces import Edges, Mesh, Points, Rings, unit

#: How far to either side of a border the two bins are asked for, in lengths of the piece.
_STEP_ASIDE = 1e-3


def find_edges(rings: Rings, index_of: Callable[[Points], NDArray[np.int32]]) -> Edges:
    """Every piece of border, kept by the lower of its two bins."""
    ends = rings.points[::2]
    segments = np.stack([ends, ends[rings.halved().next_point]], axis=1)
    own = rings.bin_of_point[::2]
    across = index_of(_outside(segments, rings.points[1::2]))
    kept = own < across
    return Edges(segments[kept], np.stack([own, across], axis=1)[kept])


def _outside(segments: Points, midpoints: Points) -> Points:
    """(E, 3) points a little to the right of each piece, which is outside its own bin."""
    left = np.cross(segments[:, 0], segments[:, 1])
    return unit(midpoints - _STEP_ASIDE * left)


def find_neighbors(edges: Edges, n: int) -> tuple[NDArray[np.int64], ...]:
    """For each of ``n`` bins the bins that share an edge with it, ascending."""
    both = np.concatenate([edges.bins, edges.bins[:, ::-1]]).astype(np.int64)
    own, other = np.divmod(np.unique(both[:, 0] * n + both[:, 1]), n)
    bounds = np.searchsorted(own, np.arange(n + 1)).tolist()
    return tuple(other[a:b] for a, b in pairwise(bounds))


def build_mesh(rings: Rings, centers: Points, steps: int) -> Mesh:
    """Triangles of all bins: from centre to ring in ``steps`` steps, 0 to do without centres."""
    return _flat_fans(rings) if steps == 0 else _round_fans(rings, centers, steps)


def _flat_fans(rings: Rings) -> Mesh:
    """One fan a bin from its first point; for small, convex bins."""
    here = np.arange(len(rings.points))
    first = np.repeat(rings.start[:-1], rings.sizes)
    faces = np.stack([first, here, rings.next_point], axis=1)
    proper = (here != first) & (rings.next_point != first)
    return _mesh(rings.points, faces[proper], rings.bin_of_point)


def _round_fans(rings: Rings, centers: Points, steps: int) -> Mesh:
    """Rings inside rings, so that a large bin bulges as the sphere does."""
    n, size = len(centers), len(rings.points)
    here, following = np.arange(size), rings.next_point
    shells = [centers, *_shells(rings, centers, steps)]
    faces = [np.stack([rings.bin_of_point, n + here, n + following], axis=1)]
    for inner in range(n, n + (steps - 1) * size, size):
        a, b, c, d = inner + here, inner + size + here, inner + size + following, inner + following
        faces += [np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]
    owners = [np.arange(n, dtype=np.int32), *([rings.bin_of_point] * steps)]
    return _mesh(np.concatenate(shells), np.concatenate(faces), np.concatenate(owners))


def _shells(rings: Rings, centers: Points, steps: int) -> list[Points]:
    """Copies of all rings drawn in towards their centres along great arcs, innermost first."""
    c = centers[rings.bin_of_point]
    cosine = np.einsum("pi,pi->p", c, rings.points)[:, None]
    away = rings.points - cosine * c
    sine = np.linalg.norm(away, axis=1, keepdims=True)
    whole = np.arctan2(sine, cosine)
    parts = (whole * step / steps for step in range(1, steps))
    return [*(np.cos(t) * c + np.sin(t) * (away / sine) for t in parts), rings.points]


def _mesh(vertices: Points, faces: NDArray[np.int64], owners: NDArray[np.int32]) -> Mesh:
    return Mesh(vertices.astype(np.float32), faces.astype(np.uint32), owners)
