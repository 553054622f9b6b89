"""The stream form of .cs files (cryosparc-tools' ``CSDAT_FORMAT``): one column after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.progress import Progress, silent
from evenview.core.words import counted
from evenview.formats.cs.base import NO_CHANGES, Changes, Dataset, fill, put, stamp_of
from evenview.formats.cs.stream_header import Field, Header, read_header

_MOST = 255  # a byte of LZ4 stands for no more than this many
_LENGTH = 4  # bytes, before each column
_COPY_BYTES = 1 << 22
_CHUNK_ROWS = 1 << 14


@dataclass(frozen=True)
class Column:
    """Where a field's bytes lie in the file."""

    field: Field
    start: int
    size: int


@dataclass(frozen=True)
class StreamDataset(Dataset):
    """A .cs stream: its columns by name, and its texts as they stand at the end of the file.

    Texts are of no fixed length in it; here a field of them is as wide as the longest.
    """

    header: Header
    columns: Mapping[str, Column]
    texts: bytes

    @property
    def form(self) -> str:
        """The other one."""
        return "cryoSPARC .cs (stream form)"

    def numbers(self, names: Iterable[str], progress: Progress = silent) -> dict[str, NDArray[Any]]:
        """Whole columns; nothing but them is read and unpacked."""
        columns = [self.columns[name] for name in names]
        out = {}
        with self._open() as file:
            for i, column in enumerate(columns):
                progress(i / len(columns), f"Reading {self.path.name}")
                out[column.field.name] = self._cells(file, column)
        return out

    def _cells(self, file: BinaryIO, column: Column) -> NDArray[Any]:
        stored = _stored(file, column, self.n, self.path)
        if not column.field.is_text:
            return stored
        places, rows = np.unique(stored, return_inverse=True)
        found = [_text_at(self.texts, place) for place in places.tolist()]
        return np.array(found, self.dtype[column.field.name])[rows]

    def words(self, name: str) -> tuple[list[bytes], NDArray[np.int64]]:
        """The texts of a field."""
        with self._open() as file:
            stored = _stored(file, self.columns[name], self.n, self.path)
        places, codes = np.unique(stored, return_inverse=True)
        return [_text_at(self.texts, place) for place in places.tolist()], codes

    @cached_property
    def _rows(self) -> NDArray[np.void]:
        """All rows, held once one was asked for: a stream gives none without unpacking all."""
        rows = np.empty(self.n, self.dtype)
        for name in self.names:
            rows[name] = self.numbers([name])[name]
        return rows

    def row(self, index: int) -> np.void:
        """One row."""
        with self._open():
            row: np.void = self._rows[index]
        return row

    def chunks(
        self, first: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, NDArray[np.void]]]:
        """Row number and rows from `first` to `end`, in pieces."""
        end = self.n if end is None else min(end, self.n)
        with self._open():
            rows = self._rows
        for start in range(first, end, _CHUNK_ROWS):
            yield start, rows[start : min(start + _CHUNK_ROWS, end)]

    def write(
        self,
        file: BinaryIO,
        mask: NDArray[np.bool_],
        progress: Progress,
        changes: Changes = NO_CHANGES,
    ) -> None:
        """Write the rows of `mask` (N,), value for value, their columns not packed.

        All rows together are written as the bytes they were, but for the columns of `changes`.
        """
        self._require_marks(mask)
        with self._open() as source:
            if not mask.all():
                self._write_some(source, file, mask, progress, changes)
            elif changes:
                self._write_changed(source, file, progress, changes)
            else:
                self._copy(source, file, 0, self.stamp[0], progress)

    def _copy(
        self, source: BinaryIO, file: BinaryIO, start: int, end: int, progress: Progress
    ) -> None:
        """Copy the bytes of the file from `start` to `end`."""
        source.seek(start)
        for at in range(start, end, _COPY_BYTES):
            progress(at / self.stamp[0], f"Writing columns of {self.path.name}")
            file.write(source.read(min(_COPY_BYTES, end - at)))

    def _write_changed(
        self, source: BinaryIO, file: BinaryIO, progress: Progress, changes: Changes
    ) -> None:
        """All rows; the header and the columns that do not change are the bytes they were."""
        at = 0
        for name, parts in sorted(changes.items(), key=lambda item: self.columns[item[0]].start):
            column = self.columns[name]
            self._copy(source, file, at, column.start - _LENGTH, progress)
            data = self._changed_cells(source, column, parts).tobytes()
            _write_column(file, as_literals(data) if column.field.packed else data)
            at = column.start + column.size
        self._copy(source, file, at, self.stamp[0], progress)

    def _changed_cells(
        self, source: BinaryIO, column: Column, parts: Mapping[tuple[int, ...], NDArray[Any]]
    ) -> NDArray[Any]:
        cells = _stored(source, column, self.n, self.path)
        put(cells, parts, 0)
        return cells

    def _write_some(
        self,
        source: BinaryIO,
        file: BinaryIO,
        mask: NDArray[np.bool_],
        progress: Progress,
        changes: Changes,
    ) -> None:
        n = int(np.count_nonzero(mask))
        file.write(self.header.of_rows(n))
        for i, column in enumerate(self.columns.values()):
            progress(i / len(self.columns), f"Writing columns of {self.path.name}")
            if n == 0:
                continue
            cells = self._changed_cells(source, column, changes.get(column.field.name, {}))
            _write_column(file, cells[mask].tobytes())
        file.write(self.texts)


