"""Pixel sizes of a cryoSPARC table as its 32 bits mean them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

IMAGE_PIXEL = "blob/psize_A"


def short(value: float) -> float:
    """1.0700000524520874 is 1.07 written in 32 bits."""
    return float(str(np.float32(value)))


def shortened(values: NDArray[Any]) -> Floats:
    """(N,) the numbers as `short` says them; for columns in which few of them differ."""
    first = values[:1]
    if (values == first).all():
        return np.full(len(values), short(first[0]) if len(values) else 0.0)
    found, rows = np.unique(values, return_inverse=True)
    texts = found.astype(np.float32).astype("U16")
    return texts.astype(np.float64)[rows]


def sizes(values: NDArray[Any]) -> Floats:
    """(N,) Å per pixel; NaN for what is none."""
    sound = np.isfinite(values) & (values > 0)
    return np.where(sound, shortened(values), np.nan)
