"""EMAN2's lists of images (.lst, .lsx) with the orientation of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from evenview.core.errors import MalformedFileError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.eman.particles import particles
from evenview.formats.eman.records import Records, text_of
from evenview.formats.single import Floats
from evenview.formats.star.cells import text_of as text_of_bytes
from evenview.formats.star.source import Source
from evenview.formats.text.rows import Lines, TextRows
from evenview.formats.text.table import LinesTable

INDEX, SOURCE = "idx", "src"

_FAST, _PLAIN = b"#LSX", b"#LST"
_KEYS = b"#keys:"


@dataclass(frozen=True)
class Eman2Lst:
    """Lines of an image's number in its file, the file, and a record in JSON (``LSXFile``).

    Records of older EMAN2s, which that program evaluates as Python, are read as text. The files it
    writes have lines of one length, which its third line says; rows are copied with their padding.
    """

    name: str = "eman2-lst"
    title: str = "EMAN2 list"
    suffixes: tuple[str, ...] = (".lst", ".lsx")

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether the first line is EMAN2's."""
        return head.partition(b"\n")[0].rstrip() in (_FAST, _PLAIN)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        table = _open(Source.open(path), self.title)
        progress(0.1, "Reading rows")
        return particles(table, tuple(_length_notes(table)))


FORMAT = Eman2Lst()


class LstTable(LinesTable):
    """The lines of a list and their records."""

    def __init__(
        self, lines: Lines, keys: tuple[str, ...], declared: int | None, format_name: str
    ) -> None:
        super().__init__(lines, format_name)
        self.declared = declared
        self.records = _records(lines, keys)

    @cached_property
    def numeric_columns(self) -> tuple[str, ...]:
        """The image's number and the values of records that are numbers in the first rows."""
        return (INDEX, *(key for key in self.records.number_keys() if key != INDEX))

    def _column(self, name: str) -> Floats:
        if name != INDEX:
            return self.records.numbers(name)
        return TextRows(self.lines, (INDEX,), "\t").first_column()

    def _row(self, row: int) -> Mapping[str, str]:
        index, source, *_ = (*self.lines.line(row).split(b"\t"), b"", b"")
        record = self.records.record(row)
        cells = {INDEX: text_of_bytes(index.strip()), SOURCE: text_of_bytes(source.strip())}
        return cells | {name: text_of(value) for name, value in record.items()}


def _open(source: Source, title: str) -> LstTable:
    behind = source.line_end(0)
    if source.text(0, behind).rstrip() == _PLAIN:
        return LstTable(Lines.of(source, behind, b"#"), (), None, title)
    comment_end = source.line_end(behind)
    length_end = source.line_end(comment_end)
    lines = Lines.of(source, length_end, b"#")
    keys = _keys(source.text(behind, comment_end))
    return LstTable(lines, keys, _declared(source, comment_end, length_end), title)


def _keys(comment: bytes) -> tuple[str, ...]:
    """The names of legacy values, from a second line such as "#keys: score;xform.projection"."""
    if not comment.startswith(_KEYS):
        return ()
    return tuple(text_of_bytes(comment.removeprefix(_KEYS).strip()).split(";"))


def _declared(source: Source, start: int, stop: int) -> int:
    """The length of a line, which the third one says."""
    text = source.text(start, stop).strip()
    number = text.removeprefix(b"#").strip()
    if not text.startswith(b"#") or not number.isdigit() or len(number) > 9:
        raise MalformedFileError(
            "the third line of a list of EMAN2 says the length of the others, and this does not",
            where=source.place(min(start, source.size - 1)),
            hint="The file seems to be cut off: copy it again, or write it again from EMAN2.",
        )
    return int(number)


def _records(lines: Lines, keys: tuple[str, ...]) -> Records:
    from evenview.core.kernels import eman

    begins, ends = np.empty(len(lines), np.int64), np.empty(len(lines), np.int64)
    wrong = eman.third_cells(lines.source.data, lines.starts, lines.lengths, begins, ends)
    if wrong >= 0:
        raise MalformedFileError(
            "this line does not begin with an image's number and a tab",
            where=lines.place(wrong),
            hint="The file may be cut off: copy it again, or write it again from EMAN2.",
        )
    return Records(lines.source, begins, ends, lines.place, keys)


def _length_notes(table: LstTable) -> list[Note]:
    if table.declared is None:
        return []
    others = int(np.count_nonzero(table.lines.lengths != table.declared))
    if not others:
        return []
    return [
        Note(
            f"{others:,} lines are not of the length {table.declared} that the file promises",
            "They are read all the same, as EMAN2 does, which writes such a file anew.",
        )
    ]
