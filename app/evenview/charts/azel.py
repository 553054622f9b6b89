"""Azimuth against elevation in the shape of cryoSPARC's viewing direction plot."""

from __future__ import annotations

from evenview.charts.cylinder import PlateCarree


class AzEl(PlateCarree):
    """Azimuth -180° to 180° by elevation -90° to 90°, four wide and three high.

    cryoSPARC's "viewing direction distribution" plots azimuth atan2(y, x) in ±π against elevation
    asin(z) in ±π/2 in that shape; people recognise it. The ticks here are degrees.
    """

    name = "azel"
    title = "Azimuth / elevation (cryoSPARC)"
    key = "1"
    aspect = 4 / 3


CHART = AzEl()
