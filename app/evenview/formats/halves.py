"""Half-sets as files number them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.particles import Note


def halves_of(
    subsets: NDArray[np.float64], name: str
) -> tuple[NDArray[np.int8] | None, tuple[Note, ...]]:
    """Half codes (N,) of the numbers 1 and 2 of the column `name`, 0 for any other.

    One half alone is no half-set: then they are None, and a note says so.
    """
    halves = np.where(np.isin(subsets, (1, 2)), subsets, 0).astype(np.int8)
    if (halves == 1).any() and (halves == 2).any():
        return halves, ()
    return None, (Note("There are no half-sets.", f"{name} never says both 1 and 2."),)
