"""cisTEM's binary parameter files (.cistem)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import NoOrientationsError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.angles import Angles, Floats
from evenview.formats.cistem.labels import ACTIVE, ANGLES, HALF, MOST_DEGREES, PIXEL, PROGRAM
from evenview.formats.cistem.meaning import particles
from evenview.formats.cistem.records import (
    Header,
    Places,
    find_rows,
    looks_like,
    read_column,
    read_header,
    read_row,
    resized,
)
from evenview.formats.single import SingleFile
from evenview.formats.star.source import Source
from evenview.formats.text.copying import copy_spans


class CistemRows(SingleFile):
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


FORMAT = CistemBinary()


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
