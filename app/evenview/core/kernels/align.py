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


@njit(cache=True, nogil=True, fastmath=True)
def _six(place: float, table: Any, weights: Any) -> int:
    """Weights of six neighbours; returns the first one's index."""
    base = int(np.floor(place))
    scale = np.float32((table.shape[0] - 1) / 3.0)
    for i in range(6):
        at = min(np.float32(abs(place - (base - 2 + i))), np.float32(2.999999)) * scale
        low = int(at)
        part = at - np.float32(low)
        weights[i] = table[low] + part * (table[low + 1] - table[low])
    return base - 2


@njit(cache=True, nogil=True, fastmath=True)
def _inside(flat: Any, my: int, mx: int, jx: int, jy: int, jz: int, w: Any) -> Any:
    """The sum over 6 x 6 x 6 neighbours from (jx, jy, jz) on, none of which is beyond the end."""
    s0 = s1 = s2 = s3 = s4 = s5 = np.float32(0)
    for c in range(6):
        for b in range(6):
            at = ((jz + c) * my + jy + b) * mx + jx
            weight = w[2, c] * w[1, b]
            s0 += weight * flat[at]
            s1 += weight * flat[at + 1]
            s2 += weight * flat[at + 2]
            s3 += weight * flat[at + 3]
            s4 += weight * flat[at + 4]
            s5 += weight * flat[at + 5]
    return (
        (w[0, 0] * s0 + w[0, 1] * s1)
        + (w[0, 2] * s2 + w[0, 3] * s3)
        + (w[0, 4] * s4 + w[0, 5] * s5)
    )


@njit(cache=True, nogil=True, fastmath=True)
def _around(fine: Any, jx: int, jy: int, jz: int, w: Any) -> Any:
    """The same where neighbours are beyond an end, so at the other one."""
    mz, my, mx = fine.shape
    total = np.float32(0)
    for c in range(6):
        for b in range(6):
            for a in range(6):
                value = fine[(jz + c) % mz, (jy + b) % my, (jx + a) % mx]
                total += w[2, c] * w[1, b] * w[0, a] * value
    return total


@njit(cache=True, nogil=True, fastmath=True)
def moved_sections(
    fine: Any,
    table: Any,
    matrix: Any,
    offset: Any,
    ends: Any,
    outside: float,
    start: int,
    step: int,
    out: Any,
) -> None:
    """Every `step`-th section from `start` on of a map that is sampled from a finer one.

    Parameters
    ----------
    fine
        (Z, Y, X), one period of it.
    matrix, offset
        The voxel (x, y, z) of `out` is at ``matrix @ (x, y, z) + offset`` in `fine`, in voxels.
    ends
        (3, 2) first and last place x, y, z of `fine` that the map reaches; beyond is `outside`.
    """
    nz, ny, nx = out.shape
    mz, my, mx = fine.shape
    flat = fine.reshape(-1)
    w = np.empty((3, 6), np.float32)
    for k in range(start, nz, step):
        for j in range(ny):
            for i in range(nx):
                x = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2] * k + offset[0]
                y = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2] * k + offset[1]
                z = matrix[2, 0] * i + matrix[2, 1] * j + matrix[2, 2] * k + offset[2]
                away = x < ends[0, 0] or x > ends[0, 1] or y < ends[1, 0] or y > ends[1, 1]
                if away or z < ends[2, 0] or z > ends[2, 1]:
                    out[k, j, i] = outside
                    continue
                jx, jy, jz = _six(x, table, w[0]), _six(y, table, w[1]), _six(z, table, w[2])
                beyond = jx < 0 or jy < 0 or jz < 0 or jx + 6 > mx or jy + 6 > my or jz + 6 > mz
                if beyond:
                    out[k, j, i] = _around(fine, jx, jy, jz, w)
                else:
                    out[k, j, i] = _inside(flat, my, mx, jx, jy, jz, w)


@njit(cache=True, nogil=True, fastmath=True)
def keep_what_fits(
    transform: Any, step: Any, matrix: Any, limit: Any, first: int, last: int
) -> None:
    """Set to 0 what another grid cannot hold, in sections `first` to `last` of an ``rfftn``.

    Parameters
    ----------
    step
        (3,) x, y, z: the frequency of one index, 1/Å.
    matrix
        M: the frequency k is at M k once the map has moved.
    limit
        (3,) the largest frequency of the other grid along its x, y, z.
    """
    nz, ny, nx = transform.shape
    for c in range(first, last):
        z = (c if c <= nz // 2 else c - nz) * step[2]
        for b in range(ny):
            y = (b if b <= ny // 2 else b - ny) * step[1]
            for a in range(nx):
                x = a * step[0]
                for i in range(3):
                    along = matrix[i, 0] * x + matrix[i, 1] * y + matrix[i, 2] * z
                    if abs(along) > limit[i]:
                        transform[c, b, a] = 0
                        break


@njit(cache=True, nogil=True)
def shell_products(first: Any, second: Any, step: Any, start: int, stride: int, sums: Any) -> None:
    """Add Re F1 F2*, |F1|² and |F2|² of every `stride`-th section to the shells of `sums` (S, 3).

    `step` (3,) x, y, z is one index of an ``rfftn`` in shells. Voxels stand for their opposite
    ones, too; shells beyond the last are left out.
    """
    nz, ny, nx = first.shape
    last = sums.shape[0] - 1
    for c in range(start, nz, stride):
        z = (c if c <= nz // 2 else c - nz) * step[2]
        for b in range(ny):
            y = (b if b <= ny // 2 else b - ny) * step[1]
            for a in range(nx):
                x = a * step[0]
                shell = int(np.sqrt(x * x + y * y + z * z) + 0.5)
                if shell > last:
                    break
                twice = 1.0 if a == 0 else 2.0
                f, g = first[c, b, a], second[c, b, a]
                sums[shell, 0] += twice * (f.real * g.real + f.imag * g.imag)
                sums[shell, 1] += twice * (f.real * f.real + f.imag * f.imag)
                sums[shell, 2] += twice * (g.real * g.real + g.imag * g.imag)
