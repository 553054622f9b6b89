"""Cells of azimuth × elevation: equal angles, not equal areas."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.grids.base import CellGrid
from evenview.core.grids.pieces import Points, Rings, from_polar


class AzelGrid(CellGrid):
    """Cells of ``180 / rows`` degrees, row by row from elevation −90°, each from azimuth −180°.

    A direction on a border belongs to the cell above or to the east of it. Cells at the poles are
    triangles.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.columns = 2 * rows
        self.degrees = 180 / rows
        n = self.rows * self.columns
        title = f"Azimuth × elevation, {n:,} cells of {self.degrees:g}°"
        super().__init__(f"azel:{self.degrees:g}", title, n)

    @cached_property
    def centers(self) -> Points:
        """(B, 3) unit vectors, midway in azimuth and in elevation."""
        row, column = np.divmod(np.arange(self.n), self.columns)
        return self._at(column + 0.5, row + 0.5)

    @cached_property
    def areas(self) -> Points:
        """(B,) steradians: width in azimuth times the difference of sin(elevation)."""
        heights = np.sin(np.radians(np.arange(self.rows + 1) * self.degrees - 90))
        return np.repeat(np.radians(self.degrees) * np.diff(heights), self.columns)

    @property
    def _side(self) -> float:
        return self.degrees

    @cached_property
    def _rings(self) -> Rings:
        steps = 2 * self._pieces
        along = np.arange(steps) / steps
        zero, one = np.zeros(steps), np.ones(steps)
        row, column = np.divmod(np.arange(self.n), self.columns)
        easting = column[:, None] + np.concatenate([along, one, 1 - along, zero])
        northing = row[:, None] + np.concatenate([zero, along, one, 1 - along])
        kept = self._off_poles(steps)
        sizes = np.count_nonzero(kept, axis=1)
        start = np.concatenate([[0], np.cumsum(sizes)])
        return Rings(self._at(easting[kept], northing[kept]), start)

    def _off_poles(self, steps: int) -> NDArray[np.bool_]:
        """(B, 4·steps) false along the southern or northern side that is nothing but a pole."""
        kept = np.ones((self.n, 4, steps), bool)
        kept[: self.columns, 0] = False
        kept[-self.columns :, 2] = False
        return kept.reshape(self.n, -1)

    def _at(self, column: Points, row: Points) -> Points:
        """(..., 3) directions at real-valued columns and rows."""
        azimuth = np.radians(column * self.degrees - 180)
        # Symmetric about the equator, and exactly at the poles there.
        polar = math.pi / self.rows * np.minimum(row, self.rows - row)
        sign = np.where(row < self.rows / 2, -1.0, 1.0)
        return from_polar(sign * np.cos(polar), np.sin(polar), azimuth)

    def _fill(self, v: Points, out: NDArray[np.int32]) -> None:
        from evenview.core.kernels import azel

        azel.index_of(v, self.rows, out)
