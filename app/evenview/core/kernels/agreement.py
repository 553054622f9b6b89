"""Turns held against the copies of one turn by a point group: the nearest copy, and sums over rows.

Quaternions are (w, x, y, z) of unit length, with either sign. A turn d is held against the copies
``s h`` of a turn h, s the operators of a group.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.kernels.rows import over_rows

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@over_rows(0, 2, 3)
def nearest(turns: Array, copies: Array, angle: Array, operator: Whole) -> None:
    """Fill angle (N,), radians 0 to pi, and which of `copies` (G, 4) is nearest to each row."""
    for i in range(len(turns)):
        w, x, y, z = turns[i, 0], turns[i, 1], turns[i, 2], turns[i, 3]
        best, at = -1.0, 0
        for g in range(len(copies)):
            c = copies[g]
            dot = abs(w * c[0] + x * c[1] + y * c[2] + z * c[3])
            if dot > best:
                best, at = dot, g
        c = copies[at]
        # The vector part of conj(c) d: its length keeps the digits that an arc cosine loses.
        vx = c[0] * x - c[1] * w - c[2] * z + c[3] * y
        vy = c[0] * y + c[1] * z - c[2] * w - c[3] * x
        vz = c[0] * z - c[1] * y + c[2] * x - c[3] * w
        angle[i] = 2.0 * math.atan2(math.sqrt(vx * vx + vy * vy + vz * vz), best)
        operator[i] = at


@njit(cache=True, nogil=True)
def soft_counts(turns: Array, tries: Array, operators: Array, width: float, counts: Array) -> None:
    """Fill `counts` (T,) with how many turns (N, 4) lie near the copies of each of `tries` (T, 4).

    A turn at the angle a counts exp(-a²/2 width²), and nothing beyond three widths (radians).
    """
    reach = math.cos(1.5 * width)
    copies = np.empty((len(operators), 4))
    for t in range(len(tries)):
        h = tries[t]
        for g in range(len(operators)):
            s = operators[g]
            copies[g, 0] = s[0] * h[0] - s[1] * h[1] - s[2] * h[2] - s[3] * h[3]
            copies[g, 1] = s[0] * h[1] + s[1] * h[0] + s[2] * h[3] - s[3] * h[2]
            copies[g, 2] = s[0] * h[2] - s[1] * h[3] + s[2] * h[0] + s[3] * h[1]
            copies[g, 3] = s[0] * h[3] + s[1] * h[2] - s[2] * h[1] + s[3] * h[0]
        total = 0.0
        for i in range(len(turns)):
            w, x, y, z = turns[i, 0], turns[i, 1], turns[i, 2], turns[i, 3]
            best = 0.0
            for g in range(len(copies)):
                best = max(
                    best,
                    abs(w * copies[g, 0] + x * copies[g, 1] + y * copies[g, 2] + z * copies[g, 3]),
                )
            if best > reach:
                a = 2.0 * math.acos(min(1.0, best)) / width
                total += math.exp(-0.5 * a * a)
        counts[t] = total


@njit(cache=True, nogil=True)
def moments(turns: Array, operators: Array, operator: Whole, weights: Array, out: Array) -> None:
    """Add ``weight e e^T`` of the rows to `out` (4, 4), e = conj(s) d with s their operators."""
    for i in range(len(turns)):
        s, d, weight = operators[operator[i]], turns[i], weights[i]
        e0 = s[0] * d[0] + s[1] * d[1] + s[2] * d[2] + s[3] * d[3]
        e1 = s[0] * d[1] - s[1] * d[0] - s[2] * d[3] + s[3] * d[2]
        e2 = s[0] * d[2] + s[1] * d[3] - s[2] * d[0] - s[3] * d[1]
        e3 = s[0] * d[3] - s[1] * d[2] + s[2] * d[1] - s[3] * d[0]
        e = (e0, e1, e2, e3)
        for j in range(4):
            for k in range(4):
                out[j, k] += weight * e[j] * e[k]
