"""cisTEM's star files: refinement packages and template matches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.cistem.labels import ACTIVE, ANGLES, HALF, MOST_DEGREES, PIXEL, PROGRAM
from evenview.formats.cistem.meaning import particles
from evenview.formats.star.gaps import first_gap
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, numbers_of
from evenview.formats.star.table import StarParticles

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


FORMAT = CistemStar()


def _gap_notes(table: StarTable) -> list[Note]:
    """A blank line ends the table for cisTEM (``cisTEMStarFileReader::ReadTextFile``)."""
    gap = first_gap(table)
    if gap is None or gap.kind != "blank":
        return []
    line, behind = table.source.line_number(gap.offset), len(table) - gap.row
    return [
        Note(
            f"Line {line:,} is blank inside the table of particles, with {behind:,} rows below it",
            "All rows are read here; cisTEM stops at a blank line and drops what follows.",
        )
    ]
