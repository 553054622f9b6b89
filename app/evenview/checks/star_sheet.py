"""A star file as the rules see it, faulty lines and all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.checks.sheet import Floats, Halves, Images, Keys
from evenview.core.progress import Progress, silent
from evenview.formats.relion.labels import ANGLES, GROUP, HALF, SUBTOMOGRAM_ANGLES, WANTED
from evenview.formats.relion.optics import numbers_in
from evenview.formats.star.lenient import Fault, read_past_faults
from evenview.formats.star.outline import StarTable
from evenview.formats.star.rows import read_numbers
from evenview.formats.star.source import Source, parts

Places = NDArray[np.int64]

_IMAGES = ("rlnImageName", "rlnTomoParticleName")
_SCAN_BYTES = 1 << 24


class GapLines(NamedTuple):
    """Lines between the rows of a table that are none: bytes, and how many rows are below each."""

    starts: Places
    ends: Places
    rows_below: Places


@dataclass(frozen=True, eq=False)
class StarSheet:
    """All tables of a star file (`Sheet`).

    Attributes
    ----------
    tables
        Every table, without the rows that could not be read.
    table
        The one of particles.
    faults
        Lines that could not be read.
    """

    source: Source
    tables: tuple[StarTable, ...]
    table: StarTable
    faults: tuple[Fault, ...] = ()

    @classmethod
    def open(cls, path: Path, progress: Progress = silent) -> StarSheet | None:
        """Read a file as far as it can be read; None where it has no table of rows."""
        return cls._of(Source.open(path), None, progress)

    @classmethod
    def of(cls, known: StarTable, progress: Progress = silent) -> StarSheet | None:
        """The file of a table that is open."""
        return cls._of(known.source, known, progress)

    @classmethod
    def _of(cls, source: Source, known: StarTable | None, progress: Progress) -> StarSheet | None:
        tables, faults = read_past_faults(source, WANTED, known, progress)
        table = _likeliest(tables) if known is None else known
        return None if table is None else cls(source, tables, table, faults)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def is_relion(self) -> bool:
        """Whether the particles have RELION's labels."""
        return any(label.startswith("rln") for label in self.table.labels)

    @property
    def optics(self) -> StarTable | None:
        """The table of optics groups, None before RELION 3.1."""
        return next((table for table in self.tables if table.block == "optics"), None)

    def has(self, *names: str) -> bool:
        return self.table.has(*names)

    def numbers(self, label: str) -> Floats:
        """A column, (N,), NaN where a cell is not a number."""
        column = self.table.labels.index(label)
        rows = self.table.rows
        assert rows is not None
        if column in rows.numbers:
            return rows.numbers[column]
        return read_numbers(self.source, rows, column) if len(rows) else np.empty(0)

    def optics_numbers(self, label: str) -> Floats:
        """A column of the optics groups."""
        assert self.optics is not None
        return numbers_in(self.optics, label)

    def groups(self) -> Floats | None:
        """The optics group of each row, (N,), None where there is no such column."""
        return self.numbers(GROUP) if self.has(GROUP) else None

    def angles(self) -> Floats | None:
        if not self.has(*ANGLES):
            return None
        return np.column_stack([self.numbers(label) for label in ANGLES])

    def box_angles(self) -> Floats | None:
        """(N, 3) rotations of subtomogram boxes, None where there are none."""
        if not self.has(*SUBTOMOGRAM_ANGLES):
            return None
        return np.column_stack([self.numbers(label) for label in SUBTOMOGRAM_ANGLES])

    def halves(self) -> Halves | None:
        return Halves(HALF, self.numbers(HALF), (1, 2)) if self.has(HALF) else None

    def images(self) -> Images | None:
        label = next((label for label in _IMAGES if self.has(label)), None)
        return None if label is None or not len(self) else Images(label, self._keys(label))

    def _keys(self, label: str) -> Keys:
        from evenview.core.kernels import cells

        begins, ends = self.cells(label)
        keys = np.empty(len(self), dtype=np.uint64)
        for part, begin, end in parts(begins, ends - begins):
            data = self.source.array(begin, end)
            cells.image_keys(data, begins[part] - begin, ends[part] - begin, keys[part])
        return keys

    def cells(self, label: str) -> tuple[Places, Places]:
        """The bytes of a column's cells, (N,) each, without quotes."""
        from evenview.core.kernels import cells

        rows = self.table.rows
        assert rows is not None
        begins, ends = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
        column = self.table.labels.index(label)
        for part, begin, end in parts(rows.starts, rows.lengths):
            starts, lengths = rows.starts[part] - begin, rows.lengths[part]
            data = self.source.array(begin, end)
            cells.locate(data, starts, lengths, column, begins[part], ends[part])
            begins[part] += begin
            ends[part] += begin
        return begins, ends

    def place(self, row: int) -> str:
        assert self.table.rows is not None
        return f"line {self.source.line_number(int(self.table.rows.starts[row])):,}"

    def column(self, name: str) -> str:
        if name not in self.table.labels:
            return name
        return f"column {self.table.labels.index(name) + 1} ({name})"

    def gap_lines(self, kind: int) -> GapLines:
        """The lines of a kind (`core.kernels.cells.BLANK` or ``COMMENT``) between rows."""
        found = [_gap_lines(table, kind) for table in self.tables if table.rows is not None]
        return GapLines(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    @cached_property
    def returns(self) -> tuple[Places, Places]:
        """(E,) int64 each: where the carriage returns before a newline begin and end."""
        places, newlines = self._bytes_that_are(13), self._bytes_that_are(13, behind=10)
        begins = places[np.diff(places, prepend=-2) != 1]
        ends = places[np.diff(places, append=self.source.size + 1) != 1] + 1
        at_line_end = np.isin(ends, newlines + 1, assume_unique=True)
        return begins[at_line_end], ends[at_line_end]

    def _bytes_that_are(self, byte: int, behind: int | None = None) -> Places:
        """Where a byte stands, (n,) int64; only where another is right behind it, if one is."""
        found = [np.empty(0, np.int64)]
        for start in range(0, self.source.size, _SCAN_BYTES):
            stop = min(start + _SCAN_BYTES, self.source.size)
            data = self.source.array(start, min(stop + 1, self.source.size))
            here = np.flatnonzero(data[: stop - start] == byte)
            if behind is not None:
                here = here[here + 1 < len(data)]
                here = here[data[here + 1] == behind]
            found.append(here + start)
        return np.concatenate(found)


def _likeliest(tables: Sequence[StarTable]) -> StarTable | None:
    """The table of particles, also where it lacks angles."""
    loops = [table for table in tables if table.rows is not None and table.block != "optics"]
    return max(
        loops,
        key=lambda table: (table.has(*ANGLES), table.block == "particles", len(table)),
        default=None,
    )


def _gap_lines(table: StarTable, kind: int) -> GapLines:
    rows = table.rows
    assert rows is not None
    ends = rows.starts[:-1] + rows.lengths[:-1]
    gaps = np.flatnonzero(rows.starts[1:] != ends)
    starts, stops, kinds, of = _lines(table.source, ends[gaps], rows.starts[1:][gaps])
    wanted = kinds == kind
    return GapLines(starts[wanted], stops[wanted], len(rows) - 1 - gaps[of[wanted]])


def _lines(source: Source, begins: Places, ends: Places) -> tuple[Places, Places, Places, Places]:
    """`core.kernels.cells.gap_lines` of a file."""
    from evenview.core.kernels import cells

    none = np.empty(0, np.int64)
    found = [(none, none, none, none)]
    for part, begin, end in parts(begins, ends - begins):
        data = source.array(begin, end)
        lines = cells.gap_lines(data, begins[part] - begin, ends[part] - begin)
        starts, stops, kinds, gaps = (column.astype(np.int64) for column in lines)
        found.append((starts + begin, stops + begin, kinds, gaps + part.start))
    starts, stops, kinds, gaps = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return starts, stops, kinds, gaps
