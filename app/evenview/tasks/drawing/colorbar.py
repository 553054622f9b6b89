"""The colour bar: what a colour means, with its unit, its ends and the colour of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle
from numpy.typing import NDArray

from evenview.core import colormap
from evenview.tasks.drawing.legend import THICK, TICK, UNIT_GAP, ColorBar, swatch_width
from evenview.tasks.drawing.page import Box, Margins, Page
from evenview.tasks.drawing.scale import Scale, number
from evenview.tasks.drawing.style import INK, MM_PER_POINT, SMALL, TEXT, THIN, text_size

_LONGEST = 75.0  # mm
_UNIT: dict[str, Any] = {"fontsize": TEXT, "va": "center_baseline"}
_MINOR = 0.45
_SWATCH_STEP = 4.2
_FRAME: dict[str, Any] = {"edgecolor": INK, "linewidth": THIN, "clip_on": False}


def draw_upright(page: Page, box: Box, bar: ColorBar) -> None:
    """In the left of a box: the swatches at its foot, the bar above them."""
    foot = len(bar.swatches) * _SWATCH_STEP + (1.2 if bar.swatches else 0)
    length = min(box.height - foot, _LONGEST)
    bottom = box.bottom + (box.height - foot - length) / 2
    for i, (color, name) in enumerate(reversed(bar.swatches)):
        _swatch(page, box.left, bottom + i * _SWATCH_STEP, color, name)
    below, above = bar.points
    room = Box(box.left, bottom + foot, THICK, length)
    _draw(page, room.inside(Margins(bottom=below, top=above)), bar, upright=True)
    # A long unit starts with the bar, to stay clear of the swatches.
    middle = bottom + foot + max(length, text_size(bar.unit, TEXT)[0]) / 2
    style = {"rotation": 90, "rotation_mode": "anchor", "ha": "center", "va": "bottom"}
    page.text(box.left + bar.to_unit, middle, bar.unit, fontsize=TEXT, **style)


def draw_lying(page: Page, box: Box, bar: ColorBar) -> None:
    """In the top of a box: swatches, the bar, then its unit; in a narrow one the bar above them."""
    words = bar.swatches_width + UNIT_GAP + text_size(bar.unit, TEXT)[0]
    if not bar.in_one_row(box.width):
        length = min(_LONGEST, box.width)
        _draw_lying(page, box.left + (box.width - length) / 2, box.top - THICK, length, bar)
        left, bottom = box.left + (box.width - words) / 2, box.bottom
        right = _swatches_row(page, left, bottom, bar)
        page.text(right, bottom + THICK / 2, bar.unit, **_UNIT)
        return
    length = min(_LONGEST, box.width - words)
    bottom = box.top - THICK
    left = _swatches_row(page, box.left + (box.width - length - words) / 2, bottom, bar)
    _draw_lying(page, left, bottom, length, bar)
    page.text(left + length + UNIT_GAP, bottom + THICK / 2, bar.unit, **_UNIT)


def _swatches_row(page: Page, left: float, bottom: float, bar: ColorBar) -> float:
    """Draw the swatches one after the other; where they end, mm."""
    for color, name in bar.swatches:
        _swatch(page, left, bottom, color, name)
        left += swatch_width(name)
    return left


def _draw_lying(page: Page, left: float, bottom: float, length: float, bar: ColorBar) -> None:
    below, above = bar.points
    room = Box(left, bottom, length, THICK)
    _draw(page, room.inside(Margins(left=below, right=above)), bar, upright=False)


def _draw(page: Page, box: Box, bar: ColorBar, upright: bool) -> None:
    """The colours with a frame, a point at an open end, and ticks."""
    axes = page.axes(box, (0, 1, 0, 1))
    table = colormap.lut(bar.colormap)
    axes.imshow(
        table[::-1, None] if upright else table[None],
        extent=(0, 1, 0, 1),
        aspect="auto",
        interpolation="nearest",
    )
    axes.add_patch(Rectangle((0, 0), 1, 1, facecolor="none", **_FRAME))
    length = box.height if upright else box.width
    below, above = bar.points
    if below:
        _point(axes, (0, -below / length), table[0], upright)
    if above:
        _point(axes, (1, 1 + above / length), table[-1], upright)
    _ticks(axes, bar, length, upright)


def _point(axes: Axes, along: tuple[float, float], color: NDArray[np.uint8], upright: bool) -> None:
    """A triangle on an end of the bar, from there to its tip."""
    corners = np.array([(0, along[0]), (0.5, along[1]), (1, along[0])])
    corners = corners if upright else corners[:, ::-1]
    axes.add_patch(Polygon(corners, facecolor=color / 255, **_FRAME))


def _ticks(axes: Axes, bar: ColorBar, length: float, upright: bool) -> None:
    scale = bar.scale
    for value in scale.minor():
        _stroke(axes, scale.place(value), (1, 1 + _MINOR / THICK), upright)
    values = scale.major(_room_for(bar, length, upright))
    if bar.marked is not None and bar.marked not in values:
        values = _with_marked(values, bar.marked, scale, length)
    for value in values:
        _stroke(axes, scale.place(value), (1, 1 + TICK / THICK), upright)
        _number(axes, value, bar, upright)
    if bar.marked is not None:
        _stroke(axes, scale.place(bar.marked), (0, 1), upright, casing=True)


def _room_for(bar: ColorBar, length: float, upright: bool) -> int:
    """How many numbers fit along the bar."""
    if upright:
        return max(3, min(8, int(length / 6)))
    widest = max(text_size(number(v), SMALL)[0] for v in bar.scale.major(6))
    return max(3, min(8, int(length / (1.4 * widest + 2))))


def _with_marked(values: list[float], marked: float, scale: Scale, length: float) -> list[float]:
    """The marked value among the others, in place of those that would touch it."""
    least, at = 5.0 / length, scale.place(marked)
    others = [value for value in values if abs(scale.place(value) - at) >= least]
    return sorted([*others, marked])


def _stroke(
    axes: Axes, at: float, across: tuple[float, float], upright: bool, casing: bool = False
) -> None:
    """A line across the bar or beside it."""
    along, aside = [at, at], list(across) if upright else [1 - across[0], 1 - across[1]]
    x, y = (aside, along) if upright else (along, aside)
    if casing:
        axes.plot(x, y, color="white", linewidth=2.2, solid_capstyle="butt")
    axes.plot(x, y, color=INK, linewidth=0.9 if casing else THIN, clip_on=False)


def _number(axes: Axes, value: float, bar: ColorBar, upright: bool) -> None:
    at, gap = bar.scale.place(value), (TICK + 0.6) / MM_PER_POINT
    axes.annotate(
        number(value),
        (1, at) if upright else (at, 0),
        xytext=(gap, 0) if upright else (0, -gap),
        textcoords="offset points",
        ha="left" if upright else "center",
        va="center_baseline" if upright else "top",
        fontsize=SMALL,
        fontweight="bold" if value == bar.marked else "normal",
        annotation_clip=False,
    )


def _swatch(
    page: Page, left: float, bottom: float, color: tuple[int, int, int, int], name: str
) -> None:
    axes = page.axes(Box(left, bottom, THICK, THICK), (0, 1, 0, 1))
    face = tuple(part / 255 for part in color)
    axes.add_patch(
        Rectangle((0, 0), 1, 1, facecolor=face, edgecolor=INK, linewidth=THIN, clip_on=False)
    )
    page.text(left + THICK + 1.2, bottom + THICK / 2, name, va="center_baseline")
