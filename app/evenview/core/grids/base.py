"""What all grids share: drawing is worked out from rings, and only when asked for."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.grids import drawing
from evenview.core.grids.pieces import Edges, Mesh, Points, Rings

_MOST_DRAWN = 1_000_000
_ROUND = 2.6  # degrees: pieces of outline and mesh no longer than this look curved


class CellGrid(ABC):
    """A cutting of the sphere into ``n`` bins; see `evenview.core.grid.SphereGrid`."""

    def __init__(self, name: str, title: str, n: int) -> None:
        self.name = name
        self.title = title
        self.n = n

    def __repr__(self) -> str:
        return f"<{self.title}>"

    @property
    def width(self) -> float:
        """Degrees: the side of a square as large as the mean bin."""
        return mean_width(self.n)

    @cached_property
    @abstractmethod
    def centers(self) -> Points:
        """(B, 3) unit vectors."""

    @cached_property
    @abstractmethod
    def areas(self) -> Points:
        """(B,) steradians; they add up to 4π."""

    @cached_property
    @abstractmethod
    def _rings(self) -> Rings:
        """The outlines, with `_pieces` pieces a side."""

    @abstractmethod
    def _fill(self, v: Points, out: NDArray[np.int32]) -> None:
        """Write the bins of ``v`` (N, 3) into ``out`` (N,)."""

    def index_of(self, v: Points) -> NDArray[np.int32]:
        """(N,) int32, the bin of each direction of ``v`` (N, 3); -1 for NaN, infinity and zero."""
        v = np.ascontiguousarray(v, dtype=np.float64)
        out = np.empty(len(v), np.int32)
        self._fill(v, out)
        return out

    @property
    def _side(self) -> float:
        """Degrees, the usual length of a side of a bin."""
        return self.width

    @property
    def _pieces(self) -> int:
        """Pieces that a side is drawn with: a power of two."""
        return int(2 ** max(0, math.ceil(math.log2(self._side / _ROUND))))

    @cached_property
    def outlines(self) -> tuple[Points, ...]:
        """(M, 3) points a bin, counter-clockwise seen from outside; the last joins the first."""
        return self._drawable_rings().split()

    @cached_property
    def edges(self) -> Edges:
        """Each piece of border once, with the two bins it parts."""
        return drawing.find_edges(self._drawable_rings(), self.index_of)

    @cached_property
    def neighbors(self) -> tuple[NDArray[np.int64], ...]:
        """For each bin, the bins that share an edge with it, ascending."""
        return drawing.find_neighbors(self.edges, self.n)

    @cached_property
    def mesh(self) -> Mesh:
        """Triangles on the sphere, fine enough that large bins bulge."""
        steps = 0 if self.width <= _ROUND else math.ceil(self.width / 2 / (1.5 * _ROUND))
        return drawing.build_mesh(self._drawable_rings().halved(), self.centers, steps)

    def _drawable_rings(self) -> Rings:
        if self.n > _MOST_DRAWN:
            raise UserError(
                f"the grid {self.name} has {self.n:,} bins, too many to draw",
                hint=f"Choose one of at most {_MOST_DRAWN:,} bins.",
            )
        return self._rings


def width_in_words(n: int) -> str:
    """`mean_width` to two digits: "3.7°"."""
    return f"{float(f'{mean_width(n):.2g}'):g}°"


def mean_width(n: int) -> float:
    """Degrees: the side of a square as large as one of ``n`` equal bins."""
    return math.degrees(math.sqrt(4 * math.pi / n))
