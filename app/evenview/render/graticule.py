"""Quiet lines of the sphere: meridians, parallels, the limb."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.charts.base import unit_vectors
from evenview.render.lines import segments_of

LIFT = 1.0015  # lines lie a hair above the bins


def sphere_graticule(step: float = 30.0) -> NDArray[np.float64]:
    """Pieces (K, 2, 3) of meridians and parallels every `step` degrees, the equator included."""
    elevations = np.arange(-90 + step, 90, step)
    azimuths = np.arange(-180, 180, step)
    parallels = [_line(np.linspace(-180, 180, 121), np.full(121, el)) for el in elevations]
    ends = 90 - step / 3  # all meridians in one point would be a blot
    meridians = [
        _line(
            np.full(61, az),
            np.linspace(-90, 90, 61) if az % 90 == 0 else np.linspace(-ends, ends, 61),
        )
        for az in azimuths
    ]
    return np.concatenate([segments_of(line) for line in (*parallels, *meridians)])


def limb() -> NDArray[np.float64]:
    """Pieces (K, 2, 3) of the circle that bounds what a viewer sees, in the viewer's axes."""
    turn = np.linspace(0, 2 * np.pi, 181)
    return segments_of(np.stack([np.cos(turn), np.sin(turn), np.full(181, 1e-3)], axis=1))


def _line(azimuth: NDArray[np.float64], elevation: NDArray[np.float64]) -> NDArray[np.float64]:
    return LIFT * unit_vectors(azimuth, elevation)
