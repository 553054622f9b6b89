"""Chart: a way to lay the sphere of view directions flat. One file each in this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from evenview.charts import cuts

Floats: TypeAlias = NDArray[np.float64]

#: Where a text lies, seen from the point it belongs to ("right": to the right of the point).
Side = Literal[
    "left", "right", "top", "bottom",
    "top left", "top right", "bottom left", "bottom right", "center",
]  # fmt: skip
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True)
class Tick:
    """A short text beside a point of the chart, with or without a tick mark towards it.

    ``x``, ``y`` are in chart units and never outside the chart's extent; the text itself may lie
    outside of it, on the side told by ``side``.
    """

    x: float
    y: float
    text: str
    side: Side
    mark: bool = False

    @property
    def away(self) -> tuple[int, int]:
        """(dx, dy) in {-1, 0, 1}: the way from the point to its text, y upwards."""
        dx = ("right" in self.side) - ("left" in self.side)
        dy = ("top" in self.side) - ("bottom" in self.side)
        return dx, dy


@dataclass(frozen=True, eq=False)
class Line:
    """One line of the graticule: (M, 2) points in chart units; ``value`` in degrees."""

    points: Floats
    kind: Literal["meridian", "parallel"]
    value: float


class Chart(Protocol):
    """A way to lay the sphere flat. Charts have no state; write a subclass and name it `CHART`.

    Attributes
    ----------
    name
        As the command line says it ("mollweide"); the module's name.
    title
        As menus say it.
    key
        The key that shows it, "1" to "9"; also the order of charts.
    extent
        (xmin, xmax, ymin, ymax) of the outlines, in chart units.
    aspect
        Width over height of the extent as it is to be drawn. Units of x and y have the same length
        on paper unless this says otherwise (the az/el plot).
    x_title, y_title, right_title
        What the ticks below, on the left and on the right say, with the unit; "" for no such axis.
    """

    name: str
    title: str
    key: str
    extent: tuple[float, float, float, float]
    aspect: float
    x_title: str = ""
    y_title: str = ""
    right_title: str = ""

    def forward(self, v: Floats) -> Floats:
        """Unit vectors (N, 3) to chart points (N, 2). NaN in, NaN out."""
        ...

    def inverse(self, xy: Floats) -> Floats:
        """Chart points (N, 2) to unit vectors (N, 3), NaN outside of the outlines."""
        ...

    @property
    def outlines(self) -> tuple[Floats, ...]:
        """Closed rings (M, 2), last point = first point, that bound what `inverse` accepts."""
        ...

    def graticule(self, step: float) -> tuple[Line, ...]:
        """Meridians and parallels every ``step`` degrees, 0 included, without the outline."""
        ...

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Texts of the axes: azimuths, elevations.

        The most important come first: where there is no room, later ones are left out.
        """
        ...

    @property
    def captions(self) -> tuple[Tick, ...]:
        """Texts that name parts of the chart (the two discs of a pair)."""
        return ()

    def break_lines(self, points: Floats) -> list[Floats]:
        """A line on the sphere (M, 3), arcs of great circles from point to point, as drawn flat.

        Returns pieces (K, 2) in chart units: finely enough sampled to bend as the chart bends, and
        cut where the chart is cut (a seam, the border of a disc).
        """
        points = np.asarray(points, dtype=np.float64)
        pieces, joined = cuts.flatten(self, np.stack([points[:-1], points[1:]], axis=1))
        return cuts.chain(pieces, joined)

    def break_segments(self, segments: Floats) -> Floats:
        """Separate arcs (E, 2, 3) as straight pieces (K, 2, 2), cut like `break_lines`."""
        return cuts.flatten(self, np.asarray(segments, dtype=np.float64))[0]


def azimuth_elevation(v: Floats) -> tuple[Floats, Floats]:
    """Degrees; azimuth in (-180, 180], 0 at the poles. Exact near the poles, unlike an arc sine."""
    x, y, z = np.moveaxis(np.asarray(v, dtype=np.float64), -1, 0)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def unit_vectors(azimuth: Floats | float, elevation: Floats | float) -> Floats:
    """(..., 3) from degrees."""
    az, el = np.broadcast_arrays(np.radians(azimuth), np.radians(elevation))
    return np.stack([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)], axis=-1)


def multiples(step: float, below: float) -> list[float]:
    """Multiples of ``step`` strictly between -below and below."""
    most = int(np.ceil(below / step)) - 1
    return [i * step for i in range(-most, most + 1)]


def signed(value: float) -> str:
    """A whole number with a true minus sign."""
    return f"{value:.0f}".replace("-", "−")
