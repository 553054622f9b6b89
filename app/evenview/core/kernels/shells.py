"""Sums of a pair of Fourier transforms over shells and directions, and volumes made of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.healpix import ring_index
from evenview.core.threads import threads

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _gather(
    first: Any, second: Any, half_of: Any, nside: int, beyond: int, start: int, step: int, sums: Any
) -> None:
    """Every `step`-th section from `start` on."""
    n = first.shape[0]
    last = n // 2
    for i in range(start, n, step):
        z = i if i <= (n - 1) // 2 else i - n
        for j in range(n):
            y = j if j <= (n - 1) // 2 else j - n
            for x in range(last + 1):
                if x == 0 and (y < 0 or (y == 0 and z <= 0)):
                    continue
                r = np.sqrt(float(x * x + y * y + z * z))
                shell = int(r + 0.5)
                if shell > last:
                    break
                if shell <= beyond:
                    continue
                total = sums[half_of[ring_index(float(x), float(y), float(z), nside)], shell]
                a, b = first[i, j, x], second[i, j, x]
                total[0] += a.real * b.real + a.imag * b.imag
                total[1] += a.real * a.real + a.imag * a.imag
                total[2] += b.real * b.real + b.imag * b.imag


def gather(first: Any, second: Any, half_of: Any, nside: int, beyond: int, sums: Floats) -> None:
    """Add Re F1 F2*, |F1|² and |F2|² of every voxel to its direction and shell.

    Each thread has sums of its own, and takes sections in turn so that all have as many voxels.

    Parameters
    ----------
    first, second
        (n, n, n // 2 + 1) complex, as ``rfftn`` gives them.
    half_of
        The bin of each HEALPix pixel, opposite ones alike.
    beyond
        Shells up to this one are left out.
    sums
        (B, n // 2 + 1, 3), added to. Of each pair of opposite voxels one is taken; the shell is the
        nearest whole distance from the origin, which itself is left out.
    """
    step = threads()
    parts = [sums, *(np.zeros_like(sums) for _ in range(step - 1))]

    def work(start: int) -> None:
        _gather(first, second, half_of, nside, beyond, start, step, parts[start])

    with ThreadPoolExecutor(step) as pool:
        list(pool.map(work, range(step)))
    for part in parts[1:]:
        sums += part


@njit(cache=True, nogil=True)
def _spread(values: Any, half_of: Any, nside: int, start: int, step: int, out: Any) -> None:
    n = out.shape[0]
    middle, last = n // 2, values.shape[1] - 1
    for i in range(start, n, step):
        for j in range(n):
            for k in range(n):
                x, y, z = float(k - middle), float(j - middle), float(i - middle)
                shell = int(np.sqrt(x * x + y * y + z * z) + 0.5)
                if shell > last:
                    continue
                if x < 0 or (x == 0 and (y < 0 or (y == 0 and z < 0))):
                    x, y, z = -x, -y, -z  # on the border of two bins opposite voxels take the same
                pixel = ring_index(x, y, z, nside)
                out[i, j, k] = values[half_of[pixel] if pixel >= 0 else 0, shell]


def spread(values: Floats, half_of: Any, nside: int, out: NDArray[np.float32]) -> None:
    """Give every voxel of `out` (n, n, n), the origin at n // 2, its bin's and shell's value.

    `values` are (B, S); voxels beyond the last shell stay what they are.
    """
    step = threads()
    with ThreadPoolExecutor(step) as pool:
        list(pool.map(lambda i: _spread(values, half_of, nside, i, step, out), range(step)))