def open_stream(file: BinaryIO, path: Path) -> StreamDataset:
    """Read the header of a .cs stream from its beginning, find its columns and read its texts.

    Raises
    ------
    MalformedFileError
        Damaged, cut short, or packed in a way that is not known.
    """
    header = read_header(file, path)
    stamp = stamp_of(file.fileno())
    columns = _columns(file, header, stamp[0], path)
    texts = file.read()
    kinds = [
        np.dtype(f"S{_width(file, columns[field.name], header.n, texts, path)}")
        if field.is_text and columns
        else field.kind
        for field in header.fields
    ]
    names = [field.name for field in header.fields]
    dtype = np.dtype(list(zip(names, kinds, strict=True)))
    return StreamDataset(path, dtype, header.n, 0, stamp, header, columns, texts)


def _columns(file: BinaryIO, header: Header, size: int, path: Path) -> dict[str, Column]:
    """The columns one after another; the file is left at what follows them."""
    columns, at = {}, header.size
    for field in header.fields if header.n else ():
        length = int.from_bytes(file.read(_LENGTH), "little")
        column = Column(field, at + _LENGTH, length)
        at = column.start + length
        if at > size:
            raise _damaged(path, f"the field {field.name} is cut short")
        _require_size(column, header.n, path)
        columns[field.name] = column
        file.seek(at)
    return columns


def _require_size(column: Column, n: int, path: Path) -> None:
    """The rows that the header promises are as many as the column's bytes can hold."""
    wanted = n * column.field.kind.itemsize
    if (wanted > column.size * _MOST) if column.field.packed else (wanted != column.size):
        raise _damaged(
            path, f"the field {column.field.name} has {column.size:,} bytes for {counted(n, 'row')}"
        )


def _width(file: BinaryIO, column: Column, n: int, texts: bytes, path: Path) -> int:
    """The length of the longest text that a row has, at least 1."""
    places = np.unique(_stored(file, column, n, path)).tolist()
    if places[-1] >= len(texts) or not texts.endswith(b"\0"):
        raise _damaged(path, f"texts of the field {column.field.name} are missing")
    return max(1, *(len(_text_at(texts, place)) for place in places))


def as_literals(data: bytes) -> bytes:
    """Bytes as one LZ4 block that says them as they are, without a repeat.

    It is what a packer makes of random numbers, which poses are to it; any unpacker reads it.
    """
    more = len(data) - 15
    if more < 0:
        return bytes([len(data) << 4]) + data
    return b"\xf0" + b"\xff" * (more // 255) + bytes([more % 255]) + data


def _write_column(file: BinaryIO, data: bytes) -> None:
    file.write(len(data).to_bytes(_LENGTH, "little"))
    file.write(data)


def _text_at(texts: bytes, place: int) -> bytes:
    return texts[place : texts.index(b"\0", place)]


def _stored(file: BinaryIO, column: Column, n: int, path: Path) -> NDArray[Any]:
    """A column's cells as stored, (n, ...); of texts, where each begins."""
    file.seek(column.start)
    data = np.empty(column.size, np.uint8)
    if not fill(file, data):
        raise _damaged(path, f"the field {column.field.name} is cut short")
    kind = column.field.kind
    if column.field.packed:
        data = _unpacked(data, n * kind.itemsize, column.field.name, path)
    return data.view(kind.base).reshape(n, *kind.shape)


def _unpacked(data: NDArray[np.uint8], size: int, name: str, path: Path) -> NDArray[np.uint8]:
    from evenview.core.kernels import lz4

    out = np.empty(size, np.uint8)
    if lz4.unpack(data, out) != size:
        raise _damaged(path, f"the field {name} cannot be unpacked")
    return out


def _damaged(path: Path, what: str) -> MalformedFileError:
    return MalformedFileError(
        f"this .cs stream is damaged or cut short: {what}",
        where=str(path),
        hint="Copy or download the file again.",
    )
