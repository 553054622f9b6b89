"""Rotation matrices as files hold them: rounded, of short numbers, or damaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: How far from orthogonal, in any element of M M^T, a matrix may be and still be one.
TOLERANCE = 1e-2

_STEPS = 4


def orthogonal(matrices: Floats) -> tuple[Floats, Floats]:
    """The rotations nearest to matrices (N, 3, 3), and how far each was from orthogonal (N,).

    Newton and Schulz's iteration M <- M (3 - M^T M) / 2 ends in the orthogonal part of the polar
    decomposition (Björck & Bowie 1971, SIAM J. Numer. Anal. 8, 358) where M is near to it; the
    second result, the largest element of M M^T - 1, says whether it was. NaN in, NaN out. The sign
    of the determinant stays.
    """
    from evenview.core.kernels.orthogonal import nearest

    with np.errstate(invalid="ignore"):  # a damaged file may have a NaN that signals
        out = np.array(matrices, dtype=np.float64)
    distances = np.empty(len(out))
    nearest(out, distances, TOLERANCE, _STEPS)
    return out, distances
