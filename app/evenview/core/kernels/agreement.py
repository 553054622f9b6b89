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


@njit(cache=True, nogil=True, inline="always")
def _product(
    aw: float, ax: float, ay: float, az: float, bw: float, bx: float, by: float, bz: float
) -> tuple[float, float, float, float]:
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


@over_rows(0, 1, 2)
def between(first: Array, second: Array, out: Array) -> None:
    """Fill `out` (N, 4) with ``conj(first) second``, of either sign."""
    for i in range(len(first)):
        a, b = first[i], second[i]
        w, x, y, z = _product(a[0], -a[1], -a[2], -a[3], b[0], b[1], b[2], b[3])
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = w, x, y, z


@over_rows(0, 1, 2, 3, 4)
def split_errors(
    first: Array,
    second: Array,
    operator: Whole,
    direction: Array,
    inplane: Array,
    operators: Array,
    turn: Array,
) -> None:
    """Fill the errors (N,), degrees, of view and in plane, of `second` from ``first s turn``."""
    degree = 180.0 / math.pi
    for i in range(len(first)):
        a, s, b = first[i], operators[operator[i]], second[i]
        w, x, y, z = _product(a[0], a[1], a[2], a[3], s[0], s[1], s[2], s[3])
        w, x, y, z = _product(w, x, y, z, turn[0], turn[1], turn[2], turn[3])
        w, x, y, z = _product(b[0], b[1], b[2], b[3], w, -x, -y, -z)
        if w < 0.0:
            w, z = -w, -z  # so that the turn is within a half turn
        direction[i] = 2.0 * degree * math.atan2(math.hypot(x, y), math.hypot(w, z))
        inplane[i] = 2.0 * degree * math.atan2(z, w)


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


@njit(cache=True, nogil=True)
def offset_votes(
    a: Array, b: Array, operators: Array, first: Whole, second: Whole, votes: Array
) -> None:
    """Add to `votes` (B,), bins of 0 to 360°, how much pairs of particles are for an offset.

    A pair (i, j) of rows of `a` and `b` (N, 3, 3) votes for each operator (G, 3, 3) by which the
    view of j in image i, and that of i in image j, have nearly the same polar angle in both files
    and azimuths that differ by nearly the same angle.
    """
    polar, azimuth, least = 0.14, 0.26, 0.2  # radians; the sine where azimuths mean something
    for pair in range(len(first)):
        i, j = first[pair], second[pair]
        bi, bj, ai, aj = b[i], b[j], a[i], a[j]
        # The view of j in image i, (bx, by, bz), and of i in image j, (dx, dy, bz).
        bx = bi[0, 0] * bj[2, 0] + bi[0, 1] * bj[2, 1] + bi[0, 2] * bj[2, 2]
        by = bi[1, 0] * bj[2, 0] + bi[1, 1] * bj[2, 1] + bi[1, 2] * bj[2, 2]
        bz = bi[2, 0] * bj[2, 0] + bi[2, 1] * bj[2, 1] + bi[2, 2] * bj[2, 2]
        sine = math.sqrt(bx * bx + by * by)
        if sine < least:
            continue
        dx = bj[0, 0] * bi[2, 0] + bj[0, 1] * bi[2, 1] + bj[0, 2] * bi[2, 2]
        dy = bj[1, 0] * bi[2, 0] + bj[1, 1] * bi[2, 1] + bj[1, 2] * bi[2, 2]
        here, there = math.atan2(by, bx), math.atan2(dy, dx)
        # A cosine changes by no more than the sine times the change of the angle.
        reach = polar * sine + 0.5 * polar * polar
        for g in range(len(operators)):
            s = operators[g]
            # The view of j, turned by the operator; and that of i, turned back.
            vx = s[0, 0] * aj[2, 0] + s[0, 1] * aj[2, 1] + s[0, 2] * aj[2, 2]
            vy = s[1, 0] * aj[2, 0] + s[1, 1] * aj[2, 1] + s[1, 2] * aj[2, 2]
            vz = s[2, 0] * aj[2, 0] + s[2, 1] * aj[2, 1] + s[2, 2] * aj[2, 2]
            if abs(ai[2, 0] * vx + ai[2, 1] * vy + ai[2, 2] * vz - bz) > reach:
                continue
            cx = ai[0, 0] * vx + ai[0, 1] * vy + ai[0, 2] * vz
            cy = ai[1, 0] * vx + ai[1, 1] * vy + ai[1, 2] * vz
            ux = s[0, 0] * ai[2, 0] + s[1, 0] * ai[2, 1] + s[2, 0] * ai[2, 2]
            uy = s[0, 1] * ai[2, 0] + s[1, 1] * ai[2, 1] + s[2, 1] * ai[2, 2]
            uz = s[0, 2] * ai[2, 0] + s[1, 2] * ai[2, 1] + s[2, 2] * ai[2, 2]
            ex = aj[0, 0] * ux + aj[0, 1] * uy + aj[0, 2] * uz
            ey = aj[1, 0] * ux + aj[1, 1] * uy + aj[1, 2] * uz
            one, other = here - math.atan2(cy, cx), there - math.atan2(ey, ex)
            apart = (one - other + math.pi) % (2.0 * math.pi) - math.pi
            if abs(apart) > azimuth:
                continue
            middle = (one - 0.5 * apart) / (2.0 * math.pi)
            votes[int((middle - math.floor(middle)) * len(votes)) % len(votes)] += 1.0
