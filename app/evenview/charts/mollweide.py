"""Mollweide's equal-area ellipse."""

from __future__ import annotations

import numpy as np

from evenview.charts.base import (
    Chart,
    Floats,
    Line,
    Side,
    Tick,
    multiples,
    signed,
    unit_vectors,
)


class Mollweide(Chart):
    """Equal areas in an ellipse twice as wide as high, x in ±2 and y in ±1.

    Snyder, "Map Projections: A Working Manual" (USGS 1395, 1987), eq. 31-1 to 31-3, with the
    auxiliary angle measured from the pole, which keeps the digits that the usual form loses there:
    u - sin u = π (1 - |sin elevation|), u from 0 at the pole to π at the equator.
    """

    name = "mollweide"
    title = "Mollweide"
    key = "2"
    extent = (-2.0, 2.0, -1.0, 1.0)
    aspect = 2.0
    x_title = "azimuth (°)"
    y_title = "elevation (°)"

    def forward(self, v: Floats) -> Floats:
        v = np.asarray(v, dtype=np.float64)
        x, y, z = np.moveaxis(v, -1, 0)
        # 1 - |z|, without the loss of digits near the poles.
        cap = (x * x + y * y) / (1 + np.abs(z))
        half = _solve(np.pi * cap) / 2
        azimuth = np.arctan2(y, x)
        return np.stack([2 * azimuth / np.pi * np.sin(half), np.copysign(np.cos(half), z)], axis=-1)

    def inverse(self, xy: Floats) -> Floats:
        x, y = np.moveaxis(np.asarray(xy, dtype=np.float64), -1, 0)
        # A point on the outline may miss it by a rounding.
        inside = x * x / 4 + y * y <= 1 + 1e-12
        width = np.sqrt(np.maximum(1 - y * y, 0))
        u = 2 * np.arctan2(width, np.abs(y))
        cap = _u_minus_sin(u) / np.pi
        with np.errstate(divide="ignore", invalid="ignore"):
            azimuth = np.where(width > 0, np.clip(np.pi * x / (2 * width), -np.pi, np.pi), 0.0)
        level = np.sqrt(np.maximum(cap * (2 - cap), 0))
        v = np.stack(
            [level * np.cos(azimuth), level * np.sin(azimuth), np.copysign(1 - cap, y)], axis=-1
        )
        v[~inside] = np.nan
        return v

    @property
    def outlines(self) -> tuple[Floats, ...]:
        turn = np.linspace(0, 2 * np.pi, 361)
        return (np.stack([2 * np.cos(turn), np.sin(turn)], axis=1),)

    def graticule(self, step: float) -> tuple[Line, ...]:
        up = np.linspace(-90, 90, 181)
        meridians = [
            Line(self.forward(unit_vectors(az, up)), "meridian", az) for az in multiples(step, 180)
        ]
        parallels = [Line(self._parallel(el), "parallel", el) for el in multiples(step, 90)]
        return (*meridians, *parallels)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        left = [Tick(*self._rim(el), f"{signed(el)}°", _beside(el)) for el in (0, 60, -60, 30, -30)]
        along = [Tick(az / 90, 0.0, f"{signed(az)}°", "bottom") for az in (0, -120, 120, -60, 60)]
        return (*left, *along)

    def _rim(self, elevation: float) -> tuple[float, float]:
        """Where a parallel meets the outline on the left."""
        x, y = self._parallel(elevation)[0]
        return float(x), float(y)

    def _parallel(self, elevation: float) -> Floats:
        """(2, 2): from outline to outline, a straight line."""
        y = float(self.forward(unit_vectors(0.0, elevation))[1])
        width = 2 * np.sqrt(1 - y * y)
        return np.array([(-width, y), (width, y)])


def _beside(elevation: float) -> Side:
    """The side of the left outline on which it bends away from the text."""
    if elevation == 0:
        return "left"
    return "top left" if elevation > 0 else "bottom left"


def _u_minus_sin(u: Floats) -> Floats:
    """u - sin u, by its series where the difference would lose digits."""
    square = u * u
    series = u * square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72)))
    return np.where(u < 0.1, series, u - np.sin(u))


def _solve(t: Floats) -> Floats:
    """The u in 0..π with u - sin u = t, for t in 0..π: Newton from the cube root, exact in six."""
    u = np.cbrt(6 * t)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(6):
            step = (_u_minus_sin(u) - t) / (2 * np.sin(u / 2) ** 2)
            u = np.where(t > 0, u - step, t)
    return u


CHART = Mollweide()
