"""Drawing on the sphere: pointer events in, a preview and at last a region out. No GL here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core.grid import SphereGrid
from evenview.core.selection import Band, BinSet, Cone, Mode, Region
from evenview.render.pointer import LEFT, Pointer
from evenview.render.tracing import Floats, Ground, nearest_inside, sampled, trace

__all__ = ["TOOLS", "Gesture", "GestureResult", "Ground", "Tool"]

Tool = Literal["point", "paint", "cone", "lasso", "rectangle", "band", "navigate"]
TOOLS: tuple[Tool, ...] = ("point", "paint", "cone", "lasso", "rectangle", "band", "navigate")

CLICK = 4.0  # pixels that a hand may shake in a click
LASSO_GAP = 2.0  # pixels between the points of a lasso


@dataclass(frozen=True, eq=False)
class GestureResult:
    """Where a gesture stands after an event.

    Parameters
    ----------
    preview
        (M, 3) unit vectors of the line to draw; rows of NaN lift the pen. None: nothing to draw.
    region
        What has been marked: None until there is something. With "paint" it grows while
        the pointer moves; with the other tools it comes with `done`, and is None then if
        nothing was marked (a click beside the sphere, a loop around nothing).
    mode
        How it combines, from the keys held when the button went down.
    done
        True once, when the button is let go.
    text
        What is being measured, for the status bar ("cone of 12.4°").
    """

    preview: NDArray[np.float64] | None = None
    region: Region | None = None
    mode: Mode = "replace"
    done: bool = False
    text: str = ""


@dataclass
class Gesture:
    """One tool at work: press, drags, release of the left button."""

    tool: Tool
    grid: SphereGrid | None = None
    _path: list[tuple[float, float]] = field(default_factory=list)
    _bins: set[int] = field(default_factory=set)
    _mode: Mode = "replace"

    def cancel(self) -> None:
        """Forget what has been drawn; drags count again after the next press."""
        self._path, self._bins = [], set()

    def feed(self, pointer: Pointer, ground: Ground) -> GestureResult | None:
        """Take an event of the scene in which pixels mean `ground`; None if it means nothing."""
        if self.tool == "navigate" or pointer.button != LEFT:
            return None
        if pointer.kind == "press":
            self.cancel()
            self._mode = pointer.mode
        elif not self._path or pointer.kind not in ("drag", "release"):
            return None
        if self._is_worth_keeping(pointer):
            self._path.append(pointer.xy)
        done = pointer.kind == "release"
        work = getattr(self, f"_{self.tool}")
        result: GestureResult = replace(work(ground, done), mode=self._mode, done=done)
        if not done:
            return result
        self.cancel()
        return replace(result, preview=None)

    def _point(self, ground: Ground, done: bool) -> GestureResult:
        start = np.array(self._path[0])
        if np.linalg.norm(np.array(self._path) - start, axis=1).max() > CLICK:
            return GestureResult()
        self._bins = self._bins_on(np.array(self._path[:1]), ground)
        return GestureResult(region=self._painted() if done else None)

    def _paint(self, ground: Ground, _done: bool) -> GestureResult:
        self._bins |= self._bins_on(sampled(np.array(self._path[-2:]), step=1.5), ground)
        return GestureResult(region=self._painted())

    def _cone(self, ground: Ground, done: bool) -> GestureResult:
        axis = nearest_inside(self._path[0], ground)
        reach = nearest_inside(self._path[-1], ground)
        if axis is None or reach is None:
            return GestureResult()
        angle = float(np.degrees(np.arctan2(np.linalg.norm(np.cross(axis, reach)), axis @ reach)))
        region = Cone((axis[0], axis[1], axis[2]), angle) if done and self._moved() else None
        return GestureResult(circle(axis, angle), region, text=f"cone of {angle:.1f}°")

    def _band(self, ground: Ground, done: bool) -> GestureResult:
        ends = [nearest_inside(xy, ground) for xy in (self._path[0], self._path[-1])]
        heights = sorted(
            float(np.degrees(np.arctan2(v[2], np.hypot(v[0], v[1])))) for v in ends if v is not None
        )
        if len(heights) < 2:
            return GestureResult()
        low, high = heights
        edges = [circle((0, 0, 1), 90 - low), np.full((1, 3), np.nan), circle((0, 0, 1), 90 - high)]
        region = Band(low, high) if done and self._moved() else None
        text = f"elevation {low:.1f}° to {high:.1f}°"
        return GestureResult(np.concatenate(edges), region, text=text)

    def _lasso(self, ground: Ground, done: bool) -> GestureResult:
        return self._outlined(np.array(self._path), ground, done)

    def _rectangle(self, ground: Ground, done: bool) -> GestureResult:
        (x0, y0), (x1, y1) = self._path[0], self._path[-1]
        return self._outlined(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), ground, done)

    def _outlined(self, ring: Floats, ground: Ground, done: bool) -> GestureResult:
        line = ground.directions_of(sampled(ring, closed=True))
        region = trace(ring, ground) if done and len(ring) > 2 else None
        return GestureResult(np.concatenate([line, line[:1]]), region)

    def _is_worth_keeping(self, pointer: Pointer) -> bool:
        """A lasso is drawn slowly: points that add nothing would only make it heavy."""
        if self.tool != "lasso" or pointer.kind != "drag":
            return True
        return float(np.hypot(*np.subtract(pointer.xy, self._path[-1]))) >= LASSO_GAP

    def _moved(self) -> bool:
        return float(np.hypot(*np.subtract(self._path[-1], self._path[0]))) > CLICK / 2

    def _bins_on(self, xy: Floats, ground: Ground) -> set[int]:
        if self.grid is None:
            return set()
        found = self.grid.index_of(ground.directions_of(xy))
        return set(np.unique(found[found >= 0]).tolist())

    def _painted(self) -> BinSet | None:
        if self.grid is None or not self._bins:
            return None
        return BinSet(self.grid.name, tuple(sorted(self._bins)))


def circle(axis: ArrayLike, angle: float, count: int = 181) -> Floats:
    """(count, 3) directions at `angle` degrees around a unit axis, closed."""
    toward = np.asarray(axis, dtype=np.float64)
    right = np.cross(toward, np.eye(3)[np.argmin(np.abs(toward))])
    right /= np.linalg.norm(right)
    up = np.cross(toward, right)
    turn = np.linspace(0, 2 * np.pi, count)[:, None]
    around = np.cos(turn) * right + np.sin(turn) * up
    return np.asarray(np.cos(np.radians(angle)) * toward + np.sin(np.radians(angle)) * around)
