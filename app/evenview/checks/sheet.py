"""What the rules look at: one interface over the tables of star files and of cryoSPARC's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Halves:
    """The column of half-sets: its name, its values (N,) and the two that are halves."""

    name: str
    values: Floats
    codes: tuple[int, int]

    def counts(self) -> tuple[int, int]:
        """How many rows are in either half."""
        first, second = self.codes
        return int((self.values == first).sum()), int((self.values == second).sum())


@dataclass(frozen=True, eq=False)
class Images:
    """A key for each row's image (N,), equal for the same image, and the column it comes from."""

    name: str
    keys: Keys


class Sheet(Protocol):
    """The rows of one file as the rules need them."""

    def __len__(self) -> int: ...

    def has(self, *names: str) -> bool:
        """Whether all of `names` are columns."""
        ...

    def angles(self) -> Floats | None:
        """(N, 3) as they stand: RELION's degrees or cryoSPARC's radians; None where not there."""
        ...

    def halves(self) -> Halves | None:
        """The column of half-sets, None where not there."""
        ...

    def images(self) -> Images | None:
        """What image each row is of, None where the file does not say."""
        ...

    def place(self, row: int) -> str:
        """Where a row is, in words."""
        ...

    def column(self, name: str) -> str:
        """Where a column is, in words."""
        ...


def joined(key: Keys, number: NDArray[Any]) -> Keys:
    """One key of a key and a number."""
    mixed: Keys = (key ^ number.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(29))
