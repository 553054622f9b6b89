"""The camera of the sphere: where it stands, what it sees, how the hand turns it. No GL here.

Orthographic, so that a 3 × 3 rotation says everything: its rows are the directions of screen
right, screen up and towards the viewer in the map's frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.tasks.drawing.views import look_from, view_rotation

# Part of the shorter side of the scene that the sphere's radius takes: leaves room for pins.
FILL = 0.41
ZOOM_LIMITS = (0.4, 24.0)


def place(name_or_direction: str | ArrayLike) -> NDArray[np.float64]:
    """Unit vector of a named view ("top", "+x", "reset": as figures have them) or any direction."""
    if isinstance(name_or_direction, str):
        return np.asarray(view_rotation(name_or_direction)[2])
    return unit(name_or_direction)


def unit(vector: ArrayLike) -> NDArray[np.float64]:
    """The vector (3,) at length 1."""
    found = np.asarray(vector, dtype=np.float64)
    return np.asarray(found / np.linalg.norm(found))


def upright(direction: ArrayLike) -> NDArray[np.float64]:
    """(3, 3) view rotation that looks from `direction` with +Z up (+Y up at the poles)."""
    return look_from(unit(direction))


def rotation_between(start: ArrayLike, end: ArrayLike) -> NDArray[np.float64]:
    """(3, 3) shortest rotation that takes unit vector `start` to `end` (Rodrigues' formula)."""
    a, b = unit(start), unit(end)
    cross, cosine = np.cross(a, b), float(a @ b)
    if cosine < -1 + 1e-12:
        axis = unit(np.cross(a, np.eye(3)[np.argmin(np.abs(a))]))
        return 2 * np.outer(axis, axis) - np.eye(3)
    skew = _skew(cross)
    return np.asarray(np.eye(3) + skew + skew @ skew / (1 + cosine))


def about(axis: ArrayLike, degrees: float) -> NDArray[np.float64]:
    """(3, 3) right-handed rotation by an angle."""
    skew = _skew(unit(axis))
    turn = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(turn) * skew + (1 - np.cos(turn)) * skew @ skew)


def between(
    start: NDArray[np.float64], end: NDArray[np.float64], part: float
) -> NDArray[np.float64]:
    """The view rotation `part` (0..1) of the way from one to another, at even speed."""
    step = end @ start.T
    angle = np.degrees(np.arccos(np.clip((np.trace(step) - 1) / 2, -1, 1)))
    if angle < 1e-9:
        return end
    values, vectors = np.linalg.eigh((step + step.T) / 2)
    axis = vectors[:, np.argmax(values)]
    if np.linalg.norm(about(axis, angle) - step) > np.linalg.norm(about(-axis, angle) - step):
        axis = -axis
    return np.asarray(about(axis, part * angle) @ start)


def _skew(v: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])


@dataclass(frozen=True, eq=False)
class SphereView:
    """A camera over a scene of `size` logical pixels (width, height).

    Pixels run right and down from the scene's top left corner. `reach` is the radius of what
    has to fit at zoom 1, in radii of the sphere.
    """

    rotation: NDArray[np.float64] = field(default_factory=lambda: upright(place("reset")))
    zoom: float = 1.0
    size: tuple[int, int] = (800, 800)
    reach: float = 1.0

    @property
    def radius(self) -> float:
        """Of the unit sphere on the screen, in logical pixels."""
        return FILL * min(self.size) * self.zoom / self.reach

    @property
    def center(self) -> NDArray[np.float64]:
        """(2,) the sphere's middle on the screen."""
        return np.array(self.size, dtype=np.float64) / 2

    @property
    def outlines(self) -> Sequence[NDArray[np.float64]]:
        """The limb as one closed ring (M, 2) in pixels."""
        turn = np.linspace(0.0, 2 * np.pi, 361)
        return (self.center + self.radius * np.stack([np.cos(turn), np.sin(turn)], axis=1),)

    def screen_of(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (N, 3) of the map's frame to (N, 3): pixel x, pixel y, height to the viewer."""
        seen = np.asarray(points, dtype=np.float64) @ self.rotation.T
        seen[:, :2] = self.center + self.radius * seen[:, :2] * (1.0, -1.0)
        return np.asarray(seen)

    def directions_of(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels (N, 2) to the unit vectors (N, 3) nearest to the viewer; NaN off the sphere."""
        flat = (np.asarray(xy, dtype=np.float64) - self.center) / self.radius * (1.0, -1.0)
        with np.errstate(invalid="ignore"):
            height = np.sqrt(1.0 - (flat**2).sum(axis=1))
        seen = np.column_stack([flat, height])
        seen[np.isnan(height)] = np.nan
        return np.asarray(seen @ self.rotation)

    def looking_from(self, direction: ArrayLike) -> SphereView:
        """Upright, with `direction` facing the viewer."""
        return replace(self, rotation=upright(direction))

    def zoomed(self, factor: float) -> SphereView:
        """Nearer by `factor`, within limits."""
        return replace(self, zoom=float(np.clip(self.zoom * factor, *ZOOM_LIMITS)))

    def dragged(self, start: tuple[float, float], end: tuple[float, float]) -> SphereView:
        """Turned so that what was grabbed at `start` lies under the pointer at `end`."""
        turn = rotation_between(self._held(start), self._held(end))
        return replace(self, rotation=_orthonormal(turn @ self.rotation))

    def turned(self, right: float, up: float) -> SphereView:
        """Turned by angles in degrees, as if the hand pushed the sphere right and up."""
        turn = about((0, 1, 0), right) @ about((1, 0, 0), -up)
        return replace(self, rotation=_orthonormal(turn @ self.rotation))

    def _held(self, xy: tuple[float, float]) -> NDArray[np.float64]:
        """The point held by the hand, in view axes: on the sphere, or on a sheet around it.

        The sheet of Bell's virtual trackball (z = 1/(2r) beyond r = 1/√2 on a unit ball) is
        moved out here so that grabbing stays exact over nearly all of the sphere.
        """
        flat = (np.array(xy) - self.center) / self.radius * (1.0, -1.0)
        squared = float(flat @ flat)
        rim = 0.95
        height = np.sqrt(1 - squared) if squared < rim else np.sqrt(1 - rim) * rim / squared
        return unit((*flat, height))


def _orthonormal(rotation: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same rotation without the rounding that many small turns gather."""
    right = unit(rotation[0])
    up = unit(rotation[1] - (rotation[1] @ right) * right)
    return np.stack([right, up, np.cross(right, up)])
