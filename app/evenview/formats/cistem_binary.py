"""cisTEM's binary parameter files (.cistem)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, repeat
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import NoOrientationsError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Names, Record
from evenview.formats.angles import Angles, Floats
from evenview.formats.base import Precision, WeightColumn
from evenview.formats.cistem import described
from evenview.formats.cistem.creating import Cells, fill
from evenview.formats.cistem.labels import (
    ACTIVE,
    ANGLES,
    HALF,
    MOST_DEGREES,
    PIXEL,
    PROGRAM,
    TEXT,
    WRITTEN,
    Written,
)
from evenview.formats.cistem.meaning import particles
from evenview.formats.cistem.records import (
    BLOCK,
    Header,
    Places,
    dtype_of,
    find_rows,
    looks_like,
    packed_header,
    packed_text,
    put_column,
    read_column,
    read_header,
    read_names,
    read_row,
    resized,
)
from evenview.formats.output import atomic_writer
from evenview.formats.single import ChangeableFile
from evenview.formats.star.source import Source
from evenview.formats.text.copying import copy_spans


class CistemRows(ChangeableFile):
    """The rows of one file; bytes behind the last one stay when some are written."""

    def __init__(self, source: Source, header: Header, starts: Places, format_name: str) -> None:
        super().__init__(source, format_name)
        self.header = header
        self.starts = starts

    def __len__(self) -> int:
        return self.header.rows

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """All columns but those of text."""
        return tuple(
            column.name
            for column in self.header.columns
            if column.dtype is not None and column.dtype.kind in "iuf"
        )

    def place(self, row: int, name: str) -> str:
        """File, row and column of a cell, for an error."""
        return f"{self.path}, row {row + 1:,}, {name}"

    def names(self, name: str) -> Names | None:
        """A column of texts, (N,); None where there is none of that name."""
        self.source.require_unchanged()
        if not any(column.name == name and column.dtype is None for column in self.header.columns):
            return None
        return read_names(self.source, self.header, self.starts, name)

    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        file.write(self.source.text(0, self.header.size))
        for first in range(0, len(self), BLOCK):
            progress(first / len(self), "Writing rows")
            file.write(self._changed(slice(first, min(first + BLOCK, len(self))), changes))
        file.write(self.source.text(int(self.starts[-1]), self.source.size))

    def _changed(self, rows: slice, changes: Mapping[str, Floats]) -> memoryview:
        """The bytes of some rows with other numbers in them."""
        starts = self.starts[rows.start : rows.stop + 1]
        block = np.frombuffer(
            bytearray(self.source.text(int(starts[0]), int(starts[-1]))), np.uint8
        )
        for name, values in changes.items():
            put_column(self.source, self.header, starts, name, values[rows], block)
        return block.data

    def _column(self, name: str) -> Floats:
        return read_column(self.source, self.header, self.starts, name)

    def _row(self, row: int) -> Mapping[str, str]:
        cells = read_row(self.source, self.header, int(self.starts[row]))
        return dict(zip(self.header.names, cells, strict=True))

    def _write(self, file: BinaryIO, kept: NDArray[np.bool_], progress: Progress) -> None:
        file.write(resized(self.source, self.header, int(np.count_nonzero(kept))))
        spans = np.append(self.starts, self.source.size)
        some = np.append(kept, self.trailing > 0)
        copy_spans(self.source, spans[:-1][some], np.diff(spans)[some], file, progress)

    @property
    def trailing(self) -> int:
        """How many bytes follow the last row."""
        return self.source.size - int(self.starts[-1])


@dataclass(frozen=True)
class CistemBinary:
    """The same columns as cisTEM's star files, with all the digits of 32-bit numbers."""

    name: str = "cistem-binary"
    title: str = "cisTEM binary"
    suffixes: tuple[str, ...] = (".cistem",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether the file begins with a table of columns, each named by a single bit."""
        return looks_like(head)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the particles of one file; see `Format.read` for what is raised."""
        source = Source.open(path)
        header = read_header(source)
        _require_angles(header, path)
        rows = CistemRows(source, header, find_rows(source, header, progress), self.title)
        found = [rows.numeric(name) for name in ANGLES]
        angles = Angles(PROGRAM, ANGLES, found, str(path), rows.place, most=MOST_DEGREES)
        others = {
            name: rows.numeric(name)
            for name in (HALF, PIXEL, ACTIVE)
            if name in rows.numeric_columns
        }
        return particles(rows, angles, others, _trailing_notes(rows))

    def units(self, particles: Particles) -> Mapping[str, str]:
        """Angles in degrees, shifts in Å, phase shifts in radians."""
        return described.units(particles.table, radians=True)

    def record(self, particles: Particles, progress: Progress = silent) -> Record:  # noqa: ARG002
        """All that the columns say; see `Described.record`."""
        return described.record(particles, _rows_of(particles).names, radians=True)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """Angles, shifts where they change, and the angle of the defocus of mirrored images."""
        return described.changes(particles, motion)

    def weight_column(self, particles: Particles) -> WeightColumn:  # noqa: ARG002
        """The occupancy, in per cent; see `Weighted.weight_column`."""
        return described.WEIGHT

    @property
    def precision(self) -> Precision:
        """That of numbers of 32 bits: 1.5e-5° for each of three angles of up to 180°."""
        return Precision(3e-5, 1e-4, "Å", "32-bit numbers")

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a file of all columns that cisTEM has, in its order.

        What the record does not say is what cisTEM takes for a column that is not there; an image
        without a pose is not active (-1), so that cisTEM leaves it out. Raises `UserError` where
        there is no pixel size.
        """
        filled = fill(record, radians=True)
        with atomic_writer(path) as file:
            kinds = [(column.bit, column.kind) for column in WRITTEN]
            file.write(packed_header(kinds, len(record)))
            for first in range(0, len(record), BLOCK):
                progress(first / len(record), "Writing rows")
                file.write(_packed(filled.cells, first, min(first + BLOCK, len(record))))
        progress(1.0, "Written")
        return Created((path,), filled.dropped, filled.filled)


FORMAT = CistemBinary()


def _rows_of(particles: Particles) -> CistemRows:
    assert isinstance(particles.table, CistemRows)
    return particles.table


def _packed(cells: Mapping[str, Cells], start: int, stop: int) -> bytes:
    """The bytes of some rows of a new file: runs of numbers, and texts between them."""
    pieces: list[Iterable[bytes]] = []
    for is_text, run in groupby(WRITTEN, lambda column: column.kind == TEXT):
        if is_text:
            pieces += [_packed_texts(cells[column.label], start, stop) for column in run]
        else:
            pieces.append(_packed_numbers(list(run), cells, start, stop))
    return b"".join(chain.from_iterable(zip(*pieces, strict=True)))


def _packed_texts(cells: Cells, start: int, stop: int) -> Iterable[bytes]:
    """The bytes of the cells of a column of texts, a row each."""
    if not isinstance(cells, Names):
        return repeat(packed_text(str(cells)), stop - start)
    words = [packed_text(word) for word in (*cells.words, "")]
    return [words[code] for code in cells.codes[start:stop].tolist()]


def _packed_numbers(
    columns: Sequence[Written], cells: Mapping[str, Cells], start: int, stop: int
) -> Iterable[bytes]:
    """The bytes of neighbouring columns of numbers, a row each."""
    rows = np.empty(stop - start, [(column.label, dtype_of(column.kind)) for column in columns])
    for column in columns:
        numbers = cells[column.label]
        rows[column.label] = numbers[start:stop] if isinstance(numbers, np.ndarray) else numbers
    packed, width = rows.tobytes(), rows.itemsize
    return [packed[at : at + width] for at in range(0, len(packed), width)]


def _require_angles(header: Header, path: Path) -> None:
    numbers = [column.name for column in header.columns if column.dtype is not None]
    missing = [name for name in ANGLES if name not in numbers]
    if missing:
        what = f"the file has no column {', '.join(missing)}"
    elif not header.rows:
        what = "the file has no rows"
    else:
        return
    raise NoOrientationsError(
        what, where=str(path), hint="Open the particles of a 3-D refinement in cisTEM."
    )


def _trailing_notes(rows: CistemRows) -> list[Note]:
    if not rows.trailing:
        return []
    return [
        Note(
            f"{rows.trailing:,} bytes follow the last row",
            "They are not read, and stay in files that are written.",
        )
    ]
