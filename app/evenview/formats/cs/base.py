"""What every form of .cs file can do: its fields, its columns, its rows, part of it again."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent

UID = "uid"

#: New numbers (n,) of some fields, for each by the index of its parts; a NaN leaves its cell.
Changes: TypeAlias = Mapping[str, Mapping[tuple[int, ...], NDArray[np.float64]]]
NO_CHANGES: Changes = MappingProxyType({})


@dataclass(frozen=True)
class Dataset(ABC):
    """What is known of a .cs file without reading its rows.

    Attributes
    ----------
    path
        The file.
    dtype
        The structured type of a row.
    n
        How many rows.
    trailing
        Bytes after the last row, which nothing reads.
    stamp
        Size and time of the file when it was opened: a later change is found by it.
    """

    path: Path
    dtype: np.dtype[np.void]
    n: int
    trailing: int
    stamp: tuple[int, int]

    def __len__(self) -> int:
        return self.n

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, in the file's order."""
        return self.dtype.names or ()

    @property
    @abstractmethod
    def form(self) -> str:
        """The form of the file in words, such as "cryoSPARC .cs"."""

    @abstractmethod
    def numbers(self, names: Iterable[str], progress: Progress = silent) -> dict[str, NDArray[Any]]:
        """Whole columns, (N, ...) of the field's own type."""

    @abstractmethod
    def words(self, name: str) -> tuple[list[bytes], NDArray[np.int64]]:
        """The texts of a field, and which of them each row (N,) has."""

    @abstractmethod
    def row(self, index: int) -> np.void:
        """One row."""

    @abstractmethod
    def chunks(
        self, first: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, NDArray[np.void]]]:
        """Row number and rows from `first` to `end`, in pieces; each may overwrite the last."""

    @abstractmethod
    def write(
        self,
        file: BinaryIO,
        mask: NDArray[np.bool_],
        progress: Progress,
        changes: Changes = NO_CHANGES,
    ) -> None:
        """Write the rows of `mask` (N,) in the same form, value for value; all: the same bytes.

        Fields of `changes` (of all N rows) have the numbers there.
        """

    def uids(self) -> NDArray[np.uint64]:
        """(N,) uint64: they use the whole range, so they are never float and never signed."""
        return self.numbers([UID])[UID].astype(np.uint64, copy=False)

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        """The file, which must be the one that was opened."""
        try:
            with self.path.open("rb", buffering=0) as file:
                if stamp_of(file.fileno()) != self.stamp:
                    self._changed()
                yield file
        except FileNotFoundError:
            self._changed("has gone")

    def _changed(self, how: str = "has changed") -> NoReturn:
        raise UserError(
            f"the file {how} since it was read", where=str(self.path), hint="Open it again."
        )

    def _require_marks(self, mask: NDArray[np.bool_]) -> None:
        if mask.shape != (self.n,):
            raise ValueError(f"{len(mask)} marks for {self.n} rows")


def stamp_of(descriptor: int) -> tuple[int, int]:
    """Size and time of an open file."""
    found = os.fstat(descriptor)
    return found.st_size, found.st_mtime_ns


def fill(file: BinaryIO, array: NDArray[Any]) -> bool:
    """Fill an array from a file; False where the file ends first."""
    view = memoryview(array.view(np.uint8).reshape(-1).data)
    while view:
        got = file.readinto(view)  # type: ignore[attr-defined]
        if not got:
            return False
        view = view[got:]
    return True


def put(column: NDArray[Any], parts: Mapping[tuple[int, ...], NDArray[Any]], start: int) -> None:
    """Put new numbers into the rows of a field (n, ...) from row `start`; a NaN leaves its cell."""
    for index, numbers in parts.items():
        new = numbers[start : start + len(column)]
        said = ~np.isnan(new)
        part: NDArray[Any] = column[(slice(None), *index)]  # type: ignore[arg-type]
        part[said] = new[said]
