"""Stereographic discs, top and bottom hemisphere: angles are true."""

from __future__ import annotations

from evenview.charts.base import Floats
from evenview.charts.discs import DiscPair


class Stereographic(DiscPair):
    """Conformal: r = tan(c / 2), c the angle from the pole. Snyder, USGS 1395, section 21."""

    name = "stereographic"
    title = "Stereographic discs (true angles)"
    key = "5"

    def radius(self, height: Floats, level: Floats) -> Floats:
        return level / (1 + height)

    def level_height(self, radius: Floats) -> tuple[Floats, Floats]:
        square = radius * radius
        return 2 * radius / (1 + square), (1 - square) / (1 + square)


CHART = Stereographic()
