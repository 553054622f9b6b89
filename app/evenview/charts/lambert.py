"""Lambert's azimuthal equal-area discs, top and bottom hemisphere."""

from __future__ import annotations

import numpy as np

from evenview.charts.base import Floats
from evenview.charts.discs import DiscPair


class Lambert(DiscPair):
    """Equal areas: r² = 1 - |z|. Snyder, USGS 1395 (1987), section 24, scaled to radius 1."""

    name = "lambert"
    title = "Lambert discs (equal area)"
    key = "3"

    def radius(self, height: Floats, level: Floats) -> Floats:
        # level² / (1 + |z|) is 1 - |z| with all its digits.
        return level / np.sqrt(1 + height)

    def level_height(self, radius: Floats) -> tuple[Floats, Floats]:
        square = radius * radius
        return radius * np.sqrt(2 - square), 1 - square


CHART = Lambert()
