"""Pixel sizes of a cryoSPARC table as its 32 bits mean them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.words import counted

Floats = NDArray[np.float64]

IMAGE_PIXEL, IMAGE_SHAPE = "blob/psize_A", "blob/shape"


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


def shift_sizes(said: Iterable[NDArray[Any] | None], known: float | None, n: int) -> Floats:
    """(n,) Å of the pixels that shifts are in; NaN where nothing says it.

    They are those of the first of the fields `said` (n,) that has any, else `known` everywhere.
    """
    for values in said:
        if values is not None and np.isfinite(found := sizes(values)).any():
            return found
    return np.full(n, np.nan if known is None else known)


def unknown_size(why: str, missing: int, size: Floats, where: str) -> UserError:
    """The error where `missing` particles have shifts in pixels, of which none has its `size`."""
    return UserError(
        f"{why}, and the file does not say how large the pixels are that the shifts of "
        f"{counted(missing, 'particle')} are in",
        where=where,
        hint="Give it with --pixel-size."
        if np.isnan(size).all()
        else "Export the particles from cryoSPARC again, with their psize_A.",
    )
