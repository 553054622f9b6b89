"""Poses within a largest turn and a largest shift.

A step s that would lead out of them is replaced by the best one that does not. With N and r the
normal equations, and b + A s the rotation vector or the shift after the step, it is that of

    (N + Σ λ AᵀA) s = r - Σ λ Aᵀb,

each λ being 0, or such that b + A s is as long as its limit (Nocedal & Wright 2006, *Numerical
Optimization*, 2nd edition, section 4.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.pose import Pose
from evenview.core.align.settings import Settings
from evenview.core.align.step import damped, moved, shortened, solved, turn_by, vector_of

Floats = NDArray[np.float64]

_JUST_WITHIN = 1.0 - 1e-9
_REACHED = 1.0 - 1e-6
#: Every λ is between these parts of the equations' own size, and found by so many halvings.
_LIGHT, _HEAVY, _HALVINGS = 1e-9, 1e9, 40
#: How often each of two λ is found anew for the other one.
_ROUNDS = 5


@dataclass(frozen=True)
class Limits:
    """How far a map may be turned, in degrees, and shifted, in Å."""

    angle: float
    shift: float

    @classmethod
    def of(cls, settings: Settings, side: float) -> Limits:
        """Those of settings, in a box of `side` Å."""
        return cls(settings.max_angle, settings.shift_limit(side))

    def wider(self, degrees: float, length: float) -> Limits:
        """Limits that allow more."""
        return Limits(min(self.angle + degrees, 180.0), self.shift + length)

    def keep(self, pose: Pose) -> bool:
        """Whether a pose is within them."""
        return pose.within(self.angle, self.shift)

    def reached(self, pose: Pose) -> bool:
        """Whether a pose is as far as they allow."""
        turned = self.angle < 180.0 and pose.angle >= self.angle * _REACHED
        return turned or float(np.linalg.norm(pose.shift)) >= self.shift * _REACHED

    def held(self, pose: Pose) -> Pose:
        """A pose, drawn back to the limits where it is beyond them."""
        length = float(np.linalg.norm(pose.shift))
        if length > self.shift:
            pose = replace(pose, shift=pose.shift * (self.shift / length * _JUST_WITHIN))
        angle = pose.angle
        if angle > self.angle:
            vector = vector_of(pose.rotation) * (self.angle / angle * _JUST_WITHIN)
            pose = replace(pose, rotation=turn_by(vector))
        return pose

    def step(self, pose: Pose, normal: Floats, right: Floats, side: float) -> Floats:
        """(6,) the step of normal equations (6, 6) and (6,) that keeps a pose within them."""
        free = solved(normal, right)
        if self.keep(moved(pose, free, side)):
            return free
        walls = [_Wall(np.eye(3, 6, 3), pose.shift / side, self.shift / side)]
        if self.angle < 180.0:
            walls.append(_turn_wall(pose, self.angle))
        return _bounded(normal, right, walls)


#: No limits.
ANYWHERE = Limits(180.0, math.inf)


@dataclass(frozen=True, eq=False)
class _Wall:
    """``b + A s``, A (3, 6) and b (3,), may not be longer than `reach`."""

    a: Floats
    b: Floats
    reach: float

    def beyond(self, step: Floats) -> bool:
        return float(np.linalg.norm(self.b + self.a @ step)) > self.reach


def _turn_wall(pose: Pose, degrees: float) -> _Wall:
    """That of the rotation vector v: a small further turn w takes it to v + A w."""
    v = vector_of(pose.rotation)
    x, y, z = v
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = float(np.linalg.norm(v))
    second = 1.0 / 12.0
    if angle > 1e-2:
        second = (1.0 - 0.5 * angle / math.tan(0.5 * angle)) / angle**2
    a = np.zeros((3, 6))
    a[:, :3] = np.eye(3) - 0.5 * cross + second * cross @ cross
    return _Wall(a, v, math.radians(degrees))


def _bounded(normal: Floats, right: Floats, walls: list[_Wall]) -> Floats:
    """(6,) the best step that goes beyond no wall."""
    if not (np.diag(normal) > 0).all():
        return np.zeros(6)
    size, equations = float(np.trace(normal)), damped(normal)
    weights = np.zeros(len(walls))

    def step() -> Floats:
        left, toward = equations.copy(), right.copy()
        for weight, wall in zip(weights, walls, strict=True):
            left += weight * wall.a.T @ wall.a
            toward -= weight * wall.a.T @ wall.b
        return np.asarray(np.linalg.solve(left, toward))

    for _ in range(_ROUNDS):
        for i, wall in enumerate(walls):

            def beyond(weight: float, i: int = i, wall: _Wall = wall) -> bool:
                weights[i] = weight
                return wall.beyond(step())

            weights[i] = _least(beyond, size)
    return shortened(step())


def _least(beyond: Callable[[float], bool], size: float) -> float:
    """The least weight that keeps within a wall."""
    if not beyond(0.0):
        return 0.0
    low, high = math.log(_LIGHT * size), math.log(_HEAVY * size)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if beyond(math.exp(middle)) else (low, middle)
    return math.exp(high)
