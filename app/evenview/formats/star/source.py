"""The bytes of a file, read where and when they are wanted and never held whole unless asked for.

The file is not mapped into memory: a program that cuts a mapped file short, or a network disk that
goes away, ends this process without a word. What is read is a copy; what cannot be is said.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError

Bytes = NDArray[np.uint8]

_BLOCK_BYTES = 1 << 16
_COUNT_BYTES = 1 << 22
_PART_BYTES, _PART_ROWS = 1 << 22, 1 << 15


@dataclass(frozen=True, eq=False)
class Source:
    """A file of `size` bytes that stays open; `stamp` tells whether it is still the same."""

    path: Path
    size: int
    stamp: tuple[int, int]
    _descriptor: int
    _lock: Lock = field(default_factory=Lock)
    # Where the block that was read last begins, and its bytes: exchanged in one step, for threads.
    _block: list[tuple[int, bytes]] = field(default_factory=lambda: [(0, b"")])

    @classmethod
    def open(cls, path: Path) -> Source:
        """Open a file; raises `OSError` as `open` does."""
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        stamp = _stamp(os.fstat(descriptor))
        source = cls(path, stamp[0], stamp, descriptor)
        finalize(source, os.close, descriptor)
        return source

    @cached_property
    def data(self) -> Bytes:
        """(size,) the whole file, held from now on: for kinds of files that are never large."""
        return self.array(0, self.size)

    def array(self, start: int, stop: int) -> Bytes:
        """The bytes from `start` up to `stop`, (stop - start,).

        Raises `UserError` where the file has become shorter or its disk fails.
        """
        out = np.empty(stop - start, np.uint8)
        view, at = out.data, start
        try:
            while view:
                taken = self._read_into(view, at)
                if not taken:
                    raise self._changed()
                view, at = view[taken:], at + taken
        except OSError as error:
            what = f"the file could not be read ({error.strerror or error})"
            raise UserError(what, where=str(self.path)) from error
        return out

    def _read_into(self, view: memoryview, at: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._descriptor, [view], at)
        with self._lock:
            os.lseek(self._descriptor, at, os.SEEK_SET)
            read = os.read(self._descriptor, min(len(view), _COUNT_BYTES))
        view[: len(read)] = read
        return len(read)

    def text(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, or to the end of the file."""
        stop = min(stop, self.size)
        if stop - start > _BLOCK_BYTES:
            return self.array(start, stop).tobytes()
        begin, block = self._holding(start, stop)
        return block[start - begin : stop - begin]

    def _holding(self, start: int, stop: int) -> tuple[int, bytes]:
        """A block that holds some bytes, and where it begins."""
        begin, block = self._block[0]
        if begin <= start and stop <= begin + len(block):
            return begin, block
        block = self.array(start, min(start + _BLOCK_BYTES, self.size)).tobytes()
        self._block[0] = start, block
        return start, block

    def line_end(self, start: int) -> int:
        """Where the line that holds byte `start` ends: past its newline, or the end of the file."""
        while start < self.size:
            begin, block = self._holding(start, start + 1)
            found = block.find(b"\n", start - begin)
            if found >= 0:
                return begin + found + 1
            start = begin + len(block)
        return self.size

    def line_number(self, offset: int) -> int:
        """The number of the line that holds the byte at `offset`, from 1."""
        return self.newlines(0, offset) + 1

    def newlines(self, start: int, stop: int) -> int:
        """How many newlines there are in some bytes."""
        found = 0
        for at in range(start, stop, _COUNT_BYTES):
            part = self.array(at, min(at + _COUNT_BYTES, stop))
            found += int(np.count_nonzero(part == ord("\n")))
        return found

    def place(self, offset: int) -> str:
        """The file and line of a byte, for an error."""
        return f"{self.path}, line {self.line_number(offset):,}"

    def require_unchanged(self) -> None:
        """Raise `UserError` if the file is no longer the one that was read."""
        try:
            same = _stamp(self.path.stat()) == self.stamp
        except OSError:
            same = False
        if not same:
            raise self._changed()

    def _changed(self) -> UserError:
        return UserError(
            "the file has changed since it was opened, so its rows are no longer known",
            where=str(self.path),
            hint="Open it again.",
        )


def parts(
    begins: NDArray[np.integer], lengths: NDArray[np.integer], most: int = _PART_BYTES
) -> Iterator[tuple[slice, int, int]]:
    """Ascending spans of a file (n,) in handfuls: which, and the bytes from the first to the last.

    A handful takes no more than `most` bytes of the file, unless it is a single span.
    """
    ends = begins + lengths
    first, n = 0, len(begins)
    while first < n:
        start = int(begins[first])
        last = int(np.searchsorted(ends, start + most, side="right"))
        last = min(max(last, first + 1), first + _PART_ROWS)
        yield slice(first, last), start, int(ends[last - 1])
        first = last


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
