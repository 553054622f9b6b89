"""cisTEM's star files: refinement packages and template matches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Names, Record
from evenview.core.words import counted
from evenview.formats.angles import Floats
from evenview.formats.base import Precision, WeightColumn
from evenview.formats.cistem import described
from evenview.formats.cistem.creating import Cells, Filled, fill
from evenview.formats.cistem.labels import (
    ACTIVE,
    ANGLES,
    HALF,
    MOST_DEGREES,
    PIXEL,
    PROGRAM,
    WRITTEN,
    Written,
)
from evenview.formats.cistem.meaning import particles
from evenview.formats.facts import names_in
from evenview.formats.output import atomic_writer
from evenview.formats.star.gaps import first_gap
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, numbers_of
from evenview.formats.star.table import StarParticles
from evenview.formats.star.writing import enclosed
from evenview.formats.text.creating import write_rows

_OTHERS = (HALF, PIXEL, ACTIVE)
_DIALECT = Dialect(
    program=PROGRAM,
    mark=re.compile(rb"^[ \t]*_cisTEM", re.MULTILINE),
    angles=ANGLES,
    others=_OTHERS,
    most=MOST_DEGREES,
)


@dataclass(frozen=True)
class CistemStar:
    """One table of labels ``_cisTEM...``, with a heading of short names behind a "#"."""

    name: str = "cistem-star"
    title: str = "cisTEM star"
    suffixes: tuple[str, ...] = (".star",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is a "data_" line and a label of cisTEM's."""
        return _DIALECT.sniff(head)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the particles of one star file; see `Format.read` for what is raised."""
        table = _DIALECT.read(path, progress)
        assert table.rows is not None
        columns = {label: numbers_of(table, label) for label in _OTHERS if table.has(label)}
        source = StarParticles(table, table.rows, self.title)
        return particles(source, _DIALECT.table_angles(table), columns, _gap_notes(table))

    def units(self, particles: Particles) -> Mapping[str, str]:
        """Angles in degrees, shifts in Å, phase shifts in a unit that is not certain."""
        return described.units(particles.table, radians=False)

    def record(self, particles: Particles, progress: Progress = silent) -> Record:  # noqa: ARG002
        """All that the columns say; see `Described.record`."""
        return described.record(particles, names_in(particles.table), radians=False)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """Angles, shifts where they change, and the angle of the defocus of mirrored images."""
        return described.changes(particles, motion)

    def weight_column(self, particles: Particles) -> WeightColumn:  # noqa: ARG002
        """The occupancy, in per cent; see `Weighted.weight_column`."""
        return described.WEIGHT

    @property
    def precision(self) -> Precision:
        """cisTEM itself writes two decimals, and reads any number of them."""
        return Precision(2e-6, 1e-6, "Å", "6 decimals")

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a file of all columns that cisTEM has, in its layout but with more decimals.

        Phase shifts are in degrees, which is what cisTEM reads. What the record does not say is
        what cisTEM takes for a column that is not there; an image without a pose is not active
        (-1), so that cisTEM leaves it out. Raises `UserError` where there is no pixel size, and
        for a text that no star file can hold.
        """
        filled = fill(record, radians=False)
        cells = [_Cells.of(column, filled.cells[column.label]) for column in WRITTEN]
        row = " ".join(cell.form for cell in cells) + " \n"
        with atomic_writer(path) as file:
            file.write(_head().encode())
            columns = [cell.values for cell in cells if cell.values is not None]
            write_rows(file, row, columns, progress)
        progress(1.0, "Written")
        return Created((path,), filled.dropped, (*filled.filled, *_unread(filled)))


FORMAT = CistemStar()


def _head() -> str:
    """All that stands before the rows. The line of short names is a comment for cisTEM."""
    labels = [f"_{column.label} #{place}" for place, column in enumerate(WRITTEN, start=1)]
    heading = " ".join(f"{column.heading:>{column.width}}" for column in WRITTEN)
    lines = ["# Written by Evenview for cisTEM", " ", "data_", " ", "loop_", *labels]
    return "\n".join([*lines, f"#{heading[1:]} ", ""])


@dataclass(frozen=True, eq=False)
class _Cells:
    """How the cells of a column are written: a %-format, and what goes in; None for no more."""

    form: str
    values: NDArray[Any] | None = None

    @classmethod
    def of(cls, column: Written, cells: Cells) -> _Cells:
        if isinstance(cells, Names):
            words = np.array([_quoted(word) for word in (*cells.words, "")], dtype=object)
            return cls(f"%{column.width}s", words[cells.codes])
        if isinstance(cells, str):
            return cls(f"{_quoted(cells):>{column.width}}")
        form = f"%{column.width}.{column.decimals}f"
        if isinstance(cells, np.ndarray):
            return cls(form, cells)
        return cls(form % cells)


def _quoted(text: str) -> str:
    """A text in single quotes, which cisTEM asks for."""
    return enclosed(text, "'", "Rename what it names, or write a .cistem file.")


def _unread(filled: Filled) -> tuple[str, ...]:
    """Words for texts with blanks: cisTEM parts its rows at every blank, quoted or not."""
    texts = [
        word for cells in filled.cells.values() if isinstance(cells, Names) for word in cells.words
    ]
    if not any(" " in text for text in texts):
        return ()
    return ("names with spaces as they are: cisTEM reads them from .cistem files only",)


def _gap_notes(table: StarTable) -> list[Note]:
    """A blank line ends the table for cisTEM (``cisTEMStarFileReader::ReadTextFile``)."""
    gap = first_gap(table)
    if gap is None or gap.kind != "blank":
        return []
    line, behind = table.source.line_number(gap.offset), len(table) - gap.row
    return [
        Note(
            f"Line {line:,} is blank inside the table of particles, with {counted(behind, 'row')} "
            "below it",
            "All rows are read here; cisTEM stops at a blank line and drops what follows.",
        )
    ]
