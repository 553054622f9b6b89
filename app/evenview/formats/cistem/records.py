"""The layout of cisTEM's binary parameter files.

Little-endian: two int32 (columns, rows), for each column an int64 with one bit set and an int8
type, then the rows one behind the other, each with its cells in that order
(``src/core/cistem_parameters.cpp``, ``cistem_star_file_reader.cpp``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.progress import Progress
from evenview.core.record import Names
from evenview.core.words import counted
from evenview.formats.angles import Floats
from evenview.formats.cistem.labels import name_of
from evenview.formats.star.source import Source
from evenview.formats.texts import bytes_of, shown, text_of

Places = NDArray[np.int64]
Bytes = NDArray[np.uint8]

#: The kinds of cells whose size cisTEM knows (``src/core/defines.h``), and text.
_KINDS = {2: "<i4", 3: "<f4", 5: "<i8", 6: "<f8", 7: "S1", 9: "<u4"}
_TEXT = 8
_KNOWN = range(1, 10)

_SIZES, _COLUMN = struct.Struct("<ii"), struct.Struct("<Qb")
_MOST_COLUMNS = 64  # a bit each
#: How many rows are read or written at a time.
BLOCK = 1 << 17


@dataclass(frozen=True)
class Column:
    """A column: its name, and the type of its cells, None for text."""

    name: str
    dtype: np.dtype[Any] | None

    @property
    def width(self) -> int:
        """Bytes of a cell, as `kernels.records` wants them: -1 for text."""
        return -1 if self.dtype is None else self.dtype.itemsize


@dataclass(frozen=True)
class Header:
    """What stands before the rows: the columns, how many rows, and where the first begins."""

    columns: tuple[Column, ...]
    rows: int
    size: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def widths(self) -> Places:
        """Bytes of each cell of a row, -1 for text."""
        return np.array([column.width for column in self.columns], np.int64)


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file are such a header."""
    if len(head) < _SIZES.size:
        return False
    columns, rows = _SIZES.unpack_from(head)
    if not (0 < columns <= _MOST_COLUMNS and rows >= 0):
        return False
    known = head[_SIZES.size : _SIZES.size + columns * _COLUMN.size]
    whole = known[: len(known) // _COLUMN.size * _COLUMN.size]
    return bool(whole) and all(
        bits.bit_count() == 1 and kind in _KNOWN for bits, kind in _COLUMN.iter_unpack(whole)
    )


def read_header(source: Source) -> Header:
    """The header of a file that `looks_like` one; raises `MalformedFileError`."""
    columns, rows = _SIZES.unpack(source.text(0, _SIZES.size))
    size = _SIZES.size + columns * _COLUMN.size
    if size > source.size:
        raise MalformedFileError(
            f"the file ends inside its header of {columns} columns",
            where=str(source.path),
            hint="The file seems to be cut off: copy it again, or write it again.",
        )
    found = tuple(
        _column(source, bits.bit_length() - 1, kind)
        for bits, kind in _COLUMN.iter_unpack(source.text(_SIZES.size, size))
    )
    header = Header(found, rows, size)
    doubled = [name for name in header.names if header.names.count(name) > 1]
    if doubled:
        raise MalformedFileError(
            f"the column {doubled[0]} is there more than once, and nothing tells which counts",
            where=str(source.path),
        )
    return header


def _column(source: Source, bit: int, kind: int) -> Column:
    name = name_of(bit)
    if kind == _TEXT:
        return Column(name, None)
    if kind not in _KINDS:
        raise MalformedFileError(
            f"the column {name} is of type {kind}, whose size cisTEM does not define",
            where=str(source.path),
            hint="Write the file again with cisTEM.",
        )
    return Column(name, np.dtype(_KINDS[kind]))


def find_rows(source: Source, header: Header, progress: Progress) -> Places:
    """Where every row begins and the last one ends, (N + 1,); raises `MalformedFileError`."""
    from evenview.core.kernels import records

    widths = header.widths
    least = int(np.where(widths < 0, 4, widths).sum())
    if header.rows * least > source.size - header.size:
        raise _cut_off(source, header, (source.size - header.size) // least)
    starts = np.empty(header.rows + 1, np.int64)
    starts[0] = header.size
    for first in range(0, header.rows, BLOCK):
        part = starts[first : first + BLOCK + 1]
        reached = records.find_rows(source.data, widths, part)
        if reached < len(part) - 1:
            raise _cut_off(source, header, first + reached)
        progress(int(part[-1]) / source.size, "Reading rows")
    return starts


def _cut_off(source: Source, header: Header, most: int) -> MalformedFileError:
    return MalformedFileError(
        f"the header says {counted(header.rows, 'row')}, and the file has at most {most:,} "
        "whole ones",
        where=str(source.path),
        hint="The file seems to be cut off or damaged: copy it again, or write it again.",
    )


def read_column(source: Source, header: Header, starts: Places, name: str) -> Floats:
    """A column of numbers, (N,), of the rows at `starts` (N + 1,)."""
    from evenview.core.kernels import records, star

    place = header.names.index(name)
    dtype = header.columns[place].dtype
    assert dtype is not None
    values = np.empty(header.rows, np.float64)
    for first in range(0, header.rows, BLOCK):
        part = starts[first : first + BLOCK + 1]
        cells = np.empty(len(part) - 1, np.int64)
        records.find_cells(source.data, header.widths, place, part, cells)
        found = np.empty(len(cells) * dtype.itemsize, np.uint8)
        star.gather(source.data, cells, np.full_like(cells, dtype.itemsize), found)
        with np.errstate(invalid="ignore"):  # a damaged file may have a NaN that signals
            values[first : first + BLOCK] = found.view(dtype)
    return values


def read_names(source: Source, header: Header, starts: Places, name: str) -> Names:
    """A column of texts, (N,), of the rows at `starts` (N + 1,)."""
    from evenview.core.kernels import records

    cells = np.empty(header.rows, np.int64)
    place = header.names.index(name)
    records.find_cells(source.data, header.widths, place, starts, cells)
    texts = [text_of(_text_at(source, at)) for at in cells.tolist()]
    return Names.of(texts)


def _text_at(source: Source, start: int) -> bytes:
    (length,) = struct.unpack("<i", source.text(start, start + 4))
    return source.text(start + 4, start + 4 + length)


def put_column(
    source: Source, header: Header, starts: Places, name: str, values: Floats, block: Bytes
) -> None:
    """Put numbers (n,) into `block`, a copy of the bytes of the rows at `starts` (n + 1,).

    A NaN leaves its cell. Raises `UserError` for a number that the column does not hold.
    """
    from evenview.core.kernels import records

    place = header.names.index(name)
    dtype = header.columns[place].dtype
    assert dtype is not None
    cells = np.empty(len(starts) - 1, np.int64)
    records.find_cells(source.data, header.widths, place, starts, cells)
    some = ~np.isnan(values)
    numbers = values[some]
    if dtype.kind != "f":
        _require_whole(source, name, dtype, numbers)
    each = numbers.astype(dtype).view(np.uint8).reshape(-1, dtype.itemsize)
    block[(cells[some] - starts[0])[:, None] + np.arange(dtype.itemsize)] = each


def _require_whole(source: Source, name: str, dtype: np.dtype[Any], numbers: Floats) -> None:
    limits = np.iinfo(dtype)
    fit = (numbers == np.rint(numbers)) & (numbers >= limits.min) & (numbers <= limits.max)
    if not fit.all():
        raise UserError(
            f"{name} cannot be {numbers[~fit][0]:g}: its column holds whole numbers "
            f"({8 * dtype.itemsize} bits)",
            where=str(source.path),
            hint="Choose a column of real numbers.",
        )


def read_row(source: Source, header: Header, start: int) -> list[str]:
    """The cells of the row at `start` as text."""
    texts = []
    for column in header.columns:
        if column.dtype is None:
            texts.append(shown(_text_at(source, start)))
            start += 4 + struct.unpack("<i", source.text(start, start + 4))[0]
        else:
            stop = start + column.width
            texts.append(_text(np.frombuffer(source.text(start, stop), column.dtype)[0]))
            start = stop
    return texts


def _text(value: np.generic) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def resized(source: Source, header: Header, rows: int) -> bytes:
    """The bytes of the header with another number of rows."""
    return _SIZES.pack(len(header.columns), rows) + source.text(_SIZES.size, header.size)


def packed_header(columns: Iterable[tuple[int, int]], rows: int) -> bytes:
    """The bytes before the rows of a file with columns of these bits and types."""
    names = [_COLUMN.pack(1 << bit, kind) for bit, kind in columns]
    return _SIZES.pack(len(names), rows) + b"".join(names)


def packed_text(text: str) -> bytes:
    """The bytes of a cell of text."""
    encoded = bytes_of(text)
    return struct.pack("<i", len(encoded)) + encoded


def dtype_of(kind: int) -> np.dtype[Any] | None:
    """The numbers of a type of cells, None for text."""
    return None if kind == _TEXT else np.dtype(_KINDS[kind])
