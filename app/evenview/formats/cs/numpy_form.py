"""The usual .cs file: a numpy structured array on disk, read in pieces and never held whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.progress import Progress, silent
from evenview.core.threads import threads
from evenview.core.words import counted
from evenview.formats.cs.base import NO_CHANGES, Changes, Dataset, fill, put, stamp_of

NUMPY_MAGIC = b"\x93NUMPY"

_CHUNK_BYTES = 1 << 20  # stays in a core's cache, where picking fields out is quickest
_CHUNKS_PER_REPORT = 16
_LARGEST_HEADER = 1 << 20  # what Python reads of it takes a hundred times as much
# The last one counts: a field may have the oddest name, and fields are said before the shape.
_SHAPE = re.compile(rb"(.*['\"]shape['\"]\s*:\s*\()(\s*\d+\s*)(,?\s*\))", re.DOTALL)


@dataclass(frozen=True)
class NumpyDataset(Dataset):
    """A numpy structured array; `header` is every byte before the first row."""

    header: bytes

    @property
    def form(self) -> str:
        """The usual one."""
        return "cryoSPARC .cs"

    def numbers(self, names: Iterable[str], progress: Progress = silent) -> dict[str, NDArray[Any]]:
        """Whole columns, in one pass over the file."""
        fields = {name: self.dtype[name] for name in names}
        out = {name: np.empty((self.n, *kind.shape), kind.base) for name, kind in fields.items()}
        if out:
            self._pick(out, progress)
        return out

    def _pick(self, out: Mapping[str, NDArray[Any]], progress: Progress) -> None:
        """Fill columns from the rows, in threads: reading and copying free the interpreter."""

        def work(start: int) -> None:
            for at, rows in self.chunks(start, start + span):
                for name, column in out.items():
                    column[at : at + len(rows)] = rows[name]

        span = self._chunk_rows * _CHUNKS_PER_REPORT
        starts = range(0, self.n, span)
        with ThreadPoolExecutor(min(threads(), len(starts))) as pool:
            try:
                for start, _ in zip(starts, pool.map(work, starts), strict=True):
                    progress(start / self.n, f"Reading {self.path.name}")
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def words(self, name: str) -> tuple[list[bytes], NDArray[np.int64]]:
        """The texts of a field; rows of one text mostly follow each other, and it is taken once."""
        places: dict[bytes, int] = {}
        codes = np.empty(self.n, np.int64)
        for start, rows in self.chunks():
            column = rows[name]
            firsts = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
            found = [places.setdefault(text, len(places)) for text in column[firsts].tolist()]
            lengths = np.diff(firsts, append=len(column))
            codes[start : start + len(column)] = np.repeat(found, lengths)
        return list(places), codes

    def row(self, index: int) -> np.void:
        """One row."""
        with self._open() as file:
            file.seek(len(self.header) + index * self.dtype.itemsize)
            data = file.read(self.dtype.itemsize)
        if len(data) < self.dtype.itemsize:
            self._changed()
        row: np.void = np.frombuffer(data, self.dtype)[0]
        return row

    def chunks(
        self, first: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, NDArray[np.void]]]:
        """Row number and rows from `first` to `end`, in pieces; each overwrites the one before."""
        end = self.n if end is None else min(end, self.n)
        buffer = np.empty(min(self._chunk_rows, end - first), self.dtype)
        with self._open() as file:
            file.seek(len(self.header) + first * self.dtype.itemsize)
            for start in range(first, end, self._chunk_rows):
                rows = buffer[: end - start]
                if not fill(file, rows):
                    self._changed()
                yield start, rows

    @property
    def _chunk_rows(self) -> int:
        return max(1, _CHUNK_BYTES // self.dtype.itemsize)

    def write(
        self,
        file: BinaryIO,
        mask: NDArray[np.bool_],
        progress: Progress,
        changes: Changes = NO_CHANGES,
    ) -> None:
        """Write the rows of `mask` (N,), byte for byte but for `changes`."""
        self._require_marks(mask)
        file.write(self._subset_header(int(np.count_nonzero(mask))))
        opaque = np.dtype(f"V{self.dtype.itemsize}")  # copied as bytes, padding and all
        for start, rows in self.chunks():
            progress(start / self.n, f"Writing rows of {self.path.name}")
            for name, parts in changes.items():
                put(rows[name], parts, start)
            file.write(rows.view(opaque)[mask[start : start + len(rows)]].tobytes())

    def _subset_header(self, n: int) -> bytes:
        """The header of the same file with `n` rows: version, length and other bytes the same."""
        match = _SHAPE.match(self.header)
        if match is None:
            raise ValueError("the header says no shape")
        count = str(n).encode().rjust(len(match[2]))
        return self.header[: match.start(2)] + count + self.header[match.end(2) :]


def open_numpy(file: BinaryIO, path: Path) -> NumpyDataset:
    """Read the header of a numpy file from its beginning and check that its rows are there.

    Raises
    ------
    MalformedFileError
        Cut short, not a table of fields, Python objects in it.
    """
    header, dtype, n = _read_header(file, path)
    if dtype.hasobject:
        raise MalformedFileError(
            "this file stores Python objects, which could run code and are never loaded",
            where=str(path),
            hint="Save it again with numpy fields only.",
        )
    stamp = stamp_of(file.fileno())
    trailing = stamp[0] - len(header) - n * dtype.itemsize
    if trailing < 0:
        whole = (stamp[0] - len(header)) // dtype.itemsize
        raise MalformedFileError(
            f"the file is cut short: it promises {counted(n, 'row')} and holds {whole:,}",
            where=str(path),
            hint="Copy or download it again.",
        )
    return NumpyDataset(path, dtype, n, trailing, stamp, header)


def _read_header(file: BinaryIO, path: Path) -> tuple[bytes, np.dtype[np.void], int]:
    magic = file.read(8)
    if len(magic) < 8:
        raise MalformedFileError("this is not a cryoSPARC .cs (numpy) file", where=str(path))
    width = 2 if magic[6] == 1 else 4
    size = file.read(width)
    length = int.from_bytes(size, "little")
    text = file.read(length) if length <= _LARGEST_HEADER else b""
    if len(size) < width or len(text) < length or magic[6] not in (1, 2, 3):
        _bad_header(path, "it is cut short or damaged")
    return magic + size + text, *_parse(text, "utf8" if magic[6] == 3 else "latin1", path)


def _parse(text: bytes, encoding: str, path: Path) -> tuple[np.dtype[np.void], int]:
    try:
        said = ast.literal_eval(text.decode(encoding))
        dtype = np.lib.format.descr_to_dtype(said["descr"])
        shape = tuple(int(size) for size in said["shape"])
    except (
        ValueError,
        ArithmeticError,
        SyntaxError,
        LookupError,
        TypeError,
        MemoryError,
        RecursionError,
    ):
        _bad_header(path, "it does not say its fields and rows")
    if dtype.names is None or len(shape) != 1 or _SHAPE.match(text) is None:
        raise MalformedFileError(
            "this is a numpy file, but not a table of named fields as cryoSPARC writes",
            where=str(path),
            hint="Open the particles .cs of a 3-D refinement.",
        )
    return dtype, shape[0]


def _bad_header(path: Path, why: str) -> NoReturn:
    raise MalformedFileError(
        f"the header of this numpy file cannot be read ({why})",
        where=str(path),
        hint="Copy or download the file again.",
    )
