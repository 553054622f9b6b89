"""The plane of azimuth and elevation, in degrees; what the charts in that plane share."""

from __future__ import annotations

import numpy as np

from evenview.charts.base import (
    Chart,
    Floats,
    Line,
    Tick,
    azimuth_elevation,
    multiples,
    signed,
    unit_vectors,
)


class PlateCarree(Chart):
    """x is the azimuth, y the elevation, both in degrees; cut along azimuth ±180°."""

    extent = (-180.0, 180.0, -90.0, 90.0)
    x_title = "azimuth (°)"
    y_title = "elevation (°)"

    def forward(self, v: Floats) -> Floats:
        return np.stack(azimuth_elevation(v), axis=-1)

    def inverse(self, xy: Floats) -> Floats:
        x, y = np.moveaxis(np.asarray(xy, dtype=np.float64), -1, 0)
        inside = (np.abs(x) <= 180) & (np.abs(y) <= 90)
        return unit_vectors(np.where(inside, x, np.nan), np.where(inside, y, np.nan))

    @property
    def outlines(self) -> tuple[Floats, ...]:
        corners = [(-180, -90), (180, -90), (180, 90), (-180, 90), (-180, -90)]
        return (np.array(corners, dtype=np.float64),)

    def graticule(self, step: float) -> tuple[Line, ...]:
        meridians = [
            Line(np.array([(az, -90.0), (az, 90.0)]), "meridian", az) for az in multiples(step, 180)
        ]
        parallels = [
            Line(np.array([(-180.0, el), (180.0, el)]), "parallel", el)
            for el in multiples(step, 90)
        ]
        return (*meridians, *parallels)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        azimuths = (0, -180, 180, -60, 60, -120, 120)
        elevations = (0, -90, 90, -30, 30, -60, 60)
        below = [Tick(x, -90, signed(x), "bottom", mark=True) for x in azimuths]
        left = [Tick(-180, y, signed(y), "left", mark=True) for y in elevations]
        return (*below, *left)
