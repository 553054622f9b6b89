"""PEET's motive lists (MOTL .csv)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evenview.core import convention
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.formats.angles import Angles
from evenview.formats.star.cells import text_of
from evenview.formats.star.source import Source
from evenview.formats.text.rows import Lines, TextRows, split
from evenview.formats.text.table import TextTable

_HEADING = re.compile(rb"^(?:\xef\xbb\xbf)?\s*CCC\s*,[^\n]*,", re.I)
_COLUMNS = 20
_HEADING_BYTES = 1 << 12
_PHI, _PSI, _THETA = 16, 17, 18
_NAMES = ({"phi", "eulerz(1)"}, {"psi", "eulerz(3)"}, {"theta", "eulerx(2)"})


@dataclass(frozen=True)
class PeetCsv:
    """A heading that begins with CCC, then 20 numbers a row, of which 17 to 19 are the angles.

    They are AV3's phi, psi, theta, which newer PEETs call EulerZ(1), EulerZ(3), EulerX(2). The
    sense of the rotation is AV3's; PEET itself was not run.
    """

    name: str = "peet-csv"
    title: str = "PEET motive list"
    suffixes: tuple[str, ...] = (".csv",)

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


FORMAT = PeetCsv()


def _rows(source: Source, path: Path) -> TextRows:
    heading = source.text(0, source.line_end(0))
    cells = split(heading[:_HEADING_BYTES].removeprefix(b"\xef\xbb\xbf"), ",")
    names = [text_of(cell) for cell in cells]
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
