"""One heat map on the sphere, seen from far away: every pixel asks which bin its ray meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from numpy.typing import NDArray

from evenview.charts.base import multiples, unit_vectors
from evenview.tasks.drawing import marks, pins
from evenview.tasks.drawing.page import Box, Margins, Page
from evenview.tasks.drawing.picture import Picture
from evenview.tasks.drawing.raster import paint, pixel_centers
from evenview.tasks.drawing.style import INK, THIN

if TYPE_CHECKING:
    from evenview.core.grid import SphereGrid
    from evenview.core.symmetry import PointGroup

_STEP = 30
_DIMMED = 0.3
_EXTENT = (-1.0, 1.0, -1.0, 1.0)


def margins(with_pins: bool) -> Margins:
    """Room around the sphere, mm: pins stand out of it."""
    room = pins.REACH if with_pins else 0.5
    return Margins(room, room, room, room)


def draw(
    page: Page,
    box: Box,
    grid: SphereGrid,
    picture: Picture,
    rotation: NDArray[np.float64],
    group: PointGroup | None,
) -> Axes:
    """Draw a sphere that fills a square box. ``rotation`` (3, 3): map's frame to the screen's.

    With a ``group`` the axes X, Y, Z and its symmetry axes are shown, without one they are not.
    """
    axes = page.axes(box, _EXTENT)
    marks.image(axes, page, box, lambda shape: _paint(shape, grid, picture.colors, rotation))
    lines = LineCollection(_graticule(rotation), **marks.GRATICULE)
    axes.add_collection(lines, autolim=False)
    rim = Circle((0, 0), 1, fill=False, edgecolor=INK, linewidth=THIN, zorder=2.5, clip_on=False)
    axes.add_patch(rim)
    marks.outline(axes, _front(marks.border(grid, picture.selected), rotation))
    if group:
        pins.draw(axes, rotation, group, radius=box.width / 2)
    return axes


def _paint(
    shape: tuple[int, int],
    grid: SphereGrid,
    colors: NDArray[np.uint8],
    rotation: NDArray[np.float64],
) -> NDArray[np.uint8]:
    picture = paint(shape, _EXTENT, lambda xy: grid.index_of(_unproject(xy, rotation)), colors)
    xy = pixel_centers(shape, _EXTENT)
    toward = np.sqrt(np.maximum(1 - (xy * xy).sum(axis=1), 0)).reshape(shape)
    shaded = picture[..., :3] * _shade(toward)[..., None]
    picture[..., :3] = np.rint(shaded).astype(np.uint8)
    return picture


def _shade(toward: NDArray[np.float64]) -> NDArray[np.float64]:
    """Darker at the limb only, so that it looks round and colours can still be read."""
    shade: NDArray[np.float64] = 1 - _DIMMED * (1 - toward) ** 3
    return shade


def _unproject(xy: NDArray[np.float64], rotation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the screen (N, 2) to directions (N, 3), NaN beside the sphere."""
    square = (xy * xy).sum(axis=1)
    toward = np.sqrt(np.where(square <= 1, 1 - square, np.nan))
    return np.column_stack([xy, toward]) @ rotation


def _graticule(rotation: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Meridians and parallels, the parts in front."""
    turn, rise = np.linspace(-180, 180, 361), np.linspace(-90, 90, 181)
    meridians = [unit_vectors(azimuth, rise) for azimuth in range(0, 360, _STEP)]
    parallels = [unit_vectors(turn, elevation) for elevation in multiples(_STEP, 90)]
    return [piece for line in (*meridians, *parallels) for piece in _visible(line, rotation)]


def _visible(line: NDArray[np.float64], rotation: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The runs of a line (M, 3) that face the reader, on the screen."""
    screen = line @ rotation.T
    front = screen[:, 2] >= 0
    runs = np.split(screen[:, :2], np.flatnonzero(np.diff(front)) + 1)
    return [run for run, facing in zip(runs, _first(front), strict=True) if facing and len(run) > 1]


def _first(front: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The value of each run of equal values."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(front)) + 1])
    values: NDArray[np.bool_] = front[starts]
    return values


def _front(segments: NDArray[np.float64], rotation: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, 2, 2) the short segments (E, 2, 3) of which both ends face the reader."""
    screen = segments @ rotation.T
    return screen[(screen[:, :, 2] >= 0).all(axis=1), :, :2]
