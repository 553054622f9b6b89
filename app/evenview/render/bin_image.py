"""A chart filled by bins: an image of bin indices, looked up in the colour table as it is drawn."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

from evenview.charts.base import Chart
from evenview.core.grid import SphereGrid
from evenview.render import shaders
from evenview.render.frame import Frame, give
from evenview.render.table import ColorTable

Extent: TypeAlias = tuple[float, float, float, float]

MOST_TEXELS = 1_600_000
_CORNERS = np.array([(0, 0), (1, 0), (0, 1), (1, 1)], dtype=np.float32)


def index_image(
    grid: SphereGrid, chart: Chart, extent: Extent, shape: tuple[int, int]
) -> NDArray[np.int32]:
    """(height, width) bin under each texel of a part of a chart, bottom row first; -1 outside."""
    height, width = shape
    xmin, xmax, ymin, ymax = extent
    x = xmin + (np.arange(width) + 0.5) / width * (xmax - xmin)
    y = ymin + (np.arange(height) + 0.5) / height * (ymax - ymin)
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return grid.index_of(chart.inverse(places)).reshape(height, width)


def fineness(pixels: tuple[float, float]) -> tuple[int, int]:
    """(height, width) of the image for an area of pixels (width, height): two texels a pixel,
    fewer where that would take too long."""
    width, height = max(1.0, pixels[0]), max(1.0, pixels[1])
    times = min(2.0, np.sqrt(MOST_TEXELS / (width * height)))
    return max(1, round(times * height)), max(1, round(times * width))


class BinImage:
    """A rectangle of a chart, coloured by bins; smooth borders by four looks a pixel."""

    def __init__(self, table: ColorTable) -> None:
        self.extent: Extent = (0.0, 0.0, 0.0, 0.0)
        self.shape = (0, 0)
        self._table = table
        self._program: Any = gloo.Program(shaders.CHART_VERTEX, shaders.CHART_FRAGMENT)
        self._texture: Any = gloo.Texture2D(
            np.zeros((1, 1, 4), dtype=np.uint8), interpolation="nearest"
        )
        self._program["u_index"] = self._texture
        self._program["a_texel"] = gloo.VertexBuffer(_CORNERS)

    def clear(self) -> None:
        """Draw nothing until filled."""
        self.shape = (0, 0)

    def fill(self, grid: SphereGrid, chart: Chart, extent: Extent, shape: tuple[int, int]) -> None:
        """Work the image out; does nothing if it is the same as before (see `clear`)."""
        if (extent, shape) == (self.extent, self.shape):
            return
        self.extent, self.shape = extent, shape
        bins = index_image(grid, chart, extent, shape)
        code = np.where(bins < 0, 0, bins.astype(np.uint32) | np.uint32(0xFF000000))
        texels = code.astype("<u4").view(np.uint8).reshape(*shape, 4)
        self._texture.set_data(texels)
        xmin, xmax, ymin, ymax = extent
        corners = np.array([xmin, ymin]) + _CORNERS * [xmax - xmin, ymax - ymin]
        self._program["a_position"] = gloo.VertexBuffer(corners.astype(np.float32))

    def draw(self, frame: Frame) -> None:
        """Draw, clear outside of the chart."""
        if not self.shape[0]:
            return
        gloo.set_state(
            depth_test=False,
            blend=True,
            blend_func=("src_alpha", "one_minus_src_alpha", "one", "one_minus_src_alpha"),
        )
        xmin, xmax, ymin, ymax = self.extent
        across, down = np.abs(np.diag(frame.matrix)[:2]) * frame.half
        step = (1 / max(across * (xmax - xmin), 1), 1 / max(down * (ymax - ymin), 1))
        give(self._program, self._table.uniforms)
        give(self._program, {"u_matrix": frame.matrix, "u_step": step})
        self._program.draw("triangle_strip")
