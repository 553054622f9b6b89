"""Loops of laying maps over each other: the moved map, what its voxels can hold, and shells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


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
def shell_products(
    first: Any, second: Any, n: int, step: Any, start: int, stride: int, sums: Any
) -> None:
    """Add Re F1 F2*, |F1|² and |F2|² of every `stride`-th section to the shells of `sums` (S, 3).

    `step` (3,) x, y, z is one index of an ``rfftn`` in shells, `n` the voxels along x. Columns
    stand for the opposite ones, too, where those are not there; shells beyond the last are left
    out.
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
                twice = 1.0 if a == 0 or 2 * a == n else 2.0
                f, g = first[c, b, a], second[c, b, a]
                sums[shell, 0] += twice * (f.real * g.real + f.imag * g.imag)
                sums[shell, 1] += twice * (f.real * f.real + f.imag * f.imag)
                sums[shell, 2] += twice * (g.real * g.real + g.imag * g.imag)
