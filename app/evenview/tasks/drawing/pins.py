"""The axes X, Y, Z and the symmetry axes, as pins that stand on the sphere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from evenview.tasks.drawing import marks
from evenview.tasks.drawing.style import INK, LINE, THIN

if TYPE_CHECKING:
    from evenview.core.symmetry import PointGroup

# mm from the sphere to a pin's tip, to the middle of its name, and to all that is drawn.
_TIP, _NAME, REACH = 2.6, 4.4, 6.2
# A pin this near to the line of sight has its name beside it; one that far from it stands out of
# the sphere's picture.
_BESIDE, _OUTSIDE = 0.25, 0.97
# Crystallography's signs: a lens for 2-fold axes, a triangle for 3-fold ones, and so on.
_LENS = np.array(
    [(0.45 * np.cos(turn) * abs(np.cos(turn)), np.sin(turn)) for turn in np.linspace(0, 6.2832, 33)]
)


def draw(axes: Axes, rotation: NDArray[np.float64], group: PointGroup, radius: float) -> None:
    """Signs of symmetry axes that face the reader, then X, Y, Z where they are not hidden.

    ``axes`` span -1 to 1, ``radius`` mm each way.
    """
    for axis in group.axes:
        for end in (1, -1):
            _sign(axes, rotation @ (end * np.asarray(axis.direction, dtype=np.float64)), axis.order)
    for name, place in zip("XYZ", rotation.T, strict=True):
        if place[2] > -1e-9 or np.hypot(*place[:2]) * (1 + _TIP / radius) > 1:
            _pin(axes, place, 1 + _TIP / radius)
            _label(axes, place, name, 1 + _NAME / radius)


def _sign(axes: Axes, place: NDArray[np.float64], order: int) -> None:
    """The sign of an n-fold axis at a place on the screen (x, y, towards the reader)."""
    if place[2] < 0.08:
        return
    marker = _LENS if order == 2 else (order, 0, 0) if order <= 8 else "o"
    axes.plot(
        *place[:2],
        marker=marker,
        markersize=5.0,
        markerfacecolor="white",
        markeredgecolor=INK,
        markeredgewidth=THIN,
        linestyle="none",
        zorder=4,
    )


def _pin(axes: Axes, place: NDArray[np.float64], tip: float) -> None:
    """A line from the sphere to ``tip`` radii from its centre, a dot where it has no length."""
    x, y, toward = place
    out = float(np.hypot(x, y))
    if out < _BESIDE:
        axes.plot(x, y, "o", markersize=1.6, color=INK, zorder=5)
    start = 1.0 if toward >= 0 else 1 / out
    axes.plot(
        [x * start, x * tip],
        [y * start, y * tip],
        color=INK,
        linewidth=LINE,
        solid_capstyle="round",
        clip_on=False,
        zorder=5 if toward >= 0 else 0.5,
        path_effects=None if out > _OUTSIDE else marks.HALO,
    )


def _label(axes: Axes, place: NDArray[np.float64], name: str, away: float) -> None:
    """``away`` radii from the centre; a little beside it where the pin points at the reader."""
    out = float(np.hypot(*place[:2]))
    at = (float(place[0]) * away, float(place[1]) * away)
    offset = (5.0, 5.0) if out < _BESIDE else (0.0, 0.0)
    marks.label(axes, name, at, offset, halo=out <= _OUTSIDE, ha="center", va="center", zorder=6)
