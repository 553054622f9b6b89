"""What charts and the sphere have in common: the image, the selection's outline, quiet lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import Stroke, withStroke
from numpy.typing import NDArray

from evenview.tasks.drawing.inks import ACCENT, CASING
from evenview.tasks.drawing.page import Box, Page
from evenview.tasks.drawing.style import HAIR, LINE, MM_PER_INCH, SMALL

if TYPE_CHECKING:
    from evenview.core.grid import SphereGrid

#: Light on dark colours, dark enough on light ones.
GRATICULE: dict[str, Any] = {"colors": "#8a9099", "alpha": 0.55, "linewidths": HAIR, "zorder": 2}
#: For lines over the heat map.
HALO = [withStroke(linewidth=1.6, foreground="#ffffffd0")]
_TEXT_HALO = [Stroke(linewidth=1.6, foreground="#ffffffd0")]


def image(
    axes: Axes,
    page: Page,
    box: Box,
    paint: Callable[[tuple[int, int]], NDArray[np.uint8]],
) -> None:
    """The picture that ``paint((height, width))`` gives, one pixel of it a pixel of the figure."""
    box = page.snapped(box)
    scale = page.dpi / MM_PER_INCH
    shape = (round(box.height * scale), round(box.width * scale))
    axes.imshow(
        paint(shape),
        extent=(*axes.get_xlim(), *axes.get_ylim()),
        interpolation="none",
        aspect="auto",
        zorder=1,
    )


def label(
    axes: Axes,
    words: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    halo: bool,
    **style: Any,
) -> None:
    """Text ``offset`` points from a place, with a white rim over the heat map.

    The rim is a text of its own below the other, because a text with a rim becomes a drawing of
    letters in SVG and PDF, which can be neither searched nor edited.
    """
    common = {"textcoords": "offset points", "fontsize": SMALL, "annotation_clip": False, **style}
    common = {"zorder": 5, **common}
    if halo:
        axes.annotate(words, at, xytext=offset, path_effects=_TEXT_HALO, **common)
    axes.annotate(words, at, xytext=offset, **common)


def border(grid: SphereGrid, selected: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(E, 2, 3) the border of ``selected`` (B,); edges of a grid are worked out only if needed."""
    return grid.edges.around(selected) if selected.any() else np.empty((0, 2, 3))


def outline(axes: Axes, pieces: NDArray[np.float64]) -> None:
    """The selection's border, (K, 2, 2) in units of the axes."""
    if not len(pieces):
        return
    for color, width in ((CASING, 2 * LINE), (ACCENT, LINE)):
        lines = LineCollection(list(pieces), colors=color, linewidths=width, zorder=3)
        lines.set_capstyle("round")
        axes.add_collection(lines, autolim=False)
