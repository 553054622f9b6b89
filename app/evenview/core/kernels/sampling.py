"""Which views sample which directions of Fourier space: counted, and as rows of a sparse matrix."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenview.core.threads import threads

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]

_TURN = 4096


@njit(cache=True, nogil=True, fastmath=True)
def _count(u: Singles, x: Singles, y: Singles, z: Singles, half: Any, out: Any) -> None:
    for i in range(len(u)):
        a, b, c = u[i, 0], u[i, 1], u[i, 2]
        total = np.int64(0)
        for start in range(0, len(x), _TURN):
            part = np.int32(0)  # 32 bits: eight at a time in one instruction
            for j in range(start, min(start + _TURN, len(x))):
                part += np.int32(abs(a * x[j] + b * y[j] + c * z[j]) < half)
            total += part
        out[i] = total


def count(u: Floats, v: Floats, half: float) -> NDArray[np.int64]:
    """For directions `u` (R, 3) the number of views `v` (N, 3) with ``|u · v| < half``: (R,)."""
    x, y, z = (np.ascontiguousarray(v[:, i], dtype=np.float32) for i in range(3))
    rows = np.ascontiguousarray(u, dtype=np.float32)
    out = np.empty(len(u), np.int64)
    _in_parts(len(u), lambda p: _count(rows[p], x, y, z, np.float32(half), out[p]))
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _add(u: Singles, v: Singles, own: Any, cells: Any, half: Any, sums: Any, seen: Any) -> int:
    """Add up the views near one plane by their bins; how many bins have some, listed in `seen`."""
    middles, least, starts = cells
    x, y, z = v
    found = 0
    for g in range(len(u)):
        a, b, c = u[g, 0], u[g, 1], u[g, 2]
        for k in range(len(middles)):
            if abs(a * middles[k, 0] + b * middles[k, 1] + c * middles[k, 2]) > least[k]:
                continue
            for j in range(starts[k], starts[k + 1]):
                if abs(a * x[j] + b * y[j] + c * z[j]) < half:
                    if sums[own[j]] == 0:
                        seen[found] = own[j]
                        found += 1
                    sums[own[j]] += 1
    return found


@njit(cache=True, nogil=True)
def _pairs(u: Any, v: Singles, own: Any, cells: Any, half: Any, bins: int) -> Any:
    sums, seen = np.zeros(bins, np.int64), np.empty(bins, np.int32)
    sizes, at = np.empty(len(u), np.int64), 0
    columns, values = np.empty(_TURN, np.int32), np.empty(_TURN)
    for i in range(len(u)):
        found = np.sort(seen[: _add(u[i], v, own, cells, half, sums, seen)])
        end = at + len(found)
        if end > len(columns):
            columns, values = _longer(columns, 2 * end), _longer(values, 2 * end)
        columns[at:end], values[at:end], sizes[i] = found, sums[found], len(found)
        sums[found] = 0
        at = end
    return sizes, columns[:at], values[:at]


@njit(cache=True, nogil=True)
def _longer(a: Any, n: int) -> Any:
    out = np.empty(n, a.dtype)
    out[: len(a)] = a
    return out


def count_by_bin(
    u: Floats, v: Floats, own: NDArray[np.int32], bins: int, half: float, cells: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """As `count`, apart by the bin of each view: a sparse matrix (R, B).

    Parameters
    ----------
    u
        (R, G, 3): R directions with G copies, which are added up.
    v, own, bins
        (N, 3) views, the bin of each, and B.
    cells
        (N,) numbers that views near each other, or near each other's opposite, have in common: of
        a cell that no plane comes near, no view is looked at.

    Returns
    -------
    starts (R + 1,), columns and values, of the rows of a CSR matrix.
    """
    order = np.lexsort((own, cells))
    near = _cells(v[order], cells[order], half)
    views = np.ascontiguousarray(v[order].T, dtype=np.float32)
    each, rows = own[order], np.ascontiguousarray(u, dtype=np.float32)
    width = np.float32(half)
    parts = _in_parts(len(u), lambda p: _pairs(rows[p], views, each, near, width, bins))
    sizes, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return np.concatenate([[0], np.cumsum(sizes)]), columns, values


def _cells(v: Floats, cells: NDArray[np.int32], half: float) -> tuple[Any, Any, Any]:
    """Of views sorted by cell, for each cell: a middle, what |u · middle| is at most for a plane
    that comes near it, and where its views start."""
    starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
    sizes = np.diff(np.append(starts, len(v)))
    middles = v[starts]
    off = np.arccos(np.clip(np.abs((v * np.repeat(middles, sizes, axis=0)).sum(axis=1)), 0.0, 1.0))
    reach = np.maximum.reduceat(off, starts) + math.asin(half) + 1e-4
    least = np.sin(np.minimum(reach, 0.5 * math.pi))
    return middles, least, np.append(starts, len(v))


@njit(cache=True, nogil=True, fastmath=True)
def _weigh(u: Singles, v: Singles, w: Singles, half: Any, out: Any) -> None:
    x, y, z = v
    for i in range(len(u)):
        a, b, c = u[i, 0], u[i, 1], u[i, 2]
        total = np.float64(0.0)
        for start in range(0, len(w), _TURN):
            part = np.float32(0.0)
            for j in range(start, min(start + _TURN, len(w))):
                near = abs(a * x[j] + b * y[j] + c * z[j]) < half
                part += w[j] if near else np.float32(0.0)
            total += part
        out[i] = total


def weigh(u: Floats, v: Floats, weights: Floats, half: float) -> Floats:
    """As `count`, with views that count for their weights (N,): (R,)."""
    views = np.ascontiguousarray(v.T, dtype=np.float32)
    rows, each = (np.ascontiguousarray(part, dtype=np.float32) for part in (u, weights))
    out = np.empty(len(u))
    _in_parts(len(u), lambda p: _weigh(rows[p], views, each, np.float32(half), out[p]))
    return out


@njit(cache=True, nogil=True, inline="always")
def _below(x: float) -> float:
    """The part of a disc of radius 1 on one side of a line at the distance x from its middle."""
    if x <= -1.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    return 0.5 + (x * math.sqrt(1.0 - x * x) + math.asin(x)) / math.pi


@njit(cache=True, nogil=True)
def _count_near(u: Floats, v: Floats, reach: float, out: Any) -> None:
    for i in range(len(u)):
        n = 0
        for j in range(len(v)):
            n += abs(u[i, 0] * v[j, 0] + u[i, 1] * v[j, 1] + u[i, 2] * v[j, 2]) < reach
        out[i] = n


def _sizes(u: Floats, v: Floats, reach: float) -> NDArray[np.int64]:
    """For each of u (R, 3) the number of v (B, 3) with ``|u · v| < reach``: (R,)."""
    out = np.empty(len(u), np.int64)
    _in_parts(len(u), lambda p: _count_near(u[p], v, reach, out[p]))
    return out


@njit(cache=True, nogil=True)
def _fill(
    u: Floats, v: Floats, half: float, radius: float, starts: Any, columns: Any, values: Any
) -> None:
    reach = math.sin(min(half + radius, 0.5 * math.pi))
    for i in range(len(u)):
        at = starts[i]
        for j in range(len(v)):
            d = u[i, 0] * v[j, 0] + u[i, 1] * v[j, 1] + u[i, 2] * v[j, 2]
            if abs(d) < reach:
                angle = math.asin(d)
                columns[at] = j
                values[at] = _below((half - angle) / radius) - _below((-half - angle) / radius)
                at += 1


def band(
    u: Floats, v: Floats, half: float, radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], Singles]:
    """A sparse matrix (R, B): the part of bin b at `v` that lies in the band of `u`.

    The band is the directions within the angle `half` (radians) of the great circle perpendicular
    to `u`; a bin is a disc of `radius` (radians), so that its part grows smoothly.

    Returns
    -------
    starts (R + 1,), columns and values, of the rows of a CSR matrix.
    """
    reach = math.sin(min(half + radius, 0.5 * math.pi))
    starts = np.concatenate([[0], np.cumsum(_sizes(u, v, reach))])
    columns, values = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    _in_parts(len(u), lambda p: _fill(u[p], v, half, radius, starts[:-1][p], columns, values))
    return starts, columns, values


@njit(cache=True, nogil=True)
def _spread(u: Floats, v: Floats, strengths: Floats, out: Any) -> None:
    for i in range(out.shape[1]):
        for g in range(u.shape[1]):
            for j in range(len(v)):
                d = u[i, g, 0] * v[j, 0] + u[i, g, 1] * v[j, 1] + u[i, g, 2] * v[j, 2]
                across = 1.0 - d * d
                for k in range(len(strengths)):
                    out[k, i, j] += math.exp(-strengths[k] * across)


def spread(u: Floats, v: Floats, strengths: Floats) -> Singles:
    """``exp(-a (1 - (u · v)²))`` summed over the copies of each u, (A, R, B), of each strength a.

    Parameters
    ----------
    u
        (R, G, 3): R directions with G copies.
    v
        (B, 3).
    strengths
        (A,).
    """
    out = np.zeros((len(strengths), len(u), len(v)), np.float32)
    _in_parts(len(u), lambda p: _spread(u[p], v, strengths, out[:, p]))
    return out


def _in_parts(n: int, work: Any) -> list[Any]:
    """What `work` says to slices of n rows, one a core."""
    borders = np.linspace(0, n, threads() + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(lambda ends: work(slice(*ends)), pairwise(borders)))


@njit(cache=True, nogil=True, fastmath=True)
def _profiles(u: Any, x: Singles, y: Singles, z: Singles, w: Any, scale: Any, out: Any) -> None:
    last = out.shape[1] - 1
    for i in range(len(u)):
        for g in range(u.shape[1]):
            a, b, c = u[i, g, 0], u[i, g, 1], u[i, g, 2]
            for j in range(len(x)):
                step = np.int64(abs(a * x[j] + b * y[j] + c * z[j]) * scale)
                out[i, min(step, last)] += w[j]


def profiles(u: Floats, v: Floats, weights: Floats, width: float, steps: int) -> Floats:
    """How views lie about directions: (R, T), the weight at each distance ``|u · v|``, in steps.

    Parameters
    ----------
    u
        (R, G, 3): R directions with G copies, which are added up.
    v, weights
        (N, 3) and (N,).
    width, steps
        Of a step, and T; the last takes what lies beyond, too.
    """
    x, y, z = (np.ascontiguousarray(v[:, i], dtype=np.float32) for i in range(3))
    rows, scale = np.ascontiguousarray(u, dtype=np.float32), np.float32(1.0 / width)
    out = np.zeros((len(u), steps))
    _in_parts(len(u), lambda p: _profiles(rows[p], x, y, z, weights, scale, out[p]))
    return out


@njit(cache=True, nogil=True)
def _binomial_inverses(part: float, out: Any) -> None:
    left, value = 1.0, 0.0
    for n in range(1, len(out)):
        left *= 1.0 - part
        value = (1.0 - part) * value + (1.0 - left) / n
        out[n] = value


def binomial_inverses(most: int, part: float) -> Floats:
    """E[1/s; s > 0] of binomial s of 0, 1 ... `most` trials: (most + 1,).

    From f(n) = q f(n - 1) + (1 - qⁿ)/n, q = 1 - p, as E[1/s; s > 0] is the sum over k = 1 ... n of
    (q^(n - k) - qⁿ)/k (Grab & Savage 1954, J. Am. Stat. Assoc. 49, 169).
    """
    out = np.zeros(most + 1)
    _binomial_inverses(part, out)
    return out


@njit(cache=True, nogil=True)
def _cone_fill(
    u: Floats, v: Floats, half: float, radius: float, starts: Any, columns: Any, values: Any
) -> None:
    least = math.cos(min(half + radius, 0.5 * math.pi))
    for i in range(len(u)):
        at = starts[i]
        for j in range(len(v)):
            d = abs(u[i, 0] * v[j, 0] + u[i, 1] * v[j, 1] + u[i, 2] * v[j, 2])
            if d >= least:
                columns[at] = j
                values[at] = _below((half - math.acos(min(d, 1.0))) / radius)
                at += 1


def cone(
    u: Floats, v: Floats, half: float, radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], Singles]:
    """As `band`, of the directions within the angle `half` of u or -u."""
    least = math.cos(min(half + radius, 0.5 * math.pi))
    starts = np.concatenate([[0], np.cumsum(len(v) - _sizes(u, v, least))])
    columns, values = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    _in_parts(len(u), lambda p: _cone_fill(u[p], v, half, radius, starts[:-1][p], columns, values))
    return starts, columns, values
