"""The two sides of a comparison, and the rows of them that were found to be the same particles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evenview.core.record import Record

Whole = NDArray[np.int64]
Way = Literal["uid", "image", "micrograph+coordinates", "row"]
WAYS: tuple[Way, ...] = get_args(Way)

#: Å, or pixels where they have no size: how far apart the same particle may have been picked.
TOLERANCE = 20.0
#: A looser way to read names is taken where it finds more by this part.
MORE = 0.01


@dataclass(frozen=True, eq=False)
class Side:
    """One of the files: its rows, and what it says of them, None where it says no more than poses.

    `why_not` says, for people, why it is None or lacks the shifts.
    """

    rows: int
    record: Record | None = None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Matches:
    """Rows (M,) of A, ascending, and the rows (M,) of B that are the same particles.

    Attributes
    ----------
    way, words
        How they were matched, the second for people.
    notes
        What else is to be known, a sentence each.
    why
        Why they were matched in this way, in words.
    """

    rows_a: Whole
    rows_b: Whole
    way: Way
    words: str
    notes: tuple[str, ...] = ()
    why: str = ""

    def __len__(self) -> int:
        return len(self.rows_a)
