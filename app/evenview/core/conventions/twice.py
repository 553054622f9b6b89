"""Single angles that look as if degrees had been taken for radians and converted once more."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_TURN = 360.001  # a whole turn in 32 bits may come out a little longer
_LEGAL_TURNS = 2


def like_twice(degrees: ArrayLike) -> NDArray[np.bool_]:
    """Which angles are of more than two turns, and of one at most when divided by 180/π."""
    size = np.abs(np.asarray(degrees, dtype=np.float64))
    found: NDArray[np.bool_] = (size > _LEGAL_TURNS * _TURN) & (np.radians(size) <= _TURN)
    return found


def twice_in_words(degrees: float) -> str:
    """The division that gives the angle again, and what it means."""
    return (
        f"{degrees:.7g} / 57.29578 = {np.radians(degrees):.6g}: this angle seems to have been "
        "multiplied by 180/π twice"
    )
