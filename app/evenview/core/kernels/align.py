"""Loops of aligning maps: Fourier transforms between lattice points, and what a fit needs of them.

Coordinates of Fourier space are in shells: 1 is one period across the side of the common box.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: What `shell_sums` adds up: F1 G*, |F1|², |G|², J* F1 (6), J* G (6), J* J (21, upper triangle).
SUMS = 36

_TWO_PI = 2.0 * np.pi


@njit(cache=True, nogil=True, fastmath=True)
def _weights(place: float, table: Any, values: Any, slopes: Any) -> int:
    """Weights of four neighbours and their derivatives; returns the first neighbour's index."""
    base = int(np.floor(place))
    scale = (table.shape[1] - 1) / 2.0
    for i in range(4):
        off = place - (base - 1 + i)
        at = min(abs(off), 1.999999) * scale
        low = int(at)
        part = at - low
        values[i] = table[0, low] + part * (table[0, low + 1] - table[0, low])
        slope = table[1, low] + part * (table[1, low + 1] - table[1, low])
        slopes[i] = slope if off > 0 else -slope
    return base - 1


@njit(cache=True, nogil=True, fastmath=True)
def _interpolate(grid: Any, table: Any, x: float, y: float, z: float, w: Any) -> Any:
    """The transform at a point and its derivatives along x, y, z; `w` (6, 4) is room."""
    mirrored = x < 0
    if mirrored:
        x, y, z = -x, -y, -z
    reach = grid.shape[0] // 2
    jx = _weights(2.0 * x, table, w[0], w[1]) + 3
    jy = _weights(2.0 * y, table, w[2], w[3]) + reach
    jz = _weights(2.0 * z, table, w[4], w[5]) + reach
    g = gx = gy = gz = np.complex64(0)
    for c in range(4):
        plane = along_x = along_y = np.complex64(0)
        for b in range(4):
            value = slope = np.complex64(0)
            for a in range(4):
                f = grid[jz + c, jy + b, jx + a]
                value += w[0, a] * f
                slope += w[1, a] * f
            plane += w[2, b] * value
            along_x += w[2, b] * slope
            along_y += w[3, b] * value
        g += w[4, c] * plane
        gx += w[4, c] * along_x
        gy += w[4, c] * along_y
        gz += w[5, c] * plane
    if mirrored:  # F(-k) = F(k)*, and the derivative changes its sign
        return np.conj(g), -2 * np.conj(gx), -2 * np.conj(gy), -2 * np.conj(gz)
    return g, 2 * gx, 2 * gy, 2 * gz


@njit(cache=True, nogil=True, fastmath=True)
def sample(grid: Any, table: Any, points: Any, matrix: Any, shift: Any, out: Any) -> None:
    """The transform of the moved map at points (N, 3): F(M^T p) exp(-2 pi i p·t).

    `grid` and `table` are those of a `Grid`; `shift` (3,) is in sides of the box.
    """
    w = np.empty((6, 4), np.float32)
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        x = matrix[0, 0] * px + matrix[1, 0] * py + matrix[2, 0] * pz
        y = matrix[0, 1] * px + matrix[1, 1] * py + matrix[2, 1] * pz
        z = matrix[0, 2] * px + matrix[1, 2] * py + matrix[2, 2] * pz
        g = _interpolate(grid, table, x, y, z, w)[0]
        phase = -_TWO_PI * (px * shift[0] + py * shift[1] + pz * shift[2])
        out[i] = g * complex(np.cos(phase), np.sin(phase))


