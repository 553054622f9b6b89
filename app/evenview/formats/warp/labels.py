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


def positions(table: Table, point: int) -> Floats | None:
    """The positions (N, 3), Å, at a point in time; None where there are none."""
    names = position(point)
    if not set(names).issubset(table.numeric_columns):
        return None
    return np.column_stack([table.numeric(name) for name in names])


def deep(table: Table) -> bool:
    """Whether the particles are in tomograms: a z is other than 0, which M writes for images."""
    first = positions(table, 1)
    return first is not None and bool(np.nan_to_num(first[:, 2]).any())
