"""What a grid gives to those who draw it: rings of points around bins, edges and a mesh."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Each piece of border once.

    Attributes
    ----------
    segments
        (E, 2, 3) float64, unit vectors of both ends. Seen from outside, the first bin lies to the
        left of the way from the first end to the second.
    bins
        (E, 2) int32, the two bins that the piece parts.
    """

    segments: Points
    bins: NDArray[np.int32]

    def around(self, chosen: NDArray[np.bool_]) -> Points:
        """(K, 2, 3) the pieces with a bin of `chosen` (B,) on one side only: its outline."""
        inside = chosen[self.bins]
        return np.asarray(self.segments[inside[:, 0] != inside[:, 1]], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles on the unit sphere, counter-clockwise from outside; no two bins share a vertex.

    Attributes
    ----------
    vertices
        (V, 3) float32.
    faces
        (F, 3) uint32.
    bin_of_vertex
        (V,) int32.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    bin_of_vertex: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Rings:
    """Closed outlines of all bins, end to end: bin b has ``points[start[b]:start[b + 1]]``.

    Points run counter-clockwise seen from outside. They come in pairs: one at an even place of its
    ring ends a piece of border, the one after it lies on the true border midway of that piece.

    Attributes
    ----------
    points
        (P, 3) float64 unit vectors.
    start
        (B + 1,) int64.
    """

    points: Points
    start: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(B,) points of each ring."""
        return np.diff(self.start)

    @property
    def bin_of_point(self) -> NDArray[np.int32]:
        """(P,) int32"""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), self.sizes)

    @property
    def next_point(self) -> NDArray[np.int64]:
        """(P,) where the ring goes on from each point."""
        following = np.arange(1, len(self.points) + 1)
        following[self.start[1:] - 1] = self.start[:-1]
        return following

    def halved(self) -> Rings:
        """The even points alone."""
        return Rings(self.points[::2], self.start // 2)

    def split(self) -> tuple[Points, ...]:
        """One (M, 3) array a bin."""
        bounds = self.start.tolist()
        return tuple(self.points[a:b] for a, b in pairwise(bounds))


def unit(v: Points) -> Points:
    """Vectors (..., 3) brought to length 1."""
    lengths: Points = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.asarray(v / lengths)


def from_polar(z: Points, radius: Points, azimuth: Points) -> Points:
    """Points (..., 3) of height ``z``, distance ``radius`` from the axis, azimuth in radians."""
    return np.stack([radius * np.cos(azimuth), radius * np.sin(azimuth), z + 0 * azimuth], axis=-1)


def fan_areas(rings: Rings, centers: Points) -> Points:
    """(B,) steradians inside rings whose pieces are great arcs, exact.

    The triangles to a centre, by Van Oosterom & Strackee 1983, IEEE Trans. Biomed. Eng. 30, 125.
    """
    a, b = rings.points, rings.points[rings.next_point]
    c = centers[rings.bin_of_point]
    volume = np.einsum("pi,pi->p", c, np.cross(a, b))
    cosines = (np.einsum("pi,pi->p", p, q) for p, q in ((a, b), (b, c), (c, a)))
    angles = 2 * np.arctan2(volume, 1 + sum(cosines))
    return np.add.reduceat(angles, rings.start[:-1])
