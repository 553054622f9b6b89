"""The view of a chart: margins, what is seen of it, pan and zoom within limits. No GL here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.charts.base import Chart

ZOOM_LIMITS = (1.0, 40.0)
EDGE, _TEXT, _TITLE = 14, 22, 20  # logical pixels
_WIDE_TEXT = 34


@dataclass(frozen=True, eq=False)
class PlaneView:
    """A chart in a scene of `size` logical pixels (width, height).

    `zoom` 1 shows all of it; `middle` is the point (2,) of the chart in the middle of the area,
    None for the chart's own middle.
    """

    chart: Chart
    size: tuple[int, int] = (900, 500)
    zoom: float = 1.0
    middle: tuple[float, float] | None = None

    @property
    def area(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in pixels of where the chart may be; ticks lie outside."""
        left, top, right, bottom = margins(self.chart)
        width, height = self.size
        return left, top, max(left + 20.0, width - right), max(top + 20.0, height - bottom)

    @property
    def step(self) -> NDArray[np.float64]:
        """(2,) pixels of a chart unit along x (to the right) and along y (down: negative)."""
        left, top, right, bottom = self.area
        xmin, xmax, ymin, ymax = self.chart.extent
        height = min(bottom - top, (right - left) / self.chart.aspect) * self.zoom
        width = height * self.chart.aspect
        return np.array([width / (xmax - xmin), -height / (ymax - ymin)])

    @property
    def origin(self) -> NDArray[np.float64]:
        """(2,) the pixel of the chart's point (0, 0)."""
        left, top, right, bottom = self.area
        return np.array([left + right, top + bottom]) / 2 - self.step * self._middle

    @property
    def _middle(self) -> NDArray[np.float64]:
        xmin, xmax, ymin, ymax = self.chart.extent
        own = np.array([xmin + xmax, ymin + ymax]) / 2
        if self.middle is None:
            return own
        left, top, right, bottom = self.area
        seen = np.array([right - left, bottom - top]) / np.abs(self.step)
        slack = np.maximum(0.0, np.array([xmax - xmin, ymax - ymin]) - seen) / 2
        return np.clip(self.middle, own - slack, own + slack)

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chart points (N, 2) to pixels (N, 2)."""
        return self.origin + self.step * np.asarray(points, dtype=np.float64)

    def from_pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels (N, 2) to chart points (N, 2)."""
        return (np.asarray(xy, dtype=np.float64) - self.origin) / self.step

    def directions_of(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels (N, 2) to unit vectors (N, 3); NaN outside of the chart."""
        return self.chart.inverse(self.from_pixels(xy))

    @property
    def outlines(self) -> Sequence[NDArray[np.float64]]:
        """The chart's outlines, closed rings (M, 2) of pixels."""
        return tuple(self.to_pixels(ring) for ring in self.chart.outlines)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in pixels of what is seen of the chart."""
        xmin, xmax, ymin, ymax = self.visible
        (left, top), (right, bottom) = self.to_pixels(np.array([(xmin, ymax), (xmax, ymin)]))
        return float(left), float(top), float(right), float(bottom)

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """(xmin, xmax, ymin, ymax) of the part of the chart's extent that is seen."""
        left, top, right, bottom = self.area
        (x0, y1), (x1, y0) = self.from_pixels(np.array([(left, top), (right, bottom)]))
        xmin, xmax, ymin, ymax = self.chart.extent
        return max(x0, xmin), min(x1, xmax), max(y0, ymin), min(y1, ymax)

    def holds(self, xy: tuple[float, float]) -> bool:
        """Whether a pixel lies in the area."""
        left, top, right, bottom = self.area
        return left - 1 <= xy[0] <= right + 1 and top - 1 <= xy[1] <= bottom + 1

    def zoomed(self, factor: float, xy: tuple[float, float] | None = None) -> PlaneView:
        """Nearer by `factor`, within limits; what is at the pixel `xy` stays there."""
        zoom = float(np.clip(self.zoom * factor, *ZOOM_LIMITS))
        left, top, right, bottom = self.area
        center = np.array([left + right, top + bottom]) / 2
        anchor = center if xy is None else np.array(xy)
        held = self.from_pixels(anchor[None])[0]
        nearer = replace(self, zoom=zoom)
        return nearer._at(held + (center - anchor) / nearer.step)

    def dragged(self, start: tuple[float, float], end: tuple[float, float]) -> PlaneView:
        """Moved so that what was at one pixel is at another, as far as the chart reaches."""
        return self._at(self._middle - (np.array(end) - np.array(start)) / self.step)

    def _at(self, middle: NDArray[np.float64]) -> PlaneView:
        moved = replace(self, middle=(float(middle[0]), float(middle[1])))
        x, y = moved._middle
        return replace(self, middle=(float(x), float(y)))


def margins(chart: Chart) -> tuple[int, int, int, int]:
    """Logical pixels left, above, right and below that ticks and titles of a chart need."""
    sides = {word for tick in chart.ticks for word in tick.side.split()}
    left = EDGE + _WIDE_TEXT * ("left" in sides) + _TITLE * bool(chart.y_title)
    right = EDGE + _WIDE_TEXT * ("right" in sides) + _TITLE * bool(chart.right_title)
    top = EDGE + _TEXT * ("top" in sides)
    bottom = EDGE + _TEXT * ("bottom" in sides) + _TITLE * bool(chart.x_title)
    return left, top, right, bottom
