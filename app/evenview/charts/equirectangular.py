"""Azimuth against elevation, a degree as long in both, with the stretch written beside it."""

from __future__ import annotations

from evenview.charts.base import Tick
from evenview.charts.cylinder import PlateCarree


class Equirectangular(PlateCarree):
    """The plate carrée: true 2:1, and on the right how many times too wide each parallel is.

    It differs from the az/el plot in its shape and in saying what the plane does: a bin at
    elevation e is drawn 1 / cos(e) times too wide, so that equal areas look larger near the poles.
    """

    name = "equirectangular"
    title = "Equirectangular"
    key = "4"
    aspect = 2.0
    right_title = "drawn too wide by"

    @property
    def ticks(self) -> tuple[Tick, ...]:
        # Elevations at which 1 / cos(e) is 1, 1.15, 2 and 3.86.
        stretch = {0: "× 1", 30: "× 1.2", 60: "× 2", 75: "× 3.9"}
        right = [
            Tick(180, sign * y, text, "right", mark=True)
            for y, text in stretch.items()
            for sign in ((1, -1) if y else (1,))
        ]
        return (*super().ticks, *right)


CHART = Equirectangular()
