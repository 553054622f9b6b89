"""What the sphere and the chart share: a canvas, the mouse, the tool in hand, pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psygnal import Signal
from vispy import gloo

from evenview.core.grid import SphereGrid
from evenview.core.selection import as_vector
from evenview.render.canvas import check_gl, give_up, make_canvas, picture
from evenview.render.gestures import Gesture, GestureResult, Ground, Tool
from evenview.render.lines import Lines
from evenview.render.mouse import Mouse, MouseMove
from evenview.render.pointer import LEFT, Pointer
from evenview.render.table import ColorTable
from evenview.render.theme import LIGHT, Theme

WHEEL_STEP = 1.15


class Scene(ABC):
    """A canvas with bins on it.

    Pixels in `xy` are logical ones from the widget's top left corner; directions are unit
    vectors in the map's frame. `canvas.native` is the widget; it must not move to another
    top-level window once shown, because Qt then makes a new OpenGL context.
    """

    pointed = Signal(Pointer)  # every mouse event, with the direction under it
    gestured = Signal(GestureResult)  # the tool at work, and its region in the end

    _BUSY_TOOLS: ClassVar[frozenset[Tool]] = frozenset({"point", "navigate"})

    def __init__(self, theme: Theme = LIGHT, size: tuple[int, int] = (800, 800)) -> None:
        self.gl = check_gl()
        self.theme = theme
        self.grid: SphereGrid | None = None
        self.canvas: Any = make_canvas(size, self._paint, samples=0 if self.gl.is_software else 4)
        self.canvas.set_current()
        self._table = ColorTable()
        self._selected: NDArray[np.bool_] | None = None
        self._selection = Lines(1.8, casing=1.2, on_top=True)
        self._hover = Lines(1.6, casing=1.0, on_top=True)
        self._preview = Lines(1.8, casing=1.0, on_top=True)
        self._graticule = Lines(1.0)
        self._gesture = Gesture("point")
        self._dragged_from: tuple[float, float] | None = None
        self._background: tuple[float, ...] | None = None
        self._making_picture = False
        self._mouse = Mouse(self.canvas, self._on_mouse)

    # What is drawn

    def set_colors(self, colors: NDArray[np.uint8]) -> None:
        """Colours of the bins, (B, 4) RGBA bytes."""
        self._table.set_colors(colors)
        self.canvas.update()

    def set_selected(self, selected: NDArray[np.bool_] | None) -> None:
        """Outline the union of the bins that are true in (B,); None for no outline."""
        self._selected = selected
        self._selection.set_segments(self._flat(self._border_of(selected)))
        self.canvas.update()

    def set_preview(self, points: ArrayLike | None) -> None:
        """A line being drawn, (M, 3) directions; rows of NaN lift the pen; None for nothing."""
        pieces = None if points is None else _arcs(np.asarray(points, dtype=np.float64))
        self._preview.set_segments(self._flat(pieces))
        self.canvas.update()

    def set_graticule(self, shown: bool) -> None:
        """Show or hide meridians and parallels."""
        self._graticule.shown = shown
        self.canvas.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours (those of the bins are `set_colors`' matter)."""
        self.theme = theme
        self._selection.color, self._selection.casing_color = theme.accent, theme.casing
        self._preview.color, self._preview.casing_color = theme.accent, theme.casing
        self._hover.color, self._hover.casing_color = theme.hover, theme.casing
        self._graticule.color = theme.grid
        self.canvas.update()

    # The tool in hand

    def set_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self.cancel_gesture()
        self._gesture = Gesture(tool, self.grid)

    def cancel_gesture(self) -> None:
        """Forget what is being drawn."""
        self._gesture.cancel()
        self.set_preview(None)

    def leave(self) -> None:
        """The pointer has left the widget (vispy does not tell)."""
        self.pointed.emit(Pointer("leave"))

    # Where things are

    def direction_at(self, xy: tuple[float, float]) -> NDArray[np.float64] | None:
        """The direction under a pixel, None off the sphere or chart."""
        direction = self._ground.directions_of(np.array([xy], dtype=np.float64))[0]
        return None if np.isnan(direction).any() else direction

    @abstractmethod
    def xy_of(self, direction: ArrayLike) -> tuple[float, float] | None:
        """The pixel of a direction, None if it cannot be seen now."""

    @property
    @abstractmethod
    def _ground(self) -> Ground:
        """What pixels mean now."""

    # Pictures

    def render(
        self, size: tuple[int, int] | None = None, scale: float = 1.0, transparent: bool = False
    ) -> NDArray[np.uint8]:
        """(H, W, 4) RGBA bytes of the scene at `size` logical pixels, `scale` times as fine."""
        self._background = (0, 0, 0, 0) if transparent else None
        self._making_picture = True
        try:
            return picture(self.canvas, size or self.canvas.size, self._paint, scale)
        finally:
            self._background = None
            self._making_picture = False
            self.canvas.update()

    def close(self) -> None:
        """Give the canvas up."""
        give_up(self.canvas)

    def _paint(self, size: tuple[int, int], scale: float) -> None:
        background = self.theme.background if self._background is None else self._background
        gloo.set_state(depth_test=True, depth_mask=True, blend=False, cull_face=False)
        gloo.set_clear_color(background)
        gloo.clear(color=True, depth=True)
        self._draw(size, scale)

    @abstractmethod
    def _draw(self, size: tuple[int, int], scale: float) -> None:
        """Draw the layers into `size` physical pixels."""

    # Outlines

    def _take_grid(self, grid: SphereGrid) -> None:
        self.grid = grid
        self._table.resize(grid.n, self.theme.empty_bytes)
        self._gesture = Gesture(self._gesture.tool, grid)
        for layer in (self._selection, self._hover, self._preview):
            layer.set_segments(None)

    def _border_of(self, selected: NDArray[np.bool_] | None) -> NDArray[np.float64] | None:
        """(E, 2, 3) pieces of border between selected and other bins."""
        if self.grid is None or selected is None or not selected.any():
            return None
        return self.grid.edges.around(selected)

    def _ring_of(self, index: int | None) -> NDArray[np.float64] | None:
        """(E, 2, 3) pieces around one bin."""
        if self.grid is None or index is None or index < 0:
            return None
        ring = self.grid.outlines[index]
        return np.stack([ring, np.roll(ring, -1, axis=0)], axis=1)

    @abstractmethod
    def _flat(self, segments: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Arcs (E, 2, 3) as straight pieces in the scene's coordinates."""

    # The mouse

    def _on_mouse(self, event: MouseMove) -> None:
        pointer = self._pointer_of(event)
        if pointer.kind == "wheel":
            self._zoom_at(pointer.xy, WHEEL_STEP**pointer.wheel)
        elif not self._move_camera(pointer):
            self._feed(pointer)
        self.pointed.emit(pointer)

    def _pointer_of(self, event: MouseMove) -> Pointer:
        found = self.direction_at(event.xy)
        return Pointer(
            kind=event.kind,
            xy=event.xy,
            direction=None if found is None else as_vector(found),
            button=event.button,
            modifiers=event.modifiers,
            wheel=event.wheel,
        )

    def _move_camera(self, pointer: Pointer) -> bool:
        """Turn or pan if that is what the button does; whether nothing else is to come of it."""
        if pointer.button is None or self._draws_with(pointer.button):
            return False
        if pointer.kind != "press" and self._dragged_from is not None:
            self._drag(self._dragged_from, pointer.xy)
        self._dragged_from = None if pointer.kind == "release" else pointer.xy
        return pointer.button != LEFT or self._gesture.tool == "navigate"

    def _draws_with(self, button: int) -> bool:
        return button == LEFT and self._gesture.tool not in self._BUSY_TOOLS

    def _feed(self, pointer: Pointer) -> None:
        """Hand an event to the tool; draw and tell what comes of it."""
        result = self._gesture.feed(pointer, self._ground)
        if result is None:
            return
        self.set_preview(result.preview)
        self.gestured.emit(result)

    @abstractmethod
    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Move the camera as the hand drags."""

    @abstractmethod
    def _zoom_at(self, _xy: tuple[float, float], factor: float) -> None:
        """Zoom by the wheel."""


def _arcs(points: NDArray[np.float64], step: float = 3.0) -> NDArray[np.float64]:
    """A line (M, 3) as short arcs (E, 2, 3) of at most `step` degrees, so that they look bent."""
    ends = np.stack([points[:-1], points[1:]], axis=1)
    ends = ends[np.isfinite(ends).all(axis=(1, 2))]
    if not len(ends):
        return ends
    cosine = np.clip((ends[:, 0] * ends[:, 1]).sum(axis=1), -1.0, 1.0)
    parts = max(1, int(np.ceil(np.degrees(np.arccos(cosine)).max() / step)))
    at = np.linspace(0.0, 1.0, parts + 1)[:, None, None]
    path = (1 - at) * ends[:, 0] + at * ends[:, 1]
    path /= np.linalg.norm(path, axis=2, keepdims=True)
    return np.stack([path[:-1], path[1:]], axis=2).reshape(-1, 2, 3)
