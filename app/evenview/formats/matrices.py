"""Rotation matrices as files hold them: rounded, of short numbers, or damaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: How far from orthogonal, in any element of M M^T, a matrix may be and still be one.
TOLERANCE = 1e-2

_STEPS = 4
_CHUNK = 1 << 16


def orthogonal(matrices: Floats) -> tuple[Floats, Floats]:
    """The rotations nearest to matrices (N, 3, 3), and how far each was from orthogonal (N,).

    Newton and Schulz's iteration M <- M (3 - M^T M) / 2 ends in the orthogonal part of the polar
    decomposition (Björck & Bowie 1971, SIAM J. Numer. Anal. 8, 358) where M is near to it; the
    second result, the largest element of M M^T - 1, says whether it was. NaN in, NaN out. The sign
    of the determinant stays.
    """
    with np.errstate(invalid="ignore"):  # a damaged file may have a NaN that signals
        out = np.array(matrices, dtype=np.float64)
    distances = np.empty(len(out))
    for first in range(0, len(out), _CHUNK):
        part = slice(first, first + _CHUNK)
        with np.errstate(over="ignore", invalid="ignore"):
            distances[part] = _distance(out[part])
            sound = distances[part] < TOLERANCE
            out[part][sound] = _nearest(out[part][sound])
    return out, distances


def _distance(m: Floats) -> Floats:
    excess = m @ np.swapaxes(m, 1, 2) - np.eye(3)
    largest: Floats = np.abs(excess).max(axis=(1, 2), initial=0.0)
    return largest


def _nearest(m: Floats) -> Floats:
    for _ in range(_STEPS):
        m = m @ (1.5 * np.eye(3) - 0.5 * np.swapaxes(m, 1, 2) @ m)
    return m
