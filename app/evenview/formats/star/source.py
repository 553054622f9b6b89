"""The bytes of a star file, mapped into memory and left where they are."""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError

_PAGE = mmap.ALLOCATIONGRANULARITY
_COUNT_BYTES = 1 << 24


@dataclass(frozen=True, eq=False)
class Source:
    """A file as bytes: `data` is (size,) uint8, read-only and backed by the file itself."""

    path: Path
    data: NDArray[np.uint8]
    stamp: tuple[int, int]
    _map: mmap.mmap

    @classmethod
    def open(cls, path: Path) -> Source:
        """Map a file that is not empty; raises `OSError` as `open` does."""
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            stamp = _stamp(os.fstat(file.fileno()))
        return cls(path, np.frombuffer(mapped, dtype=np.uint8), stamp, mapped)

    @property
    def size(self) -> int:
        """The length of the file in bytes."""
        return int(self.data.size)

    def text(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        return self._map[start:stop]

    def line_end(self, start: int) -> int:
        """Where the line that holds byte `start` ends: past its newline, or the end of the file."""
        found = self._map.find(b"\n", start)
        return self.size if found < 0 else found + 1

    def line_number(self, offset: int) -> int:
        """The number of the line that holds the byte at `offset`, from 1."""
        newlines = 0
        for start in range(0, offset, _COUNT_BYTES):
            part = self.data[start : min(start + _COUNT_BYTES, offset)]
            newlines += int(np.count_nonzero(part == ord("\n")))
        return newlines + 1

    def place(self, offset: int) -> str:
        """The file and line of a byte, for an error."""
        return f"{self.path}, line {self.line_number(offset):,}"

    def release(self, start: int, stop: int) -> None:
        """Let go of the memory of a part that was read; it comes back from the file when needed."""
        if not hasattr(mmap, "MADV_DONTNEED"):
            return
        first = -(-start // _PAGE) * _PAGE
        last = stop // _PAGE * _PAGE
        if last > first:
            self._map.madvise(mmap.MADV_DONTNEED, first, last - first)

    def require_unchanged(self) -> None:
        """Raise `UserError` if the file is no longer the one that was read."""
        try:
            same = _stamp(self.path.stat()) == self.stamp
        except OSError:
            same = False
        if not same:
            raise UserError(
                "the file has changed since it was opened, so its rows are no longer known",
                where=str(self.path),
                hint="Open it again.",
            )


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
