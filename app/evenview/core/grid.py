"""Grids: ways to cut the sphere of directions into bins, and the names by which plans call them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.grids.azel import AzelGrid
from evenview.core.grids.fibonacci import MOST_DIRECTIONS, FibonacciGrid
from evenview.core.grids.healpix import HIGHEST_ORDER, HealpixGrid
from evenview.core.grids.pieces import Edges, Mesh

__all__ = ["Edges", "Mesh", "SphereGrid", "parse_grid"]

_HINT = 'Write it as "healpix:4", "fibonacci:192" or "azel:5".'
_FINEST_CELL, _COARSEST_CELL = 0.25, 90.0


class SphereGrid(Protocol):
    """A cutting of the sphere into bins numbered 0 … n − 1.

    Every direction has exactly one bin. All members after `index_of` are for drawing, and are
    worked out when first asked for.
    """

    name: str  #: "healpix:4", as `parse_grid` reads it
    title: str  #: "HEALPix order 4, 3,072 bins of 3.7°"
    n: int  #: how many bins, B

    @property
    def centers(self) -> NDArray[np.float64]:
        """(B, 3) unit vectors in the map's frame."""
        ...

    @property
    def areas(self) -> NDArray[np.float64]:
        """(B,) steradians; they add up to 4π."""
        ...

    def __hash__(self) -> int:
        """A grid is its own key."""
        ...

    def index_of(self, v: NDArray[np.float64]) -> NDArray[np.int32]:
        """(N,) int32, the bin of each direction of ``v`` (N, 3); -1 for NaN, infinity and zero."""
        ...

    @property
    def outlines(self) -> Sequence[NDArray[np.float64]]:
        """(M, 3) points a bin, counter-clockwise seen from outside; the last joins the first."""
        ...

    @property
    def edges(self) -> Edges:
        """Each piece of border once, with the two bins it parts."""
        ...

    @property
    def neighbors(self) -> Sequence[NDArray[np.int64]]:
        """For each bin, the bins that share an edge with it, ascending."""
        ...

    @property
    def mesh(self) -> Mesh:
        """Triangles on the sphere; no two bins share a vertex."""
        ...


@lru_cache(maxsize=8)
def parse_grid(name: str) -> SphereGrid:
    """The grid of a name: "healpix:ORDER", "fibonacci:NUMBER" or "azel:DEGREES".

    The same name gives the same object while it is among the last few used. Raises `UserError`
    that says what is allowed.
    """
    kind, _, size = name.strip().lower().partition(":")
    makers = {"healpix": _healpix, "fibonacci": _fibonacci, "azel": _azel}
    if kind not in makers:
        raise UserError(f'there is no grid "{name}"', hint=_HINT)
    return makers[kind](size)


def _healpix(size: str) -> SphereGrid:
    return HealpixGrid(_whole_number(size, "a HEALPix order", 0, HIGHEST_ORDER))


def _fibonacci(size: str) -> SphereGrid:
    return FibonacciGrid(_whole_number(size, "the number of Fibonacci bins", 1, MOST_DIRECTIONS))


def _azel(size: str) -> SphereGrid:
    try:
        rows = 180 / float(size)
    except (ValueError, ZeroDivisionError):
        rows = 0.0
    whole = round(rows) if 180 / _COARSEST_CELL <= rows <= 180 / _FINEST_CELL else 0
    if not whole or abs(rows - whole) > 1e-6 * whole:
        raise UserError(
            f'azimuth × elevation cells cannot be "{size}" degrees',
            hint=f"Choose a divisor of 180° from {_FINEST_CELL:g} to {_COARSEST_CELL:g}: 5, 2.5.",
        )
    return AzelGrid(whole)


def _whole_number(text: str, what: str, low: int, high: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() else low - 1
    if not low <= number <= high:
        raise UserError(f'{what} cannot be "{text}"', hint=f"Choose from {low:,} to {high:,}.")
    return number
