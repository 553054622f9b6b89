"""Dynamo tables (.tbl): subtomograms, a row of numbers each, without a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core import convention
from evenview.core.errors import MalformedFileError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.angles import Angles
from evenview.formats.pixels import single_size
from evenview.formats.star.cells import number_of
from evenview.formats.star.source import Source
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

_REAL = rb"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan)"
_COMPLEX = re.compile(rb"(" + _REAL + rb")([+-]" + _REAL.removeprefix(rb"[+-]?") + rb")[ij]", re.I)


@dataclass(frozen=True)
class DynamoTbl:
    """Tables of 26 to 42 columns; the directions are those of each particle in its tomogram."""

    name: str = "dynamo-tbl"
    title: str = "Dynamo table"
    suffixes: tuple[str, ...] = (".tbl",)

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
