"""From a line drawn on the screen to a polygon on the sphere that means what the line looks like.

What is drawn is first cut to what can be seen (the limb of the sphere, the outlines of a chart),
so that a loop over a pole, over the seam or over both discs of a pair keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evenview.core.selection import Polygon, Vector

Floats = NDArray[np.float64]

STEP = 5.0  # pixels between the points at which a line is taken to the sphere
_SMALLEST = 9.0  # square pixels; less is a slip of the hand
# Borders are moved by a hair in no particular direction: no bin has its centre on them then,
# and stretches of border that coincide (the two sides of a seam) still do.
_HAIR = 1e-7 * np.array([0.61, -0.35, 0.71])


class Ground(Protocol):
    """What the pixels of a scene mean."""

    @property
    def outlines(self) -> Sequence[Floats]:
        """Convex closed rings (M, 2) in pixels that bound what is to be seen."""
        ...

    def directions_of(self, xy: Floats) -> Floats:
        """Pixels (N, 2) to unit vectors (N, 3), NaN outside of the outlines."""
        ...


def trace(ring: Floats, ground: Ground) -> Polygon | None:
    """The part of the sphere inside a ring (N, 2) of pixels; None if it is next to nothing."""
    pieces = [clip(ring, outline) for outline in ground.outlines]
    kept = [(p, o) for p, o in zip(pieces, ground.outlines, strict=True) if _area(p) > _SMALLEST]
    if not kept:
        return None
    largest = max((piece for piece, _ in kept), key=_area)
    inside = ground.directions_of(interior_point(largest)[None])[0]
    parts = [_lift(piece, outline, ground) for piece, outline in kept]
    vertices = _joined(parts)
    vertices = vertices + np.cross(_HAIR, vertices)
    return Polygon(tuple(_vector(v) for v in vertices), _vector(inside))


def sampled(points: Floats, step: float = STEP, closed: bool = False) -> Floats:
    """A polyline with points at most `step` apart, its own ones among them."""
    if closed:
        points = np.concatenate([points, points[:1]])
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    parts = np.maximum(1, np.ceil(lengths / step)).astype(int)
    start = np.repeat(np.arange(len(parts)), parts)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[start]
    line = points[start] + share[:, None] * np.diff(points, axis=0)[start]
    return line if closed else np.concatenate([line, points[-1:]])


def clip(ring: Floats, outline: Floats) -> Floats:
    """The part (K, 2) of a ring within a convex outline (Sutherland and Hodgman, 1974).

    A ring that leaves and comes back several times keeps one border, with stretches along the
    outline that are run through there and back.
    """
    if _signed_area(outline) < 0:
        outline = outline[::-1]
    starts, ways = outline[:-1], np.diff(outline, axis=0)
    heights = _heights(ring, starts, ways)
    for start, way in zip(
        starts[(heights < 0).any(axis=0)], ways[(heights < 0).any(axis=0)], strict=True
    ):
        ring = _cut(ring, _heights(ring, start[None], way[None])[:, 0])
        if not len(ring):
            break
    return ring


def nearest_inside(xy: tuple[float, float], ground: Ground) -> Floats | None:
    """The direction under a pixel, or under the nearest one that has any; None if none has."""
    place = np.array([xy], dtype=np.float64)
    direction: Floats = ground.directions_of(place)[0]
    if np.isfinite(direction).all():
        return direction
    feet = [_foot(place[0], outline) for outline in ground.outlines]
    best = int(np.argmin([np.linalg.norm(foot - place[0]) for foot in feet]))
    direction = _to_rim(feet[best][None], ground.outlines[best], ground)[0]
    return direction if np.isfinite(direction).all() else None


def interior_point(ring: Floats) -> Floats:
    """A point (2,) well inside a ring: of many inside it, the one farthest from its border."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    for count in (23, 91, 301):
        steps = (np.arange(count) + 0.5) / count
        spots = np.stack(np.meshgrid(*(low + (high - low) * steps[:, None]).T), -1).reshape(-1, 2)
        spots = spots[_within(spots, ring)]
        if len(spots):
            return np.asarray(spots[np.argmax(_clearance(spots, ring))])
    return np.asarray(ring.mean(axis=0))


