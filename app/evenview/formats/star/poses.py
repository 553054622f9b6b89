"""The table of a star file that has three angles in its rows, whoever named their columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.progress import Progress
from evenview.formats.angles import MOST_DEGREES, Angles
from evenview.formats.star.outline import StarTable, describe_tables, read_tables
from evenview.formats.star.rows import Floats
from evenview.formats.star.source import Source

_BLOCK = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*data_\S*[ \t\r]*(?:#.*)?$", re.MULTILINE)
_RELION = re.compile(rb"^[ \t]*_rln", re.MULTILINE)
_REFINED = "Open the particles of a 3-D refinement."


@dataclass(frozen=True)
class Other:
    """A file of the same program that has no particles: a label that tells it, and words."""

    label: str
    what: str
    hint: str = _REFINED


@dataclass(frozen=True)
class Dialect:
    """How a program names what a star file says of particles.

    Attributes
    ----------
    program
        Its name, in words.
    mark
        What no star file of another program has.
    angles
        RELION's rot, tilt and psi by their names here.
    others
        Further columns of numbers that are wanted: half-sets, pixel size.
    instead
        What a file without angles may be; the first one that fits is said.
    most
        The largest angle, in degrees, that it may have meant.
    """

    program: str
    mark: re.Pattern[bytes]
    angles: tuple[str, str, str]
    others: tuple[str, ...] = ()
    instead: tuple[Other, ...] = ()
    most: float = MOST_DEGREES

    def sniff(self, head: bytes) -> bool:
        """Whether there is a "data_" line and the program's mark, and no label of RELION's."""
        found = _BLOCK.search(head) and self.mark.search(head)
        return bool(found) and not _RELION.search(head)

    def read(self, path: Path, progress: Progress) -> StarTable:
        """The table of particles, with the numbers of the angles and the `others`.

        Raises
        ------
        NoOrientationsError
            No table has the angles, or it has no rows; says what the file seems to be.
        MalformedFileError
            Several tables could be meant, or a column is there twice.
        """
        source = Source.open(path)
        tables = read_tables(source, (*self.angles, *self.others), progress)
        return angle_table(tables, path, self.angles, self.others, self._without_angles)

    def table_angles(self, table: StarTable) -> Angles:
        """The angles of a table of particles; raises where a cell is not a number."""
        columns = [numbers_of(table, label) for label in self.angles]
        where = str(table.source.path)
        return Angles(self.program, self.angles, columns, where, table.place, most=self.most)

    def _without_angles(self, tables: Sequence[StarTable], path: Path) -> NoOrientationsError:
        labels = {label for table in tables for label in table.labels}
        what, hint = self._what_instead(labels)
        return NoOrientationsError(what, where=str(path), hint=hint)

    def _what_instead(self, labels: set[str]) -> tuple[str, str]:
        named = ", ".join(self.angles)
        if labels.issuperset(self.angles):
            return (
                f"the three angles ({named}) are not in one loop_ table",
                "Write the particles as one table of rows.",
            )
        for other in self.instead:
            if other.label in labels:
                return other.what, other.hint
        if labels.isdisjoint(self.angles[:2]) and self.angles[2] in labels:
            return (
                f"these are particles of a 2-D alignment: an in-plane angle ({self.angles[2]}) "
                f"and no {self.angles[0]} or {self.angles[1]}",
                f"Refine them in 3-D first. {_REFINED}",
            )
        missing = ", ".join(label for label in self.angles if label not in labels)
        return f"no table of this file has the column {missing}", _REFINED


def angle_table(
    tables: Sequence[StarTable],
    path: Path,
    angles: Sequence[str],
    others: Sequence[str],
    without: Callable[[Sequence[StarTable], Path], NoOrientationsError],
) -> StarTable:
    """The table of particles: "data_particles" with `angles`, or else the only one with them.

    `without` says what a file is that has none; no column of `angles` and `others` may be there
    twice.
    """
    found = [table for table in tables if table.rows is not None and table.has(*angles)]
    if not found:
        raise without(tables, path)
    named = [table for table in found if table.block == "particles"] or found
    if len(named) > 1:
        raise MalformedFileError(
            f"several tables have angles, and nothing tells which counts: {describe_tables(named)}",
            where=str(path),
            hint="Save the one you want as a file of its own.",
        )
    _require_single_labels(named[0], (*angles, *others))
    _require_rows(named[0])
    return named[0]


def _require_single_labels(table: StarTable, labels: Sequence[str]) -> None:
    doubled = [label for label in labels if table.labels.count(label) > 1]
    if doubled:
        raise MalformedFileError(
            f"the column {doubled[0]} is there more than once, and nothing tells which counts",
            where=table.source.place(table.offset),
            hint="Rename or remove one of them.",
        )


def _require_rows(table: StarTable) -> None:
    if not len(table):
        raise NoOrientationsError(
            "the table of particles has no rows",
            where=table.source.place(table.offset),
            hint=f"Was the selection that made this file empty? {_REFINED}",
        )


def numbers_of(table: StarTable, label: str) -> Floats:
    """A wanted column, (N,), NaN where a number is marked as missing.

    Raises `MalformedFileError` where a cell is any other text.
    """
    assert table.rows is not None
    column = table.labels.index(label)
    row = table.rows.words.get(column)
    if row is not None:
        raise MalformedFileError(
            f'"{table.cells(row)[column]}" is not a number',
            where=table.place(row, label),
            hint="Mend this cell or remove the row, or write the file again.",
        )
    return table.numbers(label)
