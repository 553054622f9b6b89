"""Pairs of discs: the upper and the lower hemisphere side by side, each seen from outside."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from evenview.charts.base import Chart, Floats, Line, Side, Tick, multiples, signed, unit_vectors

#: Distance of a disc's centre from the middle of the chart; the discs have radius 1.
CENTER = 1.16


class DiscPair(Chart):
    """Two azimuthal discs of radius 1; left the top (elevation ≥ 0), right the bottom.

    Both are seen from outside of the sphere, so that nothing is mirrored: on the left the azimuth
    runs counter-clockwise from the right, on the right clockwise from the left. The pair opens like
    a book whose hinge is azimuth 0. What differs from chart to chart is how far from the centre a
    direction lies.
    """

    extent = (-CENTER - 1, CENTER + 1, -1.0, 1.0)
    aspect = CENTER + 1
    x_title = "azimuth (°) along the rims, elevation (°) inwards"

    @abstractmethod
    def radius(self, height: Floats, level: Floats) -> Floats:
        """From |z| and sqrt(x² + y²) of a direction: 0 at the pole, 1 at the equator."""

    @abstractmethod
    def level_height(self, radius: Floats) -> tuple[Floats, Floats]:
        """The inverse: sqrt(x² + y²) and |z|."""

    def forward(self, v: Floats) -> Floats:
        x, y, z = np.moveaxis(np.asarray(v, dtype=np.float64), -1, 0)
        level = np.hypot(x, y)
        radius = self.radius(np.abs(z), level)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(level > 0, radius / level, radius)
        left = np.where(z >= 0, 1.0, -1.0)
        return np.stack([left * (x * scale - CENTER), y * scale], axis=-1)

    def inverse(self, xy: Floats) -> Floats:
        x, y = np.moveaxis(np.asarray(xy, dtype=np.float64), -1, 0)
        left = np.where(x <= 0, 1.0, -1.0)
        x = left * x + CENTER
        radius = np.hypot(x, y)
        # A point on the rim may miss it by a rounding.
        inside = radius <= 1 + 1e-12
        level, height = self.level_height(np.where(inside, np.minimum(radius, 1), np.nan))
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(radius > 0, level / radius, level)
        return np.stack([x * scale, y * scale, left * height], axis=-1)

    @property
    def outlines(self) -> tuple[Floats, ...]:
        return tuple(_ring(1.0, center) for center in (-CENTER, CENTER))

    def graticule(self, step: float) -> tuple[Line, ...]:
        return (*self._parallels(step), *self._meridians(step))

    def _parallels(self, step: float) -> list[Line]:
        rings = []
        for elevation in multiples(step, 90):
            if elevation:
                center = -CENTER if elevation > 0 else CENTER
                rings.append(Line(_ring(self._at(elevation), center), "parallel", elevation))
        return rings

    def _meridians(self, step: float) -> list[Line]:
        lines = []
        for azimuth in [*multiples(step, 180), 180.0]:
            rim = unit_vectors(azimuth, 0.0)[:2]
            for left in (1.0, -1.0):
                ends = np.array([(0.0, 0.0), rim]) - [CENTER, 0]
                lines.append(Line(ends * [left, 1], "meridian", azimuth))
        return lines

    def _at(self, elevation: float) -> float:
        """Distance of a parallel from its disc's centre."""
        turn = np.radians(abs(elevation))
        return float(self.radius(np.sin(turn), np.cos(turn)))

    @property
    def ticks(self) -> tuple[Tick, ...]:
        hinge = Tick(0.0, 0.0, "0°", "center")
        return (hinge, *_rim_ticks(1), *_rim_ticks(-1), *self._elevation_ticks())

    def _elevation_ticks(self) -> list[Tick]:
        """Up along azimuth 90°, at 30° and 60° on the left and their negatives on the right."""
        return [
            Tick(left * -CENTER, self._at(value), f"{signed(left * value)}°", "bottom")
            for left in (1, -1)
            for value in (30, 60)
        ]

    @property
    def captions(self) -> tuple[Tick, ...]:
        xmin, xmax, _, ymax = self.extent
        return (Tick(xmin, ymax, "top", "top right"), Tick(xmax, ymax, "bottom", "top left"))


def _rim_ticks(left: int) -> list[Tick]:
    """Azimuths around one disc (left 1 or right -1); the hinge, azimuth 0, is written once."""
    sides: dict[int, Side] = {90: "top", 180: "left" if left > 0 else "right", -90: "bottom"}
    ticks = []
    for azimuth, side in sides.items():
        x, y = unit_vectors(float(azimuth), 0.0)[:2]
        ticks.append(Tick(left * (x - CENTER), float(y), f"{signed(azimuth)}°", side))
    return ticks


def _ring(radius: float, center: float) -> Floats:
    turn = np.linspace(0, 2 * np.pi, 361)
    return np.stack([center + radius * np.cos(turn), radius * np.sin(turn)], axis=1)