@njit(cache=True, nogil=True, fastmath=True)
def shell_sums(
    grid: Any,
    table: Any,
    points: Any,
    shells: Any,
    values: Any,
    matrix: Any,
    shift: Any,
    sums: Any,
) -> None:
    """Add what a step of Gauss and Newton needs to `sums` (S, `SUMS`), by shell.

    Parameters
    ----------
    points, shells, values
        (N, 3) in shells, (N,) and (N,): where the reference was sampled, and what is there.
    matrix, shift
        M (3, 3) and t (3,), in sides of the box, of the moving map.

    Notes
    -----
    G(p) = F(M^T p) exp(-2 pi i p·t). A further small turn w about the centre takes M^T p to
    M^T (p - w x p), so that dG/dw = (M grad F) x p; dG/dt = -2 pi i p G.
    """
    w = np.empty((6, 4), np.float32)
    j = np.empty(6, np.complex128)
    for i in range(points.shape[0]):
        px, py, pz = float(points[i, 0]), float(points[i, 1]), float(points[i, 2])
        x = matrix[0, 0] * px + matrix[1, 0] * py + matrix[2, 0] * pz
        y = matrix[0, 1] * px + matrix[1, 1] * py + matrix[2, 1] * pz
        z = matrix[0, 2] * px + matrix[1, 2] * py + matrix[2, 2] * pz
        g, fx, fy, fz = _interpolate(grid, table, x, y, z, w)
        angle = -_TWO_PI * (px * shift[0] + py * shift[1] + pz * shift[2])
        phase = complex(np.cos(angle), np.sin(angle))
        g, fx, fy, fz = g * phase, fx * phase, fy * phase, fz * phase
        ux = matrix[0, 0] * fx + matrix[0, 1] * fy + matrix[0, 2] * fz
        uy = matrix[1, 0] * fx + matrix[1, 1] * fy + matrix[1, 2] * fz
        uz = matrix[2, 0] * fx + matrix[2, 1] * fy + matrix[2, 2] * fz
        j[0] = uy * pz - uz * py
        j[1] = uz * px - ux * pz
        j[2] = ux * py - uy * px
        turned = complex(_TWO_PI * g.imag, -_TWO_PI * g.real)
        j[3], j[4], j[5] = px * turned, py * turned, pz * turned
        f = values[i]
        total = sums[shells[i]]
        total[0] += f.real * g.real + f.imag * g.imag
        total[1] += f.real * f.real + f.imag * f.imag
        total[2] += g.real * g.real + g.imag * g.imag
        at = 15
        for a in range(6):
            total[3 + a] += j[a].real * f.real + j[a].imag * f.imag
            total[9 + a] += j[a].real * g.real + j[a].imag * g.imag
            for b in range(a, 6):
                total[at] += j[a].real * j[b].real + j[a].imag * j[b].imag
                at += 1


@njit(cache=True, nogil=True, fastmath=True)
def _linear(grid: Any, x: float, y: float, z: float) -> Any:
    """The transform at a point, from its eight neighbours."""
    mirrored = x < 0
    if mirrored:
        x, y, z = -x, -y, -z
    x, y, z = 2.0 * x, 2.0 * y, 2.0 * z
    ix, iy, iz = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
    fx, fy, fz = np.float32(x - ix), np.float32(y - iy), np.float32(z - iz)
    reach = grid.shape[0] // 2
    ix, iy, iz = ix + 3, iy + reach, iz + reach
    one = np.float32(1)
    a00 = grid[iz, iy, ix] * (one - fx) + grid[iz, iy, ix + 1] * fx
    a01 = grid[iz, iy + 1, ix] * (one - fx) + grid[iz, iy + 1, ix + 1] * fx
    a10 = grid[iz + 1, iy, ix] * (one - fx) + grid[iz + 1, iy, ix + 1] * fx
    a11 = grid[iz + 1, iy + 1, ix] * (one - fx) + grid[iz + 1, iy + 1, ix + 1] * fx
    value = (a00 * (one - fy) + a01 * fy) * (one - fz) + (a10 * (one - fy) + a11 * fy) * fz
    return np.conj(value) if mirrored else value


@njit(cache=True, nogil=True, fastmath=True)
def products(grid: Any, points: Any, values: Any, matrix: Any, out: Any) -> None:
    """Fill (m, m, m) with the transform of two correlations over all shifts.

    The map of one hand becomes the real part of its Fourier transform, that of the other hand
    (inverted: its transform is the conjugate) the imaginary part.

    Parameters
    ----------
    points, values
        (N, 3) whole numbers, one of each opposite pair, and F1 there.
    matrix
        R (3, 3), proper.
    """
    m = out.shape[0]
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        x = matrix[0, 0] * px + matrix[1, 0] * py + matrix[2, 0] * pz
        y = matrix[0, 1] * px + matrix[1, 1] * py + matrix[2, 1] * pz
        z = matrix[0, 2] * px + matrix[1, 2] * py + matrix[2, 2] * pz
        g = _linear(grid, x, y, z)
        f = np.conj(values[i])
        same, other = f * g, f * np.conj(g)
        jx, jy, jz = int(px), int(py), int(pz)
        out[jz % m, jy % m, jx % m] = same + 1j * other
        out[-jz % m, -jy % m, -jx % m] = np.conj(same) + 1j * np.conj(other)


@njit(cache=True, nogil=True)
def peaks(correlation: Any, allowed: Any, values: Any, places: Any) -> None:
    """The largest real and imaginary part (2,), and where they are, among `allowed` voxels (V,)."""
    flat = correlation.reshape(-1)
    values[0] = values[1] = -np.inf
    for i in range(allowed.shape[0]):
        v = flat[allowed[i]]
        if v.real > values[0]:
            values[0], places[0] = v.real, allowed[i]
        if v.imag > values[1]:
            values[1], places[1] = v.imag, allowed[i]
