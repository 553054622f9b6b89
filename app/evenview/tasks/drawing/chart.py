"""One heat map laid flat: image, graticule, outline, selection, ticks and titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from evenview.charts.base import Chart, Tick
from evenview.charts.room import Room, apart
from evenview.tasks.drawing import marks
from evenview.tasks.drawing.page import Box, Margins, Page
from evenview.tasks.drawing.picture import Picture
from evenview.tasks.drawing.raster import paint
from evenview.tasks.drawing.style import (
    INK,
    MM_PER_POINT,
    QUIET,
    SMALL,
    TEXT,
    THIN,
    text_size,
    wrapped,
)

if TYPE_CHECKING:
    from evenview.core.grid import SphereGrid

_GRATICULE_STEP = 30
_TICK = 2.2  # points
_GAP = 2.2  # points between a tick and its text
_BETWEEN = 0.4  # mm between two texts


def margins(chart: Chart, width: float) -> Margins:
    """Room for ticks and titles around a chart on a page of that width, mm."""
    line = text_size("0", SMALL)[1]
    title = text_size("0", TEXT)[1]
    room = {side: _tick_room(chart, side) for side in ("left", "right", "bottom", "top")}
    below = len(_title_below(chart, width)) * title
    return Margins(
        left=room["left"] + bool(chart.y_title) * (title + 0.6),
        right=max(room["right"] + bool(chart.right_title) * (title + 0.6), line),
        bottom=room["bottom"] + bool(below) * (below + 0.6),
        top=max(room["top"], line / 2),
    )


def _title_below(chart: Chart, width: float) -> list[str]:
    """In one line, or broken at its commas where the page is narrow."""
    return wrapped(chart.x_title.split(", "), 0.85 * width, TEXT, joint=", ")


def _tick_room(chart: Chart, side: str) -> float:
    """Width or height of the ticks that lie beyond one side of the extent, mm."""
    xmin, xmax, ymin, ymax = chart.extent
    edge = {"left": xmin, "right": xmax, "bottom": ymin, "top": ymax}[side]
    across = side in ("left", "right")
    near = 0.02 * (xmax - xmin if across else ymax - ymin)
    sizes = [
        text_size(tick.text, SMALL)[0 if across else 1]
        for tick in chart.ticks
        if side in tick.side.split() and abs((tick.x if across else tick.y) - edge) < near
    ]
    return max(sizes) + (_TICK + _GAP) * MM_PER_POINT if sizes else 0.0


def draw(
    page: Page, box: Box, chart: Chart, grid: SphereGrid, picture: Picture, width: float
) -> Axes:
    """Draw into a box that has the chart's aspect, on a page of that width."""
    axes = page.axes(box, chart.extent)
    marks.image(axes, page, box, lambda shape: _paint(shape, chart, grid, picture.colors))
    _graticule(axes, chart)
    for ring in chart.outlines:
        axes.plot(*ring.T, color=INK, linewidth=THIN, clip_on=False, solid_joinstyle="miter")
    marks.outline(axes, chart.break_segments(marks.border(grid, picture.selected)))
    _ticks(axes, chart, box)
    _titles(page, page.snapped(box), chart, width)
    return axes


def _paint(
    shape: tuple[int, int], chart: Chart, grid: SphereGrid, colors: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    return paint(shape, chart.extent, lambda xy: grid.index_of(chart.inverse(xy)), colors)


def _graticule(axes: Axes, chart: Chart) -> None:
    lines = [line.points for line in chart.graticule(_GRATICULE_STEP)]
    axes.add_collection(LineCollection(lines, **marks.GRATICULE), autolim=False)


def _ticks(axes: Axes, chart: Chart, box: Box) -> None:
    """The names of parts, then the ticks in their order, as long as no text touches another."""
    ticks = (*chart.captions, *chart.ticks)
    for tick in ticks:
        if tick.mark:
            _tick_mark(axes, tick)
    for index in apart([_room_of(tick, chart, box) for tick in ticks], _BETWEEN):
        _tick_text(axes, chart, ticks[index])


def _offset(tick: Tick) -> tuple[float, float]:
    """From the tick's point to its text, points."""
    dx, dy = tick.away
    gap = _TICK + _GAP if tick.mark else _GAP * (0.7 if dx and dy else 1.0)
    return dx * gap, dy * gap


def _room_of(tick: Tick, chart: Chart, box: Box) -> Room:
    """Where the text of a tick lies, mm."""
    xmin, xmax, ymin, ymax = chart.extent
    width, height = text_size(tick.text, SMALL)
    (dx, dy), offset = tick.away, _offset(tick)
    x = (tick.x - xmin) / (xmax - xmin) * box.width + offset[0] * MM_PER_POINT
    y = (tick.y - ymin) / (ymax - ymin) * box.height + offset[1] * MM_PER_POINT
    return x - width * (1 - dx) / 2, y - height * (1 - dy) / 2, width, height


def _tick_text(axes: Axes, chart: Chart, tick: Tick) -> None:
    dx, dy = tick.away
    marks.label(
        axes,
        tick.text,
        (tick.x, tick.y),
        _offset(tick),
        halo=_on_picture(chart, tick),
        ha=("right", "center", "left")[dx + 1],
        va=("top", "center", "bottom")[dy + 1],
    )


def _on_picture(chart: Chart, tick: Tick) -> bool:
    """Whether the text lies over the heat map."""
    xmin, xmax, ymin, ymax = chart.extent
    text = np.array([tick.x, tick.y]) + 1e-3 * np.array(tick.away) * (xmax - xmin, ymax - ymin)
    return bool(np.isfinite(chart.inverse(text[None])).all())


def _tick_mark(axes: Axes, tick: Tick) -> None:
    """A short line outwards; its inner half lies under the picture."""
    axes.plot(
        [tick.x],
        [tick.y],
        color=INK,
        marker="_" if tick.away[0] else "|",
        markersize=2 * _TICK,
        markeredgewidth=THIN,
        clip_on=False,
        zorder=0.5,
    )


def _titles(page: Page, box: Box, chart: Chart, width: float) -> None:
    room = margins(chart, width)
    center, middle = box.left + box.width / 2, box.bottom + box.height / 2
    style = {"fontsize": TEXT, "ha": "center"}
    for i, line in enumerate(reversed(_title_below(chart, width))):
        bottom = box.bottom - room.bottom + i * text_size("0", TEXT)[1]
        page.text(center, bottom, line, va="bottom", **style)
    turned = {"rotation": 90, "rotation_mode": "anchor", **style}
    page.text(box.left - room.left, middle, chart.y_title, va="top", **turned)
    page.text(box.right + room.right, middle, chart.right_title, va="bottom", color=QUIET, **turned)
