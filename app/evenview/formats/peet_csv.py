"""PEET's motive lists (MOTL .csv)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evenview.core import convention
from evenview.core.conventions.emmotl import CONVENTION
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.formats.angles import Angles, Floats
from evenview.formats.base import Precision
from evenview.formats.output import atomic_writer
from evenview.formats.star.source import Source
from evenview.formats.subtomograms import Columns
from evenview.formats.text.creating import write_rows
from evenview.formats.text.rows import Lines, TextRows, split
from evenview.formats.text.table import TextTable
from evenview.formats.texts import shown

_HEADING = re.compile(rb"^(?:\xef\xbb\xbf)?\s*CCC\s*,[^\n]*,", re.I)
_COLUMNS = 20
_HEADING_BYTES = 1 << 12
_PHI, _PSI, _THETA = 16, 17, 18
_NUMBER, _OFFSETS = "pIndex", ("xOffset", "yOffset", "zOffset")
_NEW_HEADING = (
    *("CCC", "reserved", "reserved", _NUMBER, "wedgeWT", *["NA"] * 5, *_OFFSETS, "NA", "NA"),
    *("reserved", "EulerZ(1)", "EulerZ(3)", "EulerX(2)", "reserved"),
)
_PRECISION = Precision(1e-6, 1e-6, "pixels", "8 decimals")
_NAMES = ({"phi", "eulerz(1)"}, {"psi", "eulerz(3)"}, {"theta", "eulerx(2)"})


@dataclass(frozen=True)
class PeetCsv:
    """A heading that begins with CCC, then 20 numbers a row, of which 17 to 19 are the angles.

    They are AV3's phi, psi, theta, which newer PEETs call EulerZ(1), EulerZ(3), EulerX(2). The
    sense of the rotation is AV3's, and a particle is at its point of the model plus its offset, in
    pixels (so D. Vasishtan's scripts for PEET read both); PEET itself was not run. The points are
    in the model, another file.
    """

    name: str = "peet-csv"
    title: str = "PEET motive list"
    suffixes: tuple[str, ...] = (".csv",)
    precision: Precision = _PRECISION

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is PEET's heading."""
        return bool(_HEADING.match(head))

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        rows = _rows(Source.open(path), path)
        progress(0.1, "Reading rows")
        names = (rows.labels[_PHI], rows.labels[_THETA], rows.labels[_PSI])
        phi, theta, psi = rows.angles(names)
        notes = Angles("PEET", names, (phi, theta, psi), str(path), rows.place).checked()
        return Particles(
            table=TextTable(rows, self.title),
            quaternions=convention.emmotl_to_quaternions(phi, psi, theta),
            notes=tuple(notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What the columns mean; see `Described.units`."""
        return _columns(particles).units()

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """All rows; see `Described.record`. Raises `UserError` for offsets without pixel size."""
        progress(0.0, "Reading columns")
        return _columns(particles).record(particles, (_NOTE,))

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """What a motion changes; see `Movable.changes`."""
        return _columns(particles).changes(particles, motion)

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new list; the points that its offsets begin at belong in a model beside it.

        Raises `UserError` where there are shifts and no pixel size.
        """
        said = _named(_NEW_HEADING).values(record)
        cells = ("%d" if name == _NUMBER else "%.8f" for name in said.columns)
        formats = dict(zip(said.columns, cells, strict=True))
        row = ",".join(formats.get(name, "0") for name in _NEW_HEADING) + "\n"
        columns = [said.columns[name] for name in _NEW_HEADING if name in said.columns]
        with atomic_writer(path) as file:
            file.write((",".join(_NEW_HEADING) + "\n").encode())
            write_rows(file, row, columns, progress)
        progress(1.0, "Written")
        return Created((path,), said.dropped, (*said.filled, "all other columns: 0"))


FORMAT = PeetCsv()

_NOTE = Note(
    "A motive list of PEET has no coordinates: they are in the model beside it",
    "Offsets and the sense of the angles are as other programs read them; PEET was not run.",
)


def _columns(particles: Particles) -> Columns:
    """The columns as this file names them; those it does not name are left."""
    table = particles.table
    assert isinstance(table, TextTable)
    labels, known = table.rows.labels, set(table.numeric_columns)
    return _named(labels, known)


def _named(labels: Sequence[str], known: Collection[str] = _NEW_HEADING) -> Columns:
    return Columns(
        angles=(labels[_PHI], labels[_PSI], labels[_THETA]),
        from_quaternions=convention.quaternions_to_emmotl,
        formula=CONVENTION.formula,
        shifts=_OFFSETS if all(name in known for name in _OFFSETS) else (),
        number=_NUMBER if _NUMBER in known else "",
    )


def _rows(source: Source, path: Path) -> TextRows:
    heading = source.text(0, source.line_end(0))
    cells = split(heading[:_HEADING_BYTES].removeprefix(b"\xef\xbb\xbf"), ",")
    names = [shown(cell) for cell in cells]
    if not _has_angles(names):
        raise MalformedFileError(
            "columns 17 to 19 are not called phi, psi, theta nor EulerZ(1), EulerZ(3), EulerX(2)",
            where=source.place(0),
            hint="Write the motive list again from PEET.",
        )
    lines = Lines.of(source, len(heading))
    if not len(lines):
        raise NoOrientationsError(
            "the motive list has no rows",
            where=str(path),
            hint="Was the selection that made this file empty?",
        )
    return TextRows(lines, _labels(names[:_COLUMNS]), ",")


def _has_angles(names: Sequence[str]) -> bool:
    found = zip(names[_PHI : _THETA + 1], _NAMES, strict=False)
    return len(names) >= _COLUMNS and all(name.lower() in known for name, known in found)


def _labels(names: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, with their place where one is there more than once."""
    return tuple(
        f"{name} {place}" if names.count(name) > 1 else name
        for place, name in enumerate(names, start=1)
    )
