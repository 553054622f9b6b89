"""Fibonacci lattice: any number of nearly even directions, each with the bin of what is nearest."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.grids.base import CellGrid, width_in_words
from evenview.core.grids.lookup import Lookup, build_lookup
from evenview.core.grids.pieces import Points, Rings, fan_areas, from_polar
from evenview.core.grids.voronoi import voronoi_rings
from evenview.core.words import counted

MOST_DIRECTIONS = 200_000
_GOLDEN_TURN = (3 - math.sqrt(5)) / 2  # of a full turn: 137.5°


class FibonacciGrid(CellGrid):
    """``n`` directions on a spiral; the bin of direction i is its Voronoi cell.

    Direction i has height z = 1 − (2i + 1)/n and azimuth i golden angles (137.508°): the plain
    lattice with offset one half, as in Swinbank & Purser 2006, Q. J. R. Meteorol. Soc. 132, 1769.
    192 is the number that cryoSPARC's Rebalance Orientations takes; which lattice of 192 it uses is
    not published, so single bins need not agree with it.
    """

    def __init__(self, n: int) -> None:
        title = f"Fibonacci, {counted(n, 'bin')} of {width_in_words(n)}"
        super().__init__(f"fibonacci:{n}", title, n)

    @cached_property
    def centers(self) -> Points:
        """(B, 3) unit vectors, from the top down."""
        return lattice(self.n, slice(0, self.n))

    @cached_property
    def areas(self) -> Points:
        """(B,) steradians of the Voronoi cells, exact."""
        areas = fan_areas(self._rings, self.centers)
        areas *= 4 * math.pi / areas.sum()  # a single bin's outline leaves out a dot
        return areas

    @property
    def _side(self) -> float:
        return 0.6 * self.width  # of a regular hexagon as large

    @cached_property
    def _rings(self) -> Rings:
        return voronoi_rings(self.centers, 2 * self._pieces)

    @cached_property
    def _lookup(self) -> Lookup:
        return build_lookup(self.centers)

    def _fill(self, v: Points, out: NDArray[np.int32]) -> None:
        from evenview.core.kernels import fibonacci

        table = self._lookup
        fibonacci.index_of(v, self.centers, table.side, table.start, table.candidates, out)


def lattice(n: int, rows: slice) -> Points:
    """(R, 3) unit vectors: directions ``rows.start`` to ``rows.stop`` of the lattice of ``n``."""
    i = np.arange(rows.start, rows.stop)
    z = 1 - (2 * i + 1) / n
    return from_polar(z, np.sqrt((1 - z) * (1 + z)), 2 * math.pi * (i * _GOLDEN_TURN % 1))
