"""Angles in the wrong unit, told by how they spread."""

from __future__ import annotations

import math

import numpy as np

from evenview.checks.sheet import Floats

_TURN = 360.0
_LEAST_ROWS, _WHOLE_TURN = 20, 4.0


def converted_twice(angles: Floats) -> bool:
    """Whether degrees (N,) were taken for radians and converted once more.

    Most are then beyond a turn, and none beyond 57.3 turns.
    """
    size = np.abs(angles[np.isfinite(angles)])
    if not len(size):
        return False
    return bool((size > _TURN).mean() > 0.5 and np.radians(size.max()) <= _TURN)


def like_radians(angles: Floats) -> bool:
    """Whether RELION's three angles (N, 3) are in radians: in-plane angles fill a whole turn."""
    found = angles[np.isfinite(angles).all(axis=1)]
    if len(found) < _LEAST_ROWS or not found.any():
        return False
    return bool(np.abs(found).max() <= 2 * math.pi and np.ptp(found[:, 2]) > _WHOLE_TURN)


def like_degrees(poses: Floats) -> bool:
    """Whether rotation vectors (N, 3) are in degrees: their lengths go far beyond a turn."""
    lengths = np.linalg.norm(poses[np.isfinite(poses).all(axis=1)], axis=1)
    return bool(len(lengths) and np.median(lengths) > 2 * math.pi and lengths.max() <= 2 * _TURN)
