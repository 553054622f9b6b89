"""SPIDER's document files of angles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core import convention
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Record
from evenview.formats.angles import Angles, Floats
from evenview.formats.facts import of_placed
from evenview.formats.star.source import Source
from evenview.formats.text.rows import Lines, TextRows
from evenview.formats.text.table import TextTable

KEY, COUNT = "key", "count"
PHI, THETA, PSI = "phi", "theta", "psi"

_COMMENT = b";"
_HEAD_LINES = 64
_HEADING_BYTES = 1 << 12
_WORD = re.compile(r"[A-Za-z][^\s,;/]*")
_SPELLINGS = {"PSI": PSI, "THE": THETA, "THETA": THETA, "PHI": PHI}
_CLASSICAL = (PSI, THETA, PHI)


@dataclass(frozen=True)
class SpiderDoc:
    """Rows of a key, the number of values, and the values; comments begin with ";".

    Which values are the angles is not of the format. A heading that names PSI, THE and PHI says it
    (``AP SH`` writes one); documents of exactly three values are taken for ``VO EA``'s psi, theta,
    phi, and others are refused. The angles are RELION's; SPIDER itself was not run.
    """

    name: str = "spider-doc"
    title: str = "SPIDER document"
    suffixes: tuple[str, ...] = (".spi", ".dat", ".doc")

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether the first line is a comment of SPIDER's and the first row counts its values."""
        lines = [line.strip() for line in head.split(b"\n", _HEAD_LINES)[:_HEAD_LINES]]
        lines = [line for line in lines if line]
        if not lines or not lines[0].startswith(_COMMENT):
            return False
        row = next((line for line in lines if not line.startswith(_COMMENT)), None)
        return _is_row(row.split()) if row is not None else b"spi/" in lines[0].lower()

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        source = Source.open(path)
        lines = Lines.of(source, comments=_COMMENT)
        if not len(lines):
            raise NoOrientationsError(
                "the document has no rows", where=str(path), hint="Was the selection empty?"
            )
        order, note = _order(source, lines)
        rows = TextRows(lines, (KEY, COUNT, *order))
        progress(0.1, "Reading rows")
        _require_counts(rows)
        phi, theta, psi = rows.angles((PHI, THETA, PSI))
        angles = Angles("SPIDER", (PHI, THETA, PSI), (phi, theta, psi), str(path), rows.place)
        return Particles(
            table=TextTable(rows, self.title),
            quaternions=convention.relion_to_quaternions(phi, theta, psi),
            notes=(*angles.checked(), note),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:  # noqa: ARG002 - all are alike
        """What was understood of the values; see `Described.units`."""
        return {
            "poses": "psi, theta, phi: degrees; RELION's psi, tilt and rot",
            "shifts": "not known: the document does not tell which values they are",
            "pixel size": "not in the file",
        }

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """The poses of all rows; see `Described.record`."""
        progress(0.0, "Reading columns")
        return Record(particles.quaternions, taken=frozenset(_CLASSICAL), notes=(_SHIFTS_NOTE,))

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """What a motion changes; see `Movable.changes`."""
        if motion.shifts or (motion.flip and _may_shift(particles)):
            raise UserError(
                "which values of the document are shifts is not known, and this changes them",
                where=str(particles.table.path),
                hint="Turn or mirror the map about the centre of its box only.",
            )
        turned = motion.apply(particles.quaternions, None)[0]
        angles = convention.quaternions_to_relion(turned, convention.POLE).T
        return of_placed(particles, dict(zip((PHI, THETA, PSI), angles, strict=True)))


FORMAT = SpiderDoc()

_SHIFTS_NOTE = Note(
    "Only the angles of a SPIDER document are known",
    "Which of its other values are shifts, and in what unit, the document does not say.",
)


def _may_shift(particles: Particles) -> bool:
    """Whether there are values besides the angles, of which nothing tells that none is a shift."""
    return len(particles.table.cells(0)) > len((KEY, COUNT, *_CLASSICAL))


def _is_row(cells: Sequence[bytes]) -> bool:
    return len(cells) > 2 and cells[0].isdigit() and cells[1] == b"%d" % (len(cells) - 2)


def _order(source: Source, lines: Lines) -> tuple[tuple[str, ...], Note]:
    """The names of the values of a row, and where they were taken from."""
    values = len(lines.line(0).split()) - 2
    for line in source.text(0, min(int(lines.starts[0]), _HEADING_BYTES)).split(b"\n"):
        names = _named(line.decode("utf-8", errors="replace"), values)
        if names:
            where = ", ".join(f"{name} in {names.index(name) + 1}" for name in _CLASSICAL)
            return names, Note(f"The angles are those that the heading names: {where}")
    if values == len(_CLASSICAL):
        return _CLASSICAL, Note(
            "The three values of a row are taken for psi, theta and phi",
            "That is the order of SPIDER's angle documents (VO EA); this file does not say it.",
        )
    raise NoOrientationsError(
        f"nothing in the document tells which of its {values} values are the angles",
        where=str(source.path),
        hint='Put a line "; KEY PSI, THE, PHI" with all columns above the rows.',
    )


def _named(heading: str, values: int) -> tuple[str, ...]:
    """What a heading calls the first values, where the three angles are among them; else ()."""
    words = [word.upper() for word in _WORD.findall(heading)]
    words = [word for word in words if word != "KEY"][:values]
    found = [_SPELLINGS.get(word, "") for word in words]
    if any(found.count(name) != 1 for name in _CLASSICAL):
        return ()
    found += [""] * (values - len(found))
    return tuple(name or f"value {place}" for place, name in enumerate(found, start=1))


def _require_counts(rows: TextRows) -> None:
    wrong = np.flatnonzero(rows.columns([COUNT])[0] != len(rows.labels) - 2)
    if wrong.size:
        row = int(wrong[0])
        raise MalformedFileError(
            f"the second cell of a row counts its values, which are {len(rows.labels) - 2} here",
            where=rows.place(row, COUNT),
            hint="Mend or remove this line, or write the file again.",
        )
