"""Numbers as the text of EMAN2's files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: EMAN2 writes six digits, and files of older ones all of a number; the latter are ``repr``'s.
DIGITS, ALL_DIGITS = 6, 16


@dataclass(frozen=True, eq=False)
class Cells:
    """Texts (n, k, width) of numbers and their lengths (n, k), below 0 for those of NaN."""

    texts: NDArray[np.uint8]
    lengths: NDArray[np.int64]


def general(values: Floats, digits: Sequence[int]) -> Cells:
    """The numbers (n, k) as ``%.6g`` writes them, of so many digits a column (k,).

    From `ALL_DIGITS` on they are those of ``repr``.
    """
    from evenview.core.kernels import digits as kernels

    cells = np.empty((*values.shape, kernels.WIDTH), np.uint8)
    lengths = np.empty(values.shape, np.int64)
    kernels.general_cells(values, np.array(digits, np.int64), cells, lengths)
    for row, column in np.argwhere(lengths == kernels.TOO_LARGE).tolist():
        text = _text(float(values[row, column]), digits[column])
        cells[row, column, : len(text)] = np.frombuffer(text, np.uint8)
        lengths[row, column] = len(text)
    return Cells(cells, lengths)


def _text(value: float, digits: int) -> bytes:
    return (repr(value) if digits >= ALL_DIGITS else f"{value:.{digits}g}").encode()
