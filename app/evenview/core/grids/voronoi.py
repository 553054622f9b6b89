"""Outlines of what is nearest to each of many directions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import SphericalVoronoi

from evenview.core.grids.pieces import Points, Rings, unit

_RAYS = 256  # around each of at most three directions
_WHOLE_SPHERE = math.pi - 1e-6  # what a single direction reaches: all but a dot


def voronoi_rings(sites: Points, steps: int) -> Rings:
    """Spherical Voronoi cells of ``sites`` (B, 3), with ``steps`` points a side, a great arc."""
    if len(sites) < 4:
        return _few(sites)
    corners, start = _oriented_corners(sites)
    sides = np.stack([corners, corners[Rings(corners, start).next_point]], axis=1)
    return Rings(_subdivided(sides, steps), start * steps)


def _oriented_corners(sites: Points) -> tuple[Points, NDArray[np.int64]]:
    """Corners of all cells, counter-clockwise, and where each cell starts."""
    diagram: Any = SphericalVoronoi(sites)
    diagram.sort_vertices_of_regions()
    regions = diagram.regions
    start = np.concatenate([[0], np.cumsum([len(r) for r in regions])])
    turned = _runs_clockwise(diagram.vertices, regions, sites)
    ordered = [r[::-1] if back else r for r, back in zip(regions, turned, strict=True)]
    return unit(diagram.vertices[np.concatenate(ordered)]), start


def _runs_clockwise(vertices: Points, regions: list[list[int]], sites: Points) -> NDArray[np.bool_]:
    """(B,) whether a region's first side has its site on the right."""
    first = np.array([r[:3] for r in regions])
    a, b, c = np.moveaxis(vertices[first], 1, 0)
    clockwise: NDArray[np.bool_] = np.einsum("bi,bi->b", np.cross(b - a, c - a), sites) < 0
    return clockwise


def _subdivided(sides: Points, steps: int) -> Points:
    """(E·steps, 3) points along each great arc, from its first end to short of its last."""
    t = (np.arange(steps) / steps)[:, None]
    return unit((1 - t) * sides[:, :1] + t * sides[:, 1:]).reshape(-1, 3)


def _few(sites: Points) -> Rings:
    """Cells of one, two or three directions: how far each can go along rays around it."""
    n = len(sites)
    pole = np.cross(sites[1 % n] - sites[0], sites[2 % n] - sites[0])
    rings = [_rays_to_border(sites, i, pole) for i in range(n)]
    return Rings(np.concatenate(rings), np.arange(n + 1) * _RAYS)


def _rays_to_border(sites: Points, i: int, pole: Points) -> Points:
    """(rays, 3) border points, the first and the middle one where three cells meet, if any do."""
    c = sites[i]
    ahead = pole if np.linalg.norm(pole) > 0 else np.roll(c, 1)
    ahead = unit(ahead - (ahead @ c) * c)
    turn = np.linspace(0, 2 * math.pi, _RAYS, endpoint=False)[:, None]
    rays = np.cos(turn) * ahead + np.sin(turn) * np.cross(c, ahead)
    apart = c - np.delete(sites, i, axis=0)
    reach = np.arctan2(apart @ c, -(rays @ apart.T))
    nearest = np.min(reach, axis=1, initial=_WHOLE_SPHERE)[:, None]
    return np.asarray(np.cos(nearest) * c + np.sin(nearest) * rays)
