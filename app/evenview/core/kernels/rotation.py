"""Row-by-row conversions between Euler angles, rotation vectors, quaternions and directions."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows

Array = NDArray[np.float64]

_DEGREE = math.pi / 180.0


@njit(cache=True, nogil=True, inline="always")
def _sin_cos_degrees(angle: float) -> tuple[float, float]:
    # Reduced by quarter turns, so that multiples of 90 degrees give exact zeros and ones.
    turn = np.fmod(angle, 360.0)
    quarter = math.floor(turn / 90.0 + 0.5)
    rest = (turn - 90.0 * quarter) * _DEGREE
    s = math.sin(rest)
    c = math.cos(rest)
    k = int(quarter) & 3
    if k == 0:
        return s, c
    if k == 1:
        return c, -s
    if k == 2:
        return -s, -c
    return -c, s


@njit(cache=True, nogil=True, inline="always")
def _store_canonical(out: Array, i: int, w: float, x: float, y: float, z: float) -> None:
    # q and -q are one rotation: w >= 0, and for half turns the first part that is not 0 is > 0.
    lead = w
    if lead == 0.0:
        lead = x
    if lead == 0.0:
        lead = y
    if lead == 0.0:
        lead = z
    sign = -1.0 if lead < 0.0 else 1.0
    # Adding 0 turns -0 into 0.
    out[i, 0] = sign * w + 0.0
    out[i, 1] = sign * x + 0.0
    out[i, 2] = sign * y + 0.0
    out[i, 3] = sign * z + 0.0


@njit(cache=True, nogil=True, inline="always")
def _wrap_degrees(angle: float) -> float:
    # (-360, 360] to (-180, 180]
    if angle > 180.0:
        return angle - 360.0
    if angle <= -180.0:
        return angle + 360.0
    return angle + 0.0


@over_rows(0, 1, 2, 3)
def quaternions_from_zyz(rot: Array, tilt: Array, psi: Array, out: Array) -> None:
    """Fill `out` (N, 4) with the quaternions of ``[Rz(rot) Ry(tilt) Rz(psi)]^T``, degrees."""
    for i in range(len(out)):
        # A sum of reduced angles keeps its last digits where raw ones of 1e5 degrees lose them.
        a = np.fmod(rot[i], 360.0)
        b = np.fmod(tilt[i], 720.0)
        c = np.fmod(psi[i], 360.0)
        if not math.isfinite(a + b + c):
            out[i] = math.nan
            continue
        sin_sum, cos_sum = _sin_cos_degrees(0.5 * (a + c))
        sin_diff, cos_diff = _sin_cos_degrees(0.5 * (a - c))
        s, t = _sin_cos_degrees(0.5 * b)
        _store_canonical(out, i, t * cos_sum, s * sin_diff, -s * cos_diff, -t * sin_sum)


@over_rows(0, 2)
def zyz_from_quaternions(q: Array, pole: float, out: Array) -> None:
    """Fill `out` (N, 3) with rot, tilt, psi in degrees; snapped where sin(tilt) < `pole`."""
    for i in range(len(q)):
        w, x, y, z = q[i, 0], q[i, 1], q[i, 2], q[i, 3]
        if not math.isfinite(w + x + y + z):
            out[i] = math.nan
            continue
        across = math.hypot(x, y)
        along = math.hypot(w, z)
        half_sum = math.atan2(-z, w) / _DEGREE
        half_diff = math.atan2(x, -y) / _DEGREE
        if 2.0 * across * along >= pole * (across * across + along * along):
            out[i, 0] = _wrap_degrees(half_sum + half_diff)
            out[i, 1] = 2.0 * math.atan2(across, along) / _DEGREE
            out[i, 2] = _wrap_degrees(half_sum - half_diff)
        elif along > across:
            out[i, 0] = 0.0
            out[i, 1] = 0.0
            out[i, 2] = _wrap_degrees(2.0 * half_sum)
        else:
            out[i, 0] = 0.0
            out[i, 1] = 180.0
            out[i, 2] = _wrap_degrees(-2.0 * half_diff)


@over_rows(0, 1)
def quaternions_from_poses(pose: Array, out: Array) -> None:
    """Fill `out` (N, 4) with the quaternions of ``expm(-[p]x)``, radians."""
    for i in range(len(pose)):
        px, py, pz = pose[i, 0], pose[i, 1], pose[i, 2]
        angle = math.sqrt(px * px + py * py + pz * pz)
        if not math.isfinite(angle):
            out[i] = math.nan
            continue
        half = 0.5 * angle
        # sin(half) / angle, from its series where the quotient would be 0 / 0
        scale = math.sin(half) / angle if angle > 1e-4 else 0.5 - half * half / 12.0
        _store_canonical(out, i, math.cos(half), -scale * px, -scale * py, -scale * pz)


@over_rows(0, 1)
def poses_from_quaternions(q: Array, out: Array) -> None:
    """Fill `out` (N, 3) with rotation vectors p of ``A = expm(-[p]x)``, radians, |p| <= pi."""
    for i in range(len(q)):
        w, x, y, z = q[i, 0], q[i, 1], q[i, 2], q[i, 3]
        length = math.sqrt(x * x + y * y + z * z)
        norm = math.hypot(w, length)
        if not math.isfinite(norm) or norm == 0.0:
            out[i] = math.nan
            continue
        sine = length / norm
        # 2 asin(s) / s is 2 to double precision for so small an angle
        scale = -2.0 / norm
        if sine > 1e-8:
            scale = -2.0 * math.atan2(length, abs(w)) / length
        if w < 0.0:
            scale = -scale
        out[i, 0] = scale * x + 0.0
        out[i, 1] = scale * y + 0.0
        out[i, 2] = scale * z + 0.0


@njit(cache=True, nogil=True, inline="always")
def _direction(w: float, x: float, y: float, z: float) -> tuple[float, float, float]:
    norm = w * w + x * x + y * y + z * z
    if not norm > 0.0:
        return math.nan, math.nan, math.nan
    scale = 1.0 / norm
    return (
        2.0 * scale * (x * z - w * y),
        2.0 * scale * (y * z + w * x),
        scale * (w * w + z * z - x * x - y * y),
    )


@over_rows(0, 1)
def directions(q: Array, out: Array) -> None:
    """Fill `out` (N, 3) with the third rows of the matrices of `q` (N, 4)."""
    for i in range(len(q)):
        vx, vy, vz = _direction(q[i, 0], q[i, 1], q[i, 2], q[i, 3])
        out[i, 0] = vx
        out[i, 1] = vy
        out[i, 2] = vz


@over_rows(0, 2)
def azimuth_elevation(v: Array, pole: float, out: Array) -> None:
    """Fill `out` (N, 2) with degrees; azimuth is 0 within `pole` (of the radius) of the z axis."""
    for i in range(len(v)):
        vx, vy, vz = v[i, 0], v[i, 1], v[i, 2]
        across = math.hypot(vx, vy)
        norm = math.hypot(across, vz)
        if not math.isfinite(norm) or norm == 0.0:
            out[i] = math.nan
            continue
        azimuth = math.atan2(vy, vx) / _DEGREE if across > pole * norm else 0.0
        out[i, 0] = _wrap_degrees(azimuth)
        out[i, 1] = math.atan2(vz, across) / _DEGREE
