"""Azimuth × elevation cell of a direction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows

# In cells: azimuths such as 5° are not numbers of a computer, and a search grid's own angles must
# all fall on the same side of a border that they lie on.
_BORDER = 1e-9
# As `evenview.core.convention` has it: nearer to a pole an azimuth is noise, and called 0.
_POLE = 1e-12


@njit(cache=True, inline="always")
def cell_index(x: float, y: float, z: float, rows: int) -> int:
    """Cell of one direction of any length; -1 where it has none."""
    length = math.sqrt(x * x + y * y + z * z)
    if not 0.0 < length < math.inf:
        return -1
    per_radian = rows / math.pi
    radius = math.sqrt(x * x + y * y)
    elevation = math.atan2(z, radius)
    azimuth = math.atan2(y, x) if radius > _POLE * length else 0.0
    row = int((elevation + 0.5 * math.pi) * per_radian + _BORDER)
    column = int((azimuth + math.pi) * per_radian + _BORDER)
    return min(row, rows - 1) * 2 * rows + column % (2 * rows)


@over_rows(0, 2)
def index_of(v: NDArray[np.float64], rows: int, out: NDArray[Any]) -> None:
    """Fill ``out`` (N,) int32 with the cells of ``v`` (N, 3)."""
    for i in range(len(v)):
        out[i] = cell_index(v[i, 0], v[i, 1], v[i, 2], rows)
