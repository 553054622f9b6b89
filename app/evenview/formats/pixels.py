"""The pixel size of a file that says one in every row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.particles import Note

_SAME = 1e-4  # relative: text files have few decimals


def single_size(sizes: NDArray[np.float64]) -> tuple[float | None, list[Note]]:
    """Å per pixel where all of `sizes` that are positive are one, else None with a note."""
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not sizes.size:
        return None, []
    low, high = float(sizes.min()), float(sizes.max())
    if high - low <= _SAME * high:
        return float(sizes[0]), []
    note = Note(
        f"The particles have several pixel sizes, from {low:g} to {high:g} Å",
        "No single one is given; directions do not depend on it.",
    )
    return None, [note]
