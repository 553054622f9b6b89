"""The rotations nearest to matrices that are almost rotations."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _distance(m: Floats) -> float:
    """The largest element of M M^T - 1 in size, NaN where there is one."""
    largest = 0.0
    for i in range(3):
        for j in range(i + 1):
            product = m[i, 0] * m[j, 0] + m[i, 1] * m[j, 1] + m[i, 2] * m[j, 2]
            excess = abs(product - (1.0 if i == j else 0.0))
            if not excess <= largest:
                largest = excess
            if np.isnan(largest):
                return largest
    return largest


@njit(cache=True, nogil=True)
def _step(m: Floats, inner: Floats) -> None:
    """M <- M (3 - M^T M) / 2; `inner` (3, 3) is scratch."""
    for i in range(3):
        for j in range(3):
            product = m[0, i] * m[0, j] + m[1, i] * m[1, j] + m[2, i] * m[2, j]
            inner[i, j] = (1.5 if i == j else 0.0) - 0.5 * product
    for i in range(3):
        a, b, c = m[i, 0], m[i, 1], m[i, 2]
        for j in range(3):
            m[i, j] = a * inner[0, j] + b * inner[1, j] + c * inner[2, j]


@over_rows(0, 1)
def nearest(matrices: Floats, distances: Floats, tolerance: float, steps: int) -> None:
    """Newton and Schulz's iteration on (n, 3, 3) in place, where a matrix is near enough.

    `distances` (n,) becomes how far from orthogonal each was; those at `tolerance` and beyond stay.
    """
    inner = np.empty((3, 3))
    for row in range(distances.size):
        distances[row] = _distance(matrices[row])
        if distances[row] < tolerance:
            for _ in range(steps):
                _step(matrices[row], inner)
