"""FREALIGN's parameter files (.par) of all versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core import convention
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.formats.angles import Angles, Floats
from evenview.formats.base import HEAD_BYTES, Precision, WeightColumn
from evenview.formats.frealign import creating, described
from evenview.formats.frealign.labels import ANGLES, FIRST, LAYOUTS, OCCUPANCY
from evenview.formats.star.cells import number_of
from evenview.formats.star.source import Source
from evenview.formats.text.rows import Lines, TextRows, split
from evenview.formats.text.table import TextTable

_HEADING = re.compile(rb"^C\b.*\bPSI\s+THETA\s+PHI\b", re.MULTILINE | re.IGNORECASE)
_MAGNIFICATION, _FILM = FIRST.index("MAG"), FIRST.index("FILM")
_PRECISION = Precision(0.0151, 0.0051, "Å", "2 decimals")


@dataclass(frozen=True)
class FrealignPar:
    """Columns of numbers without names, with comments that begin with "C".

    12 columns end with a correlation, 13 with phase residuals (both before version 9); 16 are those
    of version 9 and 17 those with a phase shift. The angles are RELION's: phi, theta, psi. Numbers
    that are put in keep the width of their cells, since FREALIGN reads fixed columns.
    """

    name: str = "frealign-par"
    title: str = "FREALIGN .par"
    suffixes: tuple[str, ...] = (".par",)
    precision: Precision = _PRECISION

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is FREALIGN's heading, or a first row that can only be its own."""
        if b"\0" in head:
            return False
        return bool(_HEADING.search(head)) or _is_row(_first_row(head))

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the particles of one file; see `Format.read` for what is raised."""
        rows = _rows(Lines.of(Source.open(path), comments=b"C"), path)
        progress(0.5, "Reading rows")
        columns = rows.columns(ANGLES)
        for name, column in zip(ANGLES, columns, strict=True):
            _require_numbers(rows, name, column)
        angles = Angles("FREALIGN", ANGLES, columns, str(path), rows.place)
        notes = angles.checked()
        progress(1.0, "Read")
        return Particles(
            table=TextTable(rows, self.title, fixed=True),
            quaternions=convention.relion_to_quaternions(*columns),
            notes=tuple(notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What the columns mean; see `Described.units`."""
        return described.units(particles)

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """All rows; see `Described.record`.

        Raises `UserError` for shifts in pixels (files before version 9) without a pixel size.
        """
        progress(0.0, "Reading columns")
        return described.record(particles)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """What a motion changes; see `Movable.changes`."""
        return described.changes(particles, motion)

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new file of version 9, with phase shifts (17 columns) where they are known."""
        return creating.create(path, record, progress)

    def weight_column(self, particles: Particles) -> WeightColumn:  # noqa: ARG002
        """The occupancy, in per cent, which files before version 9 do not have."""
        return WeightColumn(OCCUPANCY, 100.0, "FREALIGN from version 9 on")


FORMAT = FrealignPar()


def _first_row(head: bytes) -> list[bytes]:
    """The cells of the first whole line that is no comment."""
    lines = head.splitlines()
    if len(head) >= HEAD_BYTES:
        lines = lines[:-1]
    rows = (line for line in lines if line.strip() and not line.lstrip().startswith(b"C"))
    return split(next(rows, b""), "")


def _is_row(cells: list[bytes]) -> bool:
    """Whether cells are numbers as FREALIGN has them: a counter, a magnification, a film."""
    numbers = [number_of(cell) for cell in cells]
    if len(cells) not in LAYOUTS or any(number is None for number in numbers):
        return False
    counts = cells[0].isdigit() and cells[_FILM].lstrip(b"-").isdigit()
    return counts and (numbers[_MAGNIFICATION] or 0.0) >= 1.0


def _rows(lines: Lines, path: Path) -> TextRows:
    if not len(lines):
        raise NoOrientationsError(
            "the file has no rows, only comments",
            where=str(path),
            hint="Open the parameter file of a finished refinement.",
        )
    cells = len(split(lines.line(0), ""))
    if cells not in LAYOUTS:
        raise MalformedFileError(
            f"this row has {cells} cells, where FREALIGN's have 12, 13, 16 or 17",
            where=lines.place(0),
            hint="Numbers that fill their columns touch: part them with a blank.",
        )
    return TextRows(lines, LAYOUTS[cells])


def _require_numbers(rows: TextRows, name: str, column: Floats) -> None:
    """Raise at a cell that is not a number; "nan" is a missing one."""
    place = rows.labels.index(name)
    for row in np.flatnonzero(np.isnan(column)):
        cell = rows.cells(int(row))[place]
        if cell.lower() != b"nan":
            raise MalformedFileError(
                f'"{cell.decode("utf-8", "backslashreplace")}" is not a number',
                where=rows.place(int(row), name),
                hint="Fortran writes stars where a number does not fit: mend or remove this row.",
            )
