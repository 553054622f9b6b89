"""Dynamo tables (.tbl): subtomograms, a row of numbers each, without a heading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.conventions.dynamo import CONVENTION
from evenview.core.errors import MalformedFileError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.core.words import counted
from evenview.formats.angles import Angles
from evenview.formats.base import Precision
from evenview.formats.output import atomic_writer
from evenview.formats.pixels import single_size
from evenview.formats.star.cells import number_of
from evenview.formats.star.source import Source
from evenview.formats.subtomograms import Columns
from evenview.formats.text.creating import write_rows
from evenview.formats.text.rows import Lines, TextRows
from evenview.formats.text.table import TextTable

#: Columns in file order (Dynamo's wiki, "Table convention"); "-" has no name there.
_NAMES = (
    *("tag", "aligned", "averaged", "dx", "dy", "dz", "tdrot", "tilt", "narot", "cc", "cc2", "cpu"),
    *("ftype", "ymintilt", "ymaxtilt", "xmintilt", "xmaxtilt", "fs1", "fs2", "tomo", "reg"),
    *("class", "annotation", "x", "y", "z", "dshift", "daxis", "dnarot", "dcc", "otag", "npar"),
    *("-", "ref", "sref", "apix", "def", "-", "-", "-", "eig1", "eig2"),
)
ANGLES = ("tdrot", "tilt", "narot")
PIXEL = "apix"
_FEWEST, _MOST = 26, len(_NAMES)
#: The columns of a new table: those up to `sref`, or all where there is a pixel size.
_USUAL = 35

COLUMNS = Columns(
    angles=ANGLES,
    from_quaternions=CONVENTION.from_quaternions,
    formula=CONVENTION.formula,
    shifts=("dx", "dy", "dz"),
    coordinates=("x", "y", "z"),
    number="tag",
    tomogram="tomo",
    classes="class",
    pixel_size=PIXEL,
)
#: What stands in the columns that no record says; in all others 0.
_ONES = ("aligned", "averaged", "npar", "ref")
_NEUTRAL = dict.fromkeys(_ONES, 1) | dict.fromkeys(("tomo", "class", "x", "y", "z"), 0)
_FILLED = (
    "ftype: 0, no missing wedge; set the tilt range before an alignment",
    "all other columns: 0",
)
_MARKS = ("aligned", "averaged")
_WHOLE = ("tag", "tomo", "class", *_MARKS)

_REAL = rb"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan)"
_COMPLEX = re.compile(rb"(" + _REAL + rb")([+-]" + _REAL.removeprefix(rb"[+-]?") + rb")[ij]", re.I)
_PRECISION = Precision(1e-6, 1e-6, "pixels", "8 decimals")


@dataclass(frozen=True)
class DynamoTbl:
    """Tables of 26 to 42 columns; the directions are those of each particle in its tomogram.

    The particle is at x + dx, in pixels (cryoCAT and dynamo2m read it so).
    """

    name: str = "dynamo-tbl"
    title: str = "Dynamo table"
    suffixes: tuple[str, ...] = (".tbl",)
    precision: Precision = _PRECISION

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether the first row has as many numbers as a table, and first of all a whole tag."""
        cells = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0].split()
        if not _FEWEST <= len(cells) <= _MOST or any(number(cell) is None for cell in cells):
            return False
        tag = number_of(cells[0])
        return tag is not None and tag >= 0 and tag == np.floor(tag)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        rows = _rows(Source.open(path), path)
        progress(0.1, "Reading rows")
        tdrot, tilt, narot = rows.angles(ANGLES)
        names = ("narot", "tilt", "tdrot")
        notes = Angles("Dynamo", names, (narot, tilt, tdrot), str(path), rows.place).checked()
        size, size_notes = _pixel_size(rows)
        return Particles(
            table=TextTable(rows, self.title),
            quaternions=convention.dynamo_to_quaternions(tdrot, tilt, narot),
            pixel_size=size,
            notes=(*notes, *size_notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What the columns mean; see `Described.units`."""
        return _columns_of(particles).units()

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """All rows; see `Described.record`. Raises `UserError` for shifts without a pixel size."""
        progress(0.0, "Reading columns")
        return _columns_of(particles).record(particles)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """What a motion changes; see `Movable.changes`."""
        return _columns_of(particles).changes(particles, motion)

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new table, of 42 columns where there is a pixel size and else of 35.

        Raises `UserError` where there are shifts and no pixel size.
        """
        said = COLUMNS.values(record)
        sizes = {} if record.pixel_size is None else {PIXEL: np.nan_to_num(record.pixel_size)}
        marks, told = _marks(record)
        values = {**said.columns, **sizes, **marks}
        names = _NAMES if sizes else _NAMES[:_USUAL]
        with atomic_writer(path) as file:
            columns = [values[name] for name in names if name in values]
            write_rows(file, _row(names, values), columns, progress)
        progress(1.0, "Written")
        filled = (*said.filled, *said.neutral(_NEUTRAL), *told, *_FILLED)
        return Created((path,), said.dropped, filled)


FORMAT = DynamoTbl()


def number(cell: bytes) -> float | None:
    """The number in a cell; MATLAB's ``1.5+0i`` is 1.5, and no real number if it has an i part."""
    plain = number_of(cell)
    if plain is not None:
        return plain
    found = _COMPLEX.fullmatch(cell)
    if found is None:
        return None
    return float(found[1]) if float(found[2]) == 0 else np.nan


def _rows(source: Source, path: Path) -> TextRows:
    mark = len(b"\xef\xbb\xbf") if source.text(0, 3) == b"\xef\xbb\xbf" else 0
    lines = Lines.of(source, mark)
    columns = len(lines.line(0).split())
    if not _FEWEST <= columns <= _MOST:
        raise MalformedFileError(
            f"a Dynamo table has {_FEWEST} to {_MOST} columns, and this row has {columns}",
            where=lines.place(0),
            hint=f"Write {path.name} again from Dynamo.",
        )
    named = enumerate(_NAMES[:columns], start=1)
    labels = tuple(f"column {place}" if name == "-" else name for place, name in named)
    return TextRows(lines, labels, number=number)


def _pixel_size(rows: TextRows) -> tuple[float | None, list[Note]]:
    return single_size(rows.columns([PIXEL])[0]) if PIXEL in rows.labels else (None, [])


def _columns_of(particles: Particles) -> Columns:
    """`COLUMNS`, without the pixel size where the table has no column for it."""
    has_size = PIXEL in particles.table.numeric_columns
    return COLUMNS if has_size else replace(COLUMNS, pixel_size="")


def _marks(record: Record) -> tuple[dict[str, NDArray[np.int64]], tuple[str, ...]]:
    """0 for particles without a pose, so that Dynamo averages none of them, and words for it."""
    placed = record.placed
    missing = int(np.count_nonzero(~placed))
    if not missing:
        return {}, ()
    told = f"{', '.join(_MARKS)}: 0 for {counted(missing, 'particle')} without a pose"
    return dict.fromkeys(_MARKS, placed.astype(np.int64)), (told,)


def _row(names: tuple[str, ...], values: Mapping[str, NDArray[Any]]) -> str:
    """The %-format of a row, with what is the same in all rows written out."""
    cells = (
        ("%d" if name in _WHOLE else "%.8f") if name in values else f"{_NEUTRAL.get(name, 0)}"
        for name in names
    )
    return " ".join(cells) + "\n"
