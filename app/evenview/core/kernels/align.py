"""Loops of aligning maps: Fourier transforms between lattice points, and what a fit needs of them.

Coordinates of Fourier space are in shells: 1 is one period across the side of the common box.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from evenview.core.kernels.lanes import added, joined, nothing, stored

#: What `shell_sums` adds up: F1 G*, |F1|², |G|², J* F1 (6), J* G (6), J* J (21, upper triangle).
SUMS = 36

_TWO_PI = 2.0 * np.pi


@njit(cache=True, nogil=True, fastmath=True)
def _weights(place: float, table: Any, values: Any, slopes: Any) -> int:
    """Weights of four neighbours and their derivatives; returns the first neighbour's index."""
    base = int(np.floor(place))
    at = np.float32(place - base) * np.float32(table.shape[0] - 1)
    low = int(at)
    part = at - np.float32(low)
    for i in range(4):
        values[i] = table[low, i] + part * (table[low + 1, i] - table[low, i])
        slopes[i] = table[low, 4 + i] + part * (table[low + 1, 4 + i] - table[low, 4 + i])
    return base - 1


@njit(cache=True, nogil=True, fastmath=True)
def sample(grid: Any, table: Any, points: Any, matrix: Any, shift: Any, out: Any) -> None:
    """The transform of the moved map at points (N, 3): F(M^T p) exp(-2 pi i p·t).

    `grid` is that of a `Grid` as pairs of float32 (Z, Y, 2 X), `table` its window; `shift` (3,) is
    in sides of the box.
    """
    reach, width = grid.shape[0] // 2, grid.shape[2]
    flat, plane = grid.reshape(-1), grid.shape[1] * width
    w, four = np.empty((6, 4), np.float32), np.empty(8, np.float32)
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        x = matrix[0, 0] * px + matrix[1, 0] * py + matrix[2, 0] * pz
        y = matrix[0, 1] * px + matrix[1, 1] * py + matrix[2, 1] * pz
        z = matrix[0, 2] * px + matrix[1, 2] * py + matrix[2, 2] * pz
        sign = -1.0 if x < 0 else 1.0
        jx = _weights(2.0 * sign * x, table, w[0], w[1]) + 3
        jy = _weights(2.0 * sign * y, table, w[2], w[3]) + reach
        jz = _weights(2.0 * sign * z, table, w[4], w[5]) + reach
        first = jz * plane + jy * width + 2 * jx
        total = nothing()
        for c in range(4):
            rows = nothing()
            for b in range(4):
                rows = added(rows, w[2, b], flat, first + c * plane + b * width)
            total = joined(total, w[4, c], rows)
        stored(total, four, 0)
        real = imaginary = np.float32(0)
        for a in range(4):
            real += w[0, a] * four[2 * a]
            imaginary += w[0, a] * four[2 * a + 1]
        phase = -_TWO_PI * (px * shift[0] + py * shift[1] + pz * shift[2])
        # F(-k) = F(k)*
        out[i] = complex(real, sign * imaginary) * complex(np.cos(phase), np.sin(phase))


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
    grid, table
        As for `sample`.
    points, shells, values
        (N, 3) in shells, (N,) and (N,): where the reference was sampled, and what is there.
    matrix, shift
        M (3, 3) and t (3,), in sides of the box, of the moving map.

    Notes
    -----
    G(p) = F(M^T p) exp(-2 pi i p·t). A further small turn w about the centre takes M^T p to
    M^T (p - w x p), so that dG/dw = (M grad F) x p; dG/dt = -2 pi i p G.
    """
    reach, width = grid.shape[0] // 2, grid.shape[2]
    flat, plane = grid.reshape(-1), grid.shape[1] * width
    w, room = np.empty((6, 4), np.float32), np.empty(24, np.float32)
    j = np.empty((6, 2), np.float64)
    for i in range(points.shape[0]):
        px, py, pz = float(points[i, 0]), float(points[i, 1]), float(points[i, 2])
        x = matrix[0, 0] * px + matrix[1, 0] * py + matrix[2, 0] * pz
        y = matrix[0, 1] * px + matrix[1, 1] * py + matrix[2, 1] * pz
        z = matrix[0, 2] * px + matrix[1, 2] * py + matrix[2, 2] * pz
        sign = -1.0 if x < 0 else 1.0
        jx = _weights(2.0 * sign * x, table, w[0], w[1]) + 3
        jy = _weights(2.0 * sign * y, table, w[2], w[3]) + reach
        jz = _weights(2.0 * sign * z, table, w[4], w[5]) + reach
        first = jz * plane + jy * width + 2 * jx
        value, along_y, along_z = nothing(), nothing(), nothing()
        for c in range(4):
            rows, slopes = nothing(), nothing()
            for b in range(4):
                at = first + c * plane + b * width
                rows = added(rows, w[2, b], flat, at)
                slopes = added(slopes, w[3, b], flat, at)
            value = joined(value, w[4, c], rows)
            along_y = joined(along_y, w[4, c], slopes)
            along_z = joined(along_z, w[5, c], rows)
        stored(value, room, 0)
        stored(along_y, room, 8)
        stored(along_z, room, 16)
        gr = gi = xr = xi = yr = yi = zr = zi = np.float32(0)
        for a in range(4):
            near, slope = w[0, a], w[1, a]
            gr += near * room[2 * a]
            gi += near * room[2 * a + 1]
            xr += slope * room[2 * a]
            xi += slope * room[2 * a + 1]
            yr += near * room[8 + 2 * a]
            yi += near * room[9 + 2 * a]
            zr += near * room[16 + 2 * a]
            zi += near * room[17 + 2 * a]
        angle = -_TWO_PI * (px * shift[0] + py * shift[1] + pz * shift[2])
        phase = complex(np.cos(angle), np.sin(angle))
        # F(-k) = F(k)*, and the derivative changes its sign; points are half a shell apart
        g = complex(gr, sign * gi) * phase
        fx = complex(2.0 * sign * xr, 2.0 * xi) * phase
        fy = complex(2.0 * sign * yr, 2.0 * yi) * phase
        fz = complex(2.0 * sign * zr, 2.0 * zi) * phase
        ux = matrix[0, 0] * fx + matrix[0, 1] * fy + matrix[0, 2] * fz
        uy = matrix[1, 0] * fx + matrix[1, 1] * fy + matrix[1, 2] * fz
        uz = matrix[2, 0] * fx + matrix[2, 1] * fy + matrix[2, 2] * fz
        turned = complex(_TWO_PI * g.imag, -_TWO_PI * g.real)
        _split(uy * pz - uz * py, j[0])
        _split(uz * px - ux * pz, j[1])
        _split(ux * py - uy * px, j[2])
        _split(px * turned, j[3])
        _split(py * turned, j[4])
        _split(pz * turned, j[5])
        fr, fi = float(values[i].real), float(values[i].imag)
        total = sums[shells[i]]
        total[0] += fr * g.real + fi * g.imag
        total[1] += fr * fr + fi * fi
        total[2] += g.real * g.real + g.imag * g.imag
        at = 15
        for a in range(6):
            total[3 + a] += j[a, 0] * fr + j[a, 1] * fi
            total[9 + a] += j[a, 0] * g.real + j[a, 1] * g.imag
            for b in range(a, 6):
                total[at] += j[a, 0] * j[b, 0] + j[a, 1] * j[b, 1]
                at += 1


@njit(cache=True, nogil=True, fastmath=True)
def _split(value: complex, out: Any) -> None:
    out[0], out[1] = value.real, value.imag


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
def products(grid: Any, points: Any, values: Any, places: Any, matrix: Any, out: Any) -> None:
    """Fill (m, m, m) with the transform of two correlations over all shifts.

    The map of one hand becomes the real part of its Fourier transform, that of the other hand
    (inverted: its transform is the conjugate) the imaginary part.

    Parameters
    ----------
    points, values
        (N, 3) whole numbers, one of each opposite pair, and F1 there.
    places
        (N, 2) where each point and the opposite one are in `out`, all of its axes in one.
    matrix
        R (3, 3), proper.
    """
    flat = out.reshape(-1)
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        x = matrix[0, 0] * px + matrix[1, 0] * py + matrix[2, 0] * pz
        y = matrix[0, 1] * px + matrix[1, 1] * py + matrix[2, 1] * pz
        z = matrix[0, 2] * px + matrix[1, 2] * py + matrix[2, 2] * pz
        g = _linear(grid, x, y, z)
        f = np.conj(values[i])
        same, other = f * g, f * np.conj(g)
        flat[places[i, 0]] = same + 1j * other
        flat[places[i, 1]] = np.conj(same) + 1j * np.conj(other)


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
