"""A table over the sphere that names, for each of its cells, the directions that can be nearest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenview.core.grids.pieces import Points, unit

_CELLS_PER_SITE = 12
_LEAST_SIDE, _MOST_SIDE = 32, 512
_BLOCK = 65_536
_ROUNDING = 1e-12
# Which coordinate and sign a face of the cube stands for, and the two that run along it.
_FACES = ((0, 1, 1, 2), (0, -1, 1, 2), (1, 1, 0, 2), (1, -1, 0, 2), (2, 1, 0, 1), (2, -1, 0, 1))


@dataclass(frozen=True, eq=False)
class Lookup:
    """Candidates of every cell of a cube seen from its centre.

    Attributes
    ----------
    side
        Cells along an edge of the cube; 6·side² cells in all.
    start
        (cells + 1,) int64.
    candidates
        int32; cell c has ``candidates[start[c]:start[c + 1]]``, among them the site nearest to any
        direction through the cell.
    """

    side: int
    start: NDArray[np.int64]
    candidates: NDArray[np.int32]


def build_lookup(sites: Points) -> Lookup:
    """The table for ``sites`` (B, 3), unit vectors.

    Two sieves, both proven. With r the angle from the middle of a cell to its farthest corner and
    s the site nearest to the middle at angle d, what is nearest to any direction of the cell lies
    within d + 2r of the middle (triangle inequality). Of these, a site t can beat s somewhere in
    the cell only if it does at one of the corners: every direction of the cell is a combination
    of the corners with weights ≥ 0, and t beats s where v·(t − s) > 0, which is linear in v.
    """
    side = _side_for(len(sites))
    tree = cKDTree(sites)
    cells = 6 * side * side
    blocks = [
        _candidates(np.arange(first, min(first + _BLOCK, cells)), side, sites, tree)
        for first in range(0, cells, _BLOCK)
    ]
    sizes = np.concatenate([size for size, _ in blocks])
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Lookup(side, start, np.concatenate([found for _, found in blocks]))


def _side_for(n: int) -> int:
    """Cells along an edge: a power of two, so that borders of cells are numbers of the computer."""
    side: int = 1 << round(math.log2(math.sqrt(_CELLS_PER_SITE * n / 6)))
    return min(max(side, _LEAST_SIDE), _MOST_SIDE)


def _candidates(
    cells: NDArray[np.int64], side: int, sites: Points, tree: cKDTree
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """How many candidates each cell has, and the candidates one cell after the other."""
    corners = _corners(cells, side)
    middle = unit(corners.sum(axis=1))
    reach = _angle(np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1))
    distances, near = _all_within(middle, 2 * reach, tree)
    gains = np.einsum("cki,cji->ckj", sites[near] - sites[near[:, :1]], corners).max(axis=2)
    limit = _angle(distances[:, :1]) + 2 * reach[:, None]
    possible = (_angle(distances) <= limit + _ROUNDING) & (gains > -_ROUNDING)
    return possible.sum(axis=1), near[possible].astype(np.int32)


def _all_within(middle: Points, slack: Points, tree: cKDTree) -> tuple[Points, NDArray[np.int64]]:
    """Chords and sites by distance, far enough to go ``slack`` radians beyond the nearest."""
    k = min(8, tree.n)
    while True:
        found: Any = tree.query(middle, k=np.arange(1, k + 1), workers=-1)
        distances, near = found
        complete = _angle(distances[:, -1]) > _angle(distances[:, 0]) + slack + _ROUNDING
        if k == tree.n or complete.all():
            return distances, near
        k = min(2 * k, tree.n)


def _angle(chord: Points) -> Points:
    """Radians between unit vectors that lie ``chord`` apart."""
    return np.asarray(2 * np.arcsin(np.minimum(chord / 2, 1)))


def _corners(cells: NDArray[np.int64], side: int) -> Points:
    """(C, 4, 3) unit vectors of the corners of cells."""
    face, place = np.divmod(cells, side * side)
    row, column = np.divmod(place, side)
    axis, sign, along, across = np.array(_FACES)[face].T
    corners = np.empty((len(cells), 4, 3))
    each = np.arange(len(cells))
    for k, (right, up) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        corners[each, k, axis] = sign
        corners[each, k, along] = 2 * (column + right) / side - 1
        corners[each, k, across] = 2 * (row + up) / side - 1
    return unit(corners)
