"""Loops of laying maps over each other: the moved map, what its voxels can hold, and shells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from evenview.core.kernels.lanes import added, joined, nothing, stored

#: Voxels a side of a cube that is filled at once.
TILE = 16


@njit(cache=True, nogil=True, fastmath=True)
def _six(place: float, table: Any, weights: Any) -> int:
    """Weights of six neighbours; returns the first one's index."""
    base = int(np.floor(place))
    at = np.float32(place - base) * np.float32(table.shape[0] - 1)
    low = int(at)
    part = at - np.float32(low)
    for i in range(6):
        weights[i] = table[low, i] + part * (table[low + 1, i] - table[low, i])
    return base - 2


@njit(cache=True, nogil=True, fastmath=True)
def _inside(flat: Any, my: int, mx: int, jx: int, jy: int, jz: int, w: Any, row: Any) -> Any:
    """The sum over 6 x 6 x 6 neighbours from (jx, jy, jz) on; `row` (8,) is room.

    None of them may be beyond the end, nor the two after them in `flat`, which count nothing.
    """
    first = (jz * my + jy) * mx + jx
    total = nothing()
    for c in range(6):
        plane = nothing()
        for b in range(6):
            plane = added(plane, w[1, b], flat, first + (c * my + b) * mx)
        total = joined(total, w[2, c], plane)
    stored(total, row, 0)
    return (
        (w[0, 0] * row[0] + w[0, 1] * row[1])
        + (w[0, 2] * row[2] + w[0, 3] * row[3])
        + (w[0, 4] * row[4] + w[0, 5] * row[5])
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
    first: int,
    out: Any,
) -> None:
    """`TILE` sections from `first` on of a map that is sampled from a finer one.

    They are filled cube by cube, so that what a cube needs stays in the processor's memory.

    Parameters
    ----------
    fine
        (Z, Y, X), one period of it.
    table
        (T, 6) weights of six neighbours of a place after the third, by how far it is from there.
    matrix, offset
        The voxel (x, y, z) of `out` is at ``matrix @ (x, y, z) + offset`` in `fine`, in voxels.
    ends
        (3, 2) first and last place x, y, z of `fine` that the map reaches; beyond is `outside`.
    """
    nz, ny, nx = out.shape
    mz, my, mx = fine.shape
    flat = fine.reshape(-1)
    w, row = np.empty((3, 6), np.float32), np.empty(8, np.float32)
    for j0 in range(0, ny, TILE):
        for i0 in range(0, nx, TILE):
            for k in range(first, min(first + TILE, nz)):
                for j in range(j0, min(j0 + TILE, ny)):
                    for i in range(i0, min(i0 + TILE, nx)):
                        x = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2] * k + offset[0]
                        y = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2] * k + offset[1]
                        z = matrix[2, 0] * i + matrix[2, 1] * j + matrix[2, 2] * k + offset[2]
                        away = x < ends[0, 0] or x > ends[0, 1] or y < ends[1, 0] or y > ends[1, 1]
                        if away or z < ends[2, 0] or z > ends[2, 1]:
                            out[k, j, i] = outside
                            continue
                        jx, jy = _six(x, table, w[0]), _six(y, table, w[1])
                        jz = _six(z, table, w[2])
                        around = jx < 0 or jy < 0 or jz < 0
                        if around or jx + 8 > mx or jy + 6 > my or jz + 6 > mz:
                            out[k, j, i] = _around(fine, jx, jy, jz, w)
                        else:
                            out[k, j, i] = _inside(flat, my, mx, jx, jy, jz, w, row)


@njit(cache=True, nogil=True, fastmath=True)
def scale_what_fits(
    transform: Any, scales: Any, step: Any, matrix: Any, limit: Any, first: int, last: int
) -> None:
    """Scale sections `first` to `last` of an ``rfftn``, and set to 0 what another grid cannot hold.

    Parameters
    ----------
    scales
        z (Z,), y (Y,) and x (X,): each value is multiplied with all three.
    step
        (3,) x, y, z: the frequency of one index, 1/Å.
    matrix
        M: the frequency k is at M k once the map has moved.
    limit
        (3,) the largest frequency of the other grid along its x, y, z.
    """
    nz, ny, nx = transform.shape
    scale_z, scale_y, scale_x = scales
    for c in range(first, last):
        z = (c if c <= nz // 2 else c - nz) * step[2]
        for b in range(ny):
            y = (b if b <= ny // 2 else b - ny) * step[1]
            scale = scale_z[c] * scale_y[b]
            for a in range(nx):
                x = a * step[0]
                fits = True
                for i in range(3):
                    along = matrix[i, 0] * x + matrix[i, 1] * y + matrix[i, 2] * z
                    fits = fits and abs(along) <= limit[i]
                if fits:
                    transform[c, b, a] *= scale * scale_x[a]
                else:
                    transform[c, b, a] = 0


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


@njit(cache=True, nogil=True, fastmath=True)
def soft_ball(centre: Any, step: Any, end: float, edge: float, start: int, out: Any) -> None:
    """Fill sections from `start` on, `TILE` of them: 1 in a ball that falls to 0 at its `end`, Å.

    Parameters
    ----------
    centre, step
        (3,) x, y, z: the voxel in the middle, and Å a voxel.
    edge
        Å: how long it falls, as a cosine.
    """
    nz, ny, nx = out.shape
    inner = (end - edge) ** 2
    for k in range(start, min(start + TILE, nz)):
        z = (k - centre[2]) * step[2]
        for j in range(ny):
            y = (j - centre[1]) * step[1]
            for i in range(nx):
                x = (i - centre[0]) * step[0]
                square = x * x + y * y + z * z
                if square <= inner:
                    out[k, j, i] = 1
                elif square >= end * end:
                    out[k, j, i] = 0
                else:
                    fallen = (np.sqrt(square) - end) / edge + 1.0
                    out[k, j, i] = 0.5 + 0.5 * np.cos(np.pi * fallen)


@njit(cache=True, nogil=True, fastmath=True)
def scale_shells(transform: Any, step: Any, scale: Any, cut: float, start: int) -> None:
    """Scale each shell in `TILE` sections of an ``rfftn`` from `start` on, down to a cut.

    Parameters
    ----------
    step
        (3,) x, y, z: one index in shells.
    scale
        (S,) of each shell; beyond, that of the last.
    cut
        The shell about which all falls to 0, as a cosine two shells long.
    """
    nz, ny, nx = transform.shape
    last = scale.shape[0] - 1
    for c in range(start, min(start + TILE, nz)):
        z = (c if c <= nz // 2 else c - nz) * step[2]
        for b in range(ny):
            y = (b if b <= ny // 2 else b - ny) * step[1]
            for a in range(nx):
                x = a * step[0]
                shell = np.sqrt(x * x + y * y + z * z)
                left = min(max((cut - shell) / 2.0 + 0.5, 0.0), 1.0)
                if left == 0.0:
                    transform[c, b, a:] = 0
                    break
                fallen = np.float32(0.5 - 0.5 * np.cos(np.pi * left) if left < 1.0 else 1.0)
                transform[c, b, a] *= fallen * scale[min(int(shell + 0.5), last)]
