"""M's columns (``Species.cs``): each pose and each position has one for every point in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenview.core.particles import Table
from evenview.formats.angles import Floats

HALF, SOURCE, HASH = "wrpRandomSubset", "wrpSourceName", "wrpSourceHash"


def angles(point: int) -> tuple[str, str, str]:
    """RELION's rot, tilt and psi at a point in time, from 1."""
    return f"wrpAngleRot{point}", f"wrpAngleTilt{point}", f"wrpAnglePsi{point}"


def position(point: int) -> tuple[str, str, str]:
    """x, y and z at a point in time, from 1."""
    return f"wrpCoordinateX{point}", f"wrpCoordinateY{point}", f"wrpCoordinateZ{point}"


def angle_points(columns: Sequence[str]) -> int:
    """How many points in time have all three angles."""
    point = 0
    while set(angles(point + 1)).issubset(columns):
        point += 1
    return point


def position_points(columns: Sequence[str]) -> int:
    """How many points in time have all of a position."""
    point = 0
    while set(position(point + 1)).issubset(columns):
        point += 1
    return point


def deep(table: Table) -> bool:
    """Whether the particles of a file are in tomograms, see `are_deep`; not without positions."""
    if not position_points(table.numeric_columns):
        return False
    return bool(np.nan_to_num(table.numeric(position(1)[2])).any())


def are_deep(positions: Floats) -> bool:
    """Whether some positions (N, 3) are in tomograms: a z is not 0, which M writes for images."""
    return bool(np.nan_to_num(positions[:, 2]).any())
