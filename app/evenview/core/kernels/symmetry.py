"""Folding of directions into one asymmetric unit."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows

Array = NDArray[np.float64]

#: More than the rounding of any product of operators, less than any direction is known to.
_TIE = 1e-12

#: One step folds; the second finds that nothing is left to do. More only matter on a border.
_STEPS = 8


@njit(cache=True, nogil=True, inline="always")
def _best_operator(frames: Array, x: float, y: float, z: float) -> int:
    # Identity comes first and stays unless another is better by more than rounding can make it.
    best = 0
    a = frames[0, 0, 0] * x + frames[0, 0, 1] * y + frames[0, 0, 2] * z
    b = frames[0, 1, 0] * x + frames[0, 1, 1] * y + frames[0, 1, 2] * z
    c = frames[0, 2, 0] * x + frames[0, 2, 1] * y + frames[0, 2, 2] * z
    for g in range(1, len(frames)):
        ag = frames[g, 0, 0] * x + frames[g, 0, 1] * y + frames[g, 0, 2] * z
        if ag < a - _TIE:
            continue
        bg = frames[g, 1, 0] * x + frames[g, 1, 1] * y + frames[g, 1, 2] * z
        cg = frames[g, 2, 0] * x + frames[g, 2, 1] * y + frames[g, 2, 2] * z
        tied = ag <= a + _TIE
        if tied and bg < b - _TIE:
            continue
        if tied and bg <= b + _TIE and not cg > c + _TIE:
            continue
        best, a, b, c = g, ag, bg, cg
    return best


@over_rows(0, 3)
def fold(v: Array, matrices: Array, frames: Array, out: Array) -> None:
    """Fill `out` (N, 3) with that ``S^T v`` whose coordinates in the unit's frame come last.

    `frames` (G, 3, 3) are ``R S^T`` with the rows of R the three directions to be compared by, in
    their order; `matrices` (G, 3, 3) are S, identity first.
    """
    for i in range(len(v)):
        x, y, z = v[i, 0], v[i, 1], v[i, 2]
        for _ in range(_STEPS):
            g = _best_operator(frames, x, y, z)
            if g == 0:
                break
            s = matrices[g]
            x, y, z = (
                s[0, 0] * x + s[1, 0] * y + s[2, 0] * z,
                s[0, 1] * x + s[1, 1] * y + s[2, 1] * z,
                s[0, 2] * x + s[1, 2] * y + s[2, 2] * z,
            )
        out[i, 0] = x
        out[i, 1] = y
        out[i, 2] = z
