"""HEALPix RING pixel of a direction (Górski et al. 2005, ApJ 622, 759, section 5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows

_QUARTERS = 2.0 / math.pi


@njit(cache=True, inline="always")
def _belt(tt: float, z: float, nside: int) -> int:
    """Pixel for |z| ≤ 2/3: the crossing of one rising and one falling edge line."""
    rising = int(nside * (0.5 + tt) - nside * z * 0.75)
    falling = int(nside * (0.5 + tt) + nside * z * 0.75)
    ring = nside + 1 + rising - falling
    shift = 1 - (ring & 1)
    along = ((rising + falling - nside + shift + 1 + 8 * nside) >> 1) & (4 * nside - 1)
    return 2 * nside * (nside - 1) + (ring - 1) * 4 * nside + along


@njit(cache=True, inline="always")
def _cap(tt: float, z: float, radius: float, nside: int) -> int:
    """Pixel for |z| > 2/3; ``radius`` is nside·√(3(1−|z|)), the ring number as a real number."""
    within = tt - int(tt)
    ring = int(within * radius) + int((1.0 - within) * radius) + 1
    along = int(tt * ring)
    if z > 0:
        return 2 * ring * (ring - 1) + along
    return 12 * nside * nside - 2 * ring * (ring + 1) + along


@njit(cache=True, inline="always")
def ring_index(x: float, y: float, z: float, nside: int) -> int:
    """Pixel of one direction of any length; -1 where it has none.

    Operation for operation as the HEALPix C++ library orders them, so that a direction on a
    border falls on the same side as in healpy.
    """
    length = math.sqrt(x * x + y * y + z * z)
    if not 0.0 < length < math.inf:
        return -1
    inverse = 1.0 / length
    nz = z * inverse
    tt = math.atan2(y, x) * _QUARTERS if x != 0.0 or y != 0.0 else 0.0  # -0.0 would give π
    if tt < 0.0:
        tt += 4.0
    if tt >= 4.0:
        tt = 0.0
    za = abs(nz)
    if za <= 2.0 / 3.0:
        return _belt(tt, nz, nside)
    if za <= 0.99:
        return _cap(tt, nz, nside * math.sqrt(3.0 * (1.0 - za)), nside)
    sine = math.sqrt(x * x + y * y) * inverse
    return _cap(tt, nz, nside * sine / math.sqrt((1.0 + za) / 3.0), nside)


@over_rows(0, 2)
def index_of(v: NDArray[np.float64], nside: int, out: NDArray[Any]) -> None:
    """Fill ``out`` (N,) int32 with the RING pixels of ``v`` (N, 3)."""
    for i in range(len(v)):
        out[i] = ring_index(v[i, 0], v[i, 1], v[i, 2], nside)
