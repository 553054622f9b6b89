"""The sphere as a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psygnal import Signal
from vispy import app

from evenview.core.grid import SphereGrid
from evenview.render import solids
from evenview.render.bins import CLEAR, BinMesh
from evenview.render.camera import SphereView, between, place, unit, upright
from evenview.render.frame import sphere_frame
from evenview.render.graticule import limb, sphere_graticule
from evenview.render.labels import Labels
from evenview.render.lines import Lines
from evenview.render.pins import AXES, Pin, PinBoard
from evenview.render.scene import Scene
from evenview.render.theme import LIGHT, Theme

TURN_SECONDS = 0.2
# A surface inside reaches to this radius, and the bins around it let it shine through.
SURFACE_RADIUS = 0.62
SHELL_OPACITY = 0.45
# Between bars one sees the colours of their bins, as in the shadow of the bars.
SHADOW = (0.0, 0.0, 0.0, 0.35)
# Room for the tallest bars, of which the scene's margin takes a part.
BARS_REACH = 1.25


class SphereScene(Scene):
    """All bins on a sphere that the hand turns.

    Left drag turns it with the tools "point" and "navigate", any other button always;
    the wheel zooms. `animate` lets named views be reached in a short turn; it starts off
    where the processor draws.
    """

    turned = Signal()  # the camera stands elsewhere

    def __init__(self, theme: Theme = LIGHT, size: tuple[int, int] = (800, 800)) -> None:
        super().__init__(theme, size)
        self.animate = not self.gl.is_software
        self._view = SphereView(size=size)
        self._mesh = BinMesh(self._table)
        self._bars = solids.Solid(self._table, closed=True)
        self._surface = solids.Solid(self._table)
        self._limb = Lines(1.4)
        self._limb.set_segments(limb())
        self._graticule.set_segments(sphere_graticule())
        self._pins = PinBoard()
        self._labels = Labels()
        self._turn: tuple[NDArray[np.float64], NDArray[np.float64], float] | None = None
        self._timer: Any = app.Timer(1 / 60, connect=self._step_turn)
        self.set_pins(AXES)
        self.set_theme(theme)

    # What is drawn

    def set_grid(self, grid: SphereGrid) -> None:
        """Cut the sphere as `grid` does. Colours and selection start anew."""
        self._take_grid(grid)
        mesh = grid.mesh
        self._mesh.set_mesh(mesh.vertices, mesh.faces, mesh.bin_of_vertex)
        self._bars.clear()
        self._make_room()

    def set_hover(self, index: int | None) -> None:
        """Outline the bin under the pointer."""
        self._hover.set_segments(self._flat(self._ring_of(index)))
        self.canvas.update()

    def set_pins(self, pins: Sequence[Pin] = AXES) -> None:
        """Show labelled directions."""
        self._pins.set_pins(pins, 1.0 if self._bars.is_empty else 1 + solids.TALLEST)
        self.canvas.update()

    def set_pillars(self, heights: NDArray[np.float64] | None) -> None:
        """Stand bars of heights (B,) 0..1 on the bins instead of colouring them; None to stop."""
        if heights is None or self.grid is None:
            self._bars.clear()
        else:
            self._bars.set_mesh(*solids.bars(self.grid.centers, self.grid.areas, heights))
        self._make_room()

    def _make_room(self) -> None:
        """Let bars fit into the scene, and pins stand clear of them."""
        self._view = replace(self._view, reach=1.0 if self._bars.is_empty else BARS_REACH)
        self.set_pins(self._pins.pins)

    def set_surface(self, vertices: ArrayLike | None, faces: ArrayLike | None) -> None:
        """Show a surface inside: vertices (V, 3) in any unit about the middle of the box, map
        frame; triangles (F, 3). None to take it away."""
        if vertices is None or faces is None:
            self._surface.clear()
        else:
            points, triangles = solids.fitted(vertices, SURFACE_RADIUS), np.asarray(faces)
            normals = solids.vertex_normals(points, triangles)
            self._surface.set_mesh(points, normals, triangles, np.full(len(points), -1, np.int32))
        self.canvas.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        super().set_theme(theme)
        self._surface.color = theme.surface
        self._limb.color = theme.muted

    # The camera

    def look_from(self, where: str | ArrayLike, animate: bool | None = None) -> None:
        """Turn upright to "top", "bottom", "+x", "-x", "+y", "-y", "reset" or a direction (3,).

        "reset" also undoes the zoom. `animate` None means as the scene is set.
        """
        if isinstance(where, str) and where == "reset":
            self._view = replace(self._view, zoom=1.0)
        target = upright(place(where))
        if self.animate if animate is None else animate:
            self._turn = (self._view.rotation, target, perf_counter())
            self._timer.start()
        else:
            self._take_view(replace(self._view, rotation=target))

    def follow(self, direction: ArrayLike) -> None:
        """Face the viewer with a direction at once, as the pointer moves over the chart."""
        self._take_view(self._view.looking_from(direction))

    def zoom_by(self, factor: float) -> None:
        """Nearer (> 1) or farther, within limits."""
        self._take_view(self._view.zoomed(factor))

    def turn_by(self, right: float, up: float) -> None:
        """Push the sphere by degrees to the right and up."""
        self._take_view(self._view.turned(right, up))

    @property
    def camera_direction(self) -> NDArray[np.float64]:
        """(3,) the direction that faces the viewer."""
        return np.array(self._view.rotation[2])

    @property
    def view_rotation(self) -> NDArray[np.float64]:
        """(3, 3) rows: screen right, screen up and towards the viewer, in the map's frame."""
        return np.array(self._view.rotation)

    @property
    def zoom(self) -> float:
        """1 when the sphere just fits."""
        return self._view.zoom

    def xy_of(self, direction: ArrayLike) -> tuple[float, float] | None:
        """The pixel of a direction; None on the far side."""
        x, y, height = self._ground.screen_of(unit(direction)[None])[0]
        return (float(x), float(y)) if height > 0 else None

    @property
    def _ground(self) -> SphereView:
        return replace(self._view, size=tuple(self.canvas.size))

    def _take_view(self, view: SphereView) -> None:
        self._stop_turn()
        self._view = view
        self.canvas.update()
        self.turned.emit()

    def _step_turn(self, _event: object) -> None:
        if self._turn is None:
            self._timer.stop()
            return
        start, end, since = self._turn
        part = min(1.0, (perf_counter() - since) / TURN_SECONDS)
        eased = part * part * (3 - 2 * part)
        rotation = end if part >= 1 else between(start, end, eased)
        turn = self._turn
        self._take_view(replace(self._view, rotation=rotation))
        if part < 1:
            self._turn = turn
            self._timer.start()

    def _stop_turn(self) -> None:
        self._turn = None
        self._timer.stop()

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self._take_view(self._ground.dragged(start, end))

    def _zoom_at(self, _xy: tuple[float, float], factor: float) -> None:
        self.zoom_by(factor)

    def close(self) -> None:
        """Give the canvas up."""
        self._stop_turn()
        super().close()

    # Drawing

    def _flat(self, segments: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        return segments

    def _draw(self, size: tuple[int, int], scale: float) -> None:
        logical = (round(size[0] / scale), round(size[1] / scale))
        view = replace(self._view, size=logical)
        frame = sphere_frame(view.rotation, view.radius * scale, size, scale)
        self._surface.draw(frame)
        cover = CLEAR if self._bars.is_empty else SHADOW
        self._mesh.draw(frame, 1.0 if self._surface.is_empty else SHELL_OPACITY, cover)
        self._bars.draw(frame)
        self._graticule.draw(frame)
        self._limb.draw(sphere_frame(np.eye(3), view.radius * scale, size, scale))
        for lines in (self._hover, self._selection, self._preview):
            lines.draw(frame)
        self._pins.draw(frame, self.theme)
        self._labels.draw(frame, self._pins.labels(view, self.theme))
