"""The sphere laid flat, as a scene."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vispy import app, gloo

from evenview.charts import DEFAULT, chart_named
from evenview.charts.base import Chart
from evenview.core.grid import SphereGrid
from evenview.render import axes
from evenview.render.bin_image import BinImage, fineness
from evenview.render.camera import unit
from evenview.render.frame import Frame, plane_frame
from evenview.render.labels import Labels
from evenview.render.lines import Lines
from evenview.render.plane import PlaneView
from evenview.render.scene import Scene
from evenview.render.theme import LIGHT, Theme

# Seconds of rest after which the part of the chart on the screen is worked out afresh.
PATIENCE = 0.12


class ChartScene(Scene):
    """All bins on any chart.

    Left drag pans with the tools "point" and "navigate", any other button always; the wheel
    zooms at the pointer.
    """

    def __init__(self, theme: Theme = LIGHT, size: tuple[int, int] = (900, 500)) -> None:
        super().__init__(theme, size)
        self._view = PlaneView(chart_named(DEFAULT), size)
        self._whole = BinImage(self._table)
        self._part = BinImage(self._table)
        self._outline = Lines(1.2)
        self._marks = Lines(1.0)
        self._cross = Lines(1.4, casing=1.0)
        self._labels = Labels()
        self._pointed_at: NDArray[np.float64] | None = None
        self._hover_bin: int | None = None
        self._timer: Any = app.Timer(PATIENCE, connect=self._sharpen, iterations=1)
        self.canvas.events.resize.connect(self._on_resize)
        self.set_chart(self._view.chart)
        self.set_theme(theme)

    # What is drawn

    @property
    def chart(self) -> Chart:
        """The chart on show."""
        return self._view.chart

    def set_chart(self, chart: Chart) -> None:
        """Lay the sphere flat in another way; all of it is shown."""
        self.cancel_gesture()
        self._view = PlaneView(chart, tuple(self.canvas.size))
        self._outline.set_segments(axes.outline(chart))
        self._graticule.set_segments(axes.graticule(chart, 1.0))
        self._forget_images()
        self.set_selected(self._selected)
        self.set_hover(self._pointed_at, self._hover_bin)

    def set_grid(self, grid: SphereGrid) -> None:
        """Cut the sphere as `grid` does. Colours and selection start anew."""
        self._take_grid(grid)
        self._selected, self._hover_bin = None, None
        self._forget_images()
        self.canvas.update()

    def set_hover(self, direction: ArrayLike | None, index: int | None) -> None:
        """Mark a direction with a small cross and outline a bin; None for either to stop."""
        self._hover_bin = index
        self._pointed_at = None if direction is None else unit(direction)
        self._hover.set_segments(self._flat(self._ring_of(index)))
        self.canvas.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        super().set_theme(theme)
        self._outline.color = self._marks.color = theme.muted
        self._cross.color, self._cross.casing_color = theme.hover, theme.casing

    # The view

    def fit(self) -> None:
        """Show all of the chart."""
        self._take_view(PlaneView(self.chart, self._view.size))

    def zoom_by(self, factor: float) -> None:
        """Nearer (> 1) or farther, within limits, about the middle."""
        self._take_view(self._ground.zoomed(factor))

    @property
    def zoom(self) -> float:
        """1 when all of the chart is seen."""
        return self._view.zoom

    def xy_of(self, direction: ArrayLike) -> tuple[float, float] | None:
        """The pixel of a direction; None if it lies outside of what is seen."""
        place = self.chart.forward(unit(direction)[None])
        x, y = self._ground.to_pixels(place)[0]
        found = (float(x), float(y))
        return found if np.isfinite(found).all() and self._ground.holds(found) else None

    def direction_at(self, xy: tuple[float, float]) -> NDArray[np.float64] | None:
        """The direction under a pixel, None outside of the chart."""
        return super().direction_at(xy) if self._ground.holds(xy) else None

    @property
    def _ground(self) -> PlaneView:
        return replace(self._view, size=tuple(self.canvas.size))

    def _take_view(self, view: PlaneView) -> None:
        if view.zoom != self._view.zoom:
            self._graticule.set_segments(axes.graticule(view.chart, view.zoom))
        self._view = view
        self._timer.start(iterations=1)
        self.canvas.update()

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self._take_view(self._ground.dragged(start, end))

    def _zoom_at(self, _xy: tuple[float, float], factor: float) -> None:
        self._take_view(self._ground.zoomed(factor, _xy))

    def _on_resize(self, _event: object) -> None:
        self._timer.start(iterations=1)

    def close(self) -> None:
        """Give the canvas up."""
        self._timer.stop()
        super().close()

    # Drawing

    def _flat(self, segments: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        return None if segments is None else self.chart.break_segments(segments)

    def _forget_images(self) -> None:
        self._whole.clear()
        self._part.clear()

    def _sharpen(self, _event: object) -> None:
        """Work the images out for what is on the screen now."""
        self._fill(self._ground, float(self.canvas.pixel_scale))
        self.canvas.update()

    def _fill(self, view: PlaneView, scale: float) -> None:
        if self.grid is None:
            return
        fitted = replace(view, zoom=1.0, middle=None)
        for image, seen in ((self._whole, fitted), (self._part, view)):
            if image is self._part and view.zoom <= 1:
                image.clear()
                continue
            extent = seen.visible
            wide, high = np.abs(seen.step) * (extent[1] - extent[0], extent[3] - extent[2]) * scale
            image.fill(self.grid, view.chart, extent, fineness((wide, high)))

    def _draw(self, size: tuple[int, int], scale: float) -> None:
        view = replace(self._view, size=(round(size[0] / scale), round(size[1] / scale)))
        if self._making_picture or not self._whole.shape[0]:
            self._fill(view, scale)
        origin, step = view.origin * scale, view.step * scale
        frame = plane_frame((origin[0], origin[1]), (step[0], step[1]), size, scale)
        self._clip(view, size, scale)
        for layer in (self._whole, self._part, self._graticule, self._outline):
            layer.draw(frame)
        self._cross.set_segments(self._cross_segments(view))
        for line in (self._hover, self._selection, self._preview, self._cross):
            line.draw(frame)
        gloo.set_state(scissor_test=False)
        self._draw_axes(view, frame)

    def _draw_axes(self, view: PlaneView, frame: Frame) -> None:
        found = axes.ticks(view)
        self._marks.set_segments(axes.mark_segments(view, found))
        self._marks.draw(frame)
        self._labels.draw(frame, axes.labels(view, found, self.theme))

    def _clip(self, view: PlaneView, size: tuple[int, int], scale: float) -> None:
        """Draw within the area only, with room for the stroke of the outline."""
        left, top, right, bottom = (edge * scale for edge in view.area)
        room = 2 * scale
        gloo.set_state(scissor_test=True)
        gloo.set_scissor(
            int(left - room),
            int(size[1] - bottom - room),
            int(right - left + 2 * room),
            int(bottom - top + 2 * room),
        )

    def _cross_segments(self, view: PlaneView) -> NDArray[np.float64] | None:
        if self._pointed_at is None:
            return None
        place = view.chart.forward(self._pointed_at[None])[0]
        arm = np.diag(7.0 / np.abs(view.step))
        gap = np.diag(2.5 / np.abs(view.step))
        return np.stack([[place + s * gap[i], place + s * arm[i]] for i in (0, 1) for s in (-1, 1)])
