"""HEALPix: equal-area bins of any order, numbered in RING ordering as healpy numbers them."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.grids.base import CellGrid, width_in_words
from evenview.core.grids.pieces import Points, Rings, from_polar

HIGHEST_ORDER = 13  # 805 million bins; the next has more than int32 can number
_Integers = NDArray[np.int64]
# Of the twelve base pixels: the ring of their southern corner and the azimuth of their centre, in
# units of a side and of π/4 (Górski et al. 2005, ApJ 622, 759, equations 10-13 for F1 and F2).
_SOUTH_CORNER = np.repeat([2, 3, 4], 4)
_AZIMUTH = np.array([1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])


class HealpixGrid(CellGrid):
    """12·4^order bins of equal area."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.nside = 2**order
        n = 12 * self.nside**2
        title = f"HEALPix order {order}, {n:,} bins of {width_in_words(n)}"
        super().__init__(f"healpix:{order}", title, n)

    @cached_property
    def centers(self) -> Points:
        """(B, 3) unit vectors, as healpy's pix2vec."""
        x, y, face = self._squares
        return _on_sphere((x + 0.5) / self.nside, (y + 0.5) / self.nside, face)

    @cached_property
    def areas(self) -> Points:
        """(B,) steradians, all equal."""
        return np.full(self.n, 4 * math.pi / self.n)

    @cached_property
    def _rings(self) -> Rings:
        sides = _sides(2 * self._pieces)
        x, y, face = self._squares
        points = _on_sphere(
            (x[:, None] + sides[:, 0]) / self.nside, (y[:, None] + sides[:, 1]) / self.nside, face
        )
        return Rings(points.reshape(-1, 3), np.arange(self.n + 1) * len(sides))

    @cached_property
    def _squares(self) -> tuple[_Integers, _Integers, _Integers]:
        """Column and row in its base pixel, and the base pixel, of every bin."""
        side = np.arange(self.nside)
        face, y, x = (a.ravel() for a in np.meshgrid(np.arange(12), side, side, indexing="ij"))
        middle = _on_sphere((x + 0.5) / self.nside, (y + 0.5) / self.nside, face)
        order = np.argsort(self.index_of(middle))
        return x[order], y[order], face[order]

    def _fill(self, v: Points, out: NDArray[np.int32]) -> None:
        from evenview.core.kernels import healpix

        healpix.index_of(v, self.nside, out)


def _sides(steps: int) -> Points:
    """(4·steps, 2) points around the unit square from its northern corner (1, 1), westwards."""
    along = np.arange(steps) / steps
    one, zero = np.ones(steps), np.zeros(steps)
    x = np.concatenate([1 - along, zero, along, one])
    y = np.concatenate([one, 1 - along, zero, along])
    return np.stack([x, y], axis=1)


def _on_sphere(x: Points, y: Points, face: _Integers) -> Points:
    """(..., 3) points of base pixels; x runs north-east and y north-west, both from 0 to 1."""
    face = face.reshape(face.shape + (1,) * (x.ndim - face.ndim))
    ring = _SOUTH_CORNER[face] - x - y
    depth = np.minimum(ring, 4 - ring)
    # 1 − |z| is kept rather than z: near a pole z has lost the digits.
    below_pole = np.where(depth < 1, depth**2 / 3, 1 - (2 - depth) * (2 / 3))
    radius = np.sqrt(below_pole * (2 - below_pole))
    quarter = np.clip(depth, 1e-300, 1)
    azimuth = (math.pi / 4) * (_AZIMUTH[face] + (x - y) / quarter)
    return from_polar(np.where(ring > 2, -1.0, 1.0) * (1 - below_pole), radius, azimuth)