def _lift(piece: Floats, outline: Floats, ground: Ground) -> Floats:
    """The directions (K, 3) along a clipped piece; those on the outline exactly so."""
    points = sampled(piece, closed=True)
    near = _clearance(points, outline) < 2e-4 * np.ptp(outline, axis=0).max()
    directions = ground.directions_of(points)
    if near.any():
        directions[near] = _to_rim(points[near], outline, ground)
    directions = directions[np.isfinite(directions).all(axis=1)]
    fresh = np.linalg.norm(directions - np.roll(directions, 1, axis=0), axis=1) > 1e-12
    return np.asarray(directions[fresh])


def _to_rim(points: Floats, outline: Floats, ground: Ground) -> Floats:
    """Directions of the last visible points on the rays from the outline's middle."""
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    rays = points - middle
    seen = np.full(len(points), 1 - 1e-3)
    hidden = np.full(len(points), 1 + 1e-3)
    for _ in range(46):
        tried = (seen + hidden) / 2
        finite = np.isfinite(ground.directions_of(middle + rays * tried[:, None])).all(axis=1)
        seen, hidden = np.where(finite, tried, seen), np.where(finite, hidden, tried)
    return ground.directions_of(middle + rays * seen[:, None])


def _joined(parts: list[Floats]) -> Floats:
    """One closed line through several rings, by bridges that are crossed there and back."""
    line = [parts[0]]
    for part in parts[1:]:
        bridge = _arc(parts[0][0], part[0])
        line += [parts[0][:1], bridge, part, part[:1], bridge[::-1], parts[0][:1]]
    return np.concatenate(line)


def _arc(start: Floats, end: Floats) -> Floats:
    """(7, 3) directions on the way between two."""
    aside = np.cross(start, np.eye(3)[np.argmin(np.abs(start))])
    share = np.linspace(0, 1, 9)[1:-1, None]
    opposite = float(start @ end) < -0.999
    path = (1 - share) * start + share * end + opposite * 2 * share * (1 - share) * aside
    return np.asarray(path / np.linalg.norm(path, axis=1, keepdims=True))


def _cut(ring: Floats, heights: Floats) -> Floats:
    """A ring cut to where heights (N,) are not negative."""
    following, ahead = np.roll(ring, -1, axis=0), np.roll(heights, -1)
    crosses = (heights < 0) != (ahead < 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(crosses, heights / (heights - ahead), 0.0)
    met = ring + share[:, None] * (following - ring)
    both = np.stack([ring, met], axis=1).reshape(-1, 2)
    return np.asarray(both[np.stack([heights >= 0, crosses], axis=1).ravel()])


def _heights(points: Floats, starts: Floats, ways: Floats) -> Floats:
    """(N, M) on which side, and how far, of lines through `starts` along `ways` points lie."""
    offset = points[:, None] - starts
    return np.asarray(ways[:, 0] * offset[..., 1] - ways[:, 1] * offset[..., 0])


def _signed_area(ring: Floats) -> float:
    x, y = ring.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _area(ring: Floats) -> float:
    return abs(_signed_area(ring)) if len(ring) > 2 else 0.0


def _foot(point: Floats, ring: Floats) -> Floats:
    """The point of a closed ring that is nearest to a point (2,)."""
    start, way = ring[:-1], np.diff(ring, axis=0)
    length = np.maximum((way**2).sum(axis=1), 1e-300)
    share = np.clip(((point - start) * way).sum(axis=1) / length, 0, 1)
    feet = start + share[:, None] * way
    return np.asarray(feet[np.argmin(np.linalg.norm(feet - point, axis=1))])


def _clearance(points: Floats, ring: Floats) -> Floats:
    """(N,) distance of points from a ring's border."""
    start, way = ring, np.roll(ring, -1, axis=0) - ring
    length = np.maximum((way**2).sum(axis=1), 1e-300)
    offset = points[:, None] - start
    share = np.clip((offset * way).sum(axis=2) / length, 0, 1)
    return np.asarray(np.linalg.norm(offset - share[..., None] * way, axis=2).min(axis=1))


def _within(points: Floats, ring: Floats) -> NDArray[np.bool_]:
    """(N,) whether points lie inside a ring, by the parity of crossings."""
    x, y = points[:, None, 0], points[:, None, 1]
    (ax, ay), (bx, by) = ring.T, np.roll(ring, -1, axis=0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = ((ay > y) != (by > y)) & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    return np.asarray(crossed.sum(axis=1) % 2 == 1)


def _vector(v: Floats) -> Vector:
    return (float(v[0]), float(v[1]), float(v[2]))
