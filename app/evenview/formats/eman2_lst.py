"""EMAN2's lists of images (.lst, .lsx) with the orientation of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Images, Names, Record
from evenview.core.threads import threads
from evenview.core.words import counted
from evenview.formats.base import Precision
from evenview.formats.eman import creating, described
from evenview.formats.eman.particles import particles
from evenview.formats.eman.records import Records, text_of
from evenview.formats.eman.splicing import NOT_FILLED, OWN_LENGTH, Splices
from evenview.formats.numbering import truncated
from evenview.formats.single import ChangeableFile, Floats
from evenview.formats.star.source import Source, parts
from evenview.formats.text.rows import Lines, TextRows
from evenview.formats.text.table import LinesTable
from evenview.formats.texts import shown
from evenview.formats.texts import text_of as text_of_bytes

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
#: Which lines, and the different names in them.
Numbered: TypeAlias = tuple[slice, list[str]]
Found = TypeVar("Found")

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

    @property
    def precision(self) -> Precision:
        """Of six digits; shifts of less than 100 pixels."""
        return Precision(degrees=1e-4, shift=3e-4, shift_unit="pixels", why="6 digits")

    def units(self, particles: Particles) -> Mapping[str, str]:
        """See `Described.units`."""
        place = f"{INDEX}, from 0, of the stack {SOURCE}"
        return described.units(_table(particles)) | {"image references": place}

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """Poses, half-sets and images; the pixel size and the CTF are in the images' headers."""
        progress(0.0, "Reading rows")
        table = _table(particles)
        return described.record(particles, table, table.images(), (INDEX, SOURCE))

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new list; see `Creatable.create`. Images must be named."""
        return creating.create(path, record, progress)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """The elements of the matrices; see `Movable.changes`."""
        return described.changes(particles, _table(particles), motion)


FORMAT = Eman2Lst()


class Length(NamedTuple):
    """The length of a line that the third line says, and where its digits begin and end."""

    value: int
    start: int
    stop: int


class LstTable(LinesTable, ChangeableFile):
    """The lines of a list and their records."""

    def __init__(
        self, lines: Lines, keys: tuple[str, ...], declared: Length | None, format_name: str
    ) -> None:
        super().__init__(lines, format_name)
        self.declared = declared
        self.records = _records(lines, keys)

    @cached_property
    def numeric_columns(self) -> tuple[str, ...]:
        """The image's number and the numbers of records, as far as the first rows tell."""
        return (INDEX, *(name for name in self.records.number_names() if name != INDEX))

    def images(self) -> Images:
        """Where the images are, counted from 1."""
        return Images(truncated(self._column(INDEX), -1) + 1, _stacks(self.lines))

    def _column(self, name: str) -> Floats:
        if name != INDEX:
            return self.records.column(name)
        return TextRows(self.lines, (INDEX,), "\t").first_column()

    def _row(self, row: int) -> Mapping[str, str]:
        index, source, *_ = (*self.lines.line(row).split(b"\t"), b"", b"")
        record = self.records.record(row)
        cells = {INDEX: shown(index.strip()), SOURCE: shown(source.strip())}
        return cells | {name: text_of(value) for name, value in record.items()}

    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        """Lines keep their length where all new numbers fit, else all become longer."""
        splices = Splices.of(self.records, changes)
        starts = self.lines.starts
        ends = starts + self.lines.lengths
        filled = NOT_FILLED if self.declared is None else OWN_LENGTH
        longest = splices.copy(starts, ends, file, progress, length=filled)
        if longest and self.declared is not None:
            length = longest + creating.SPARE
            file.seek(0)
            file.truncate()
            file.write(self.source.text(0, self.declared.start) + str(length).encode())
            splices.copy(starts, ends, file, progress, self.declared.stop, length)


def _table(particles: Particles) -> LstTable:
    assert isinstance(particles.table, LstTable)
    return particles.table


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
    return tuple(shown(comment.removeprefix(_KEYS).strip()).split(";"))


def _declared(source: Source, start: int, stop: int) -> Length:
    """The length of a line, which the third one says."""
    text = source.text(start, stop).strip()
    number = text.removeprefix(b"#").strip()
    if not text.startswith(b"#") or not number.isdigit() or len(number) > 9:
        raise MalformedFileError(
            "the third line of a list of EMAN2 says the length of the others, and this does not",
            where=source.place(min(start, source.size - 1)),
            hint="The file seems to be cut off: copy it again, or write it again from EMAN2.",
        )
    at = start + source.text(start, stop).index(number)
    return Length(int(number), at, at + len(number))


def _records(lines: Lines, keys: tuple[str, ...]) -> Records:
    from evenview.core.kernels import eman

    begins, ends = np.empty((2, len(lines)), np.int64)

    def locate(part: slice, begin: int, data: Bytes, starts: Places, lengths: Places) -> int:
        wrong: int = eman.third_cells(data, starts, lengths, begins[part], ends[part])
        begins[part] += begin
        ends[part] += begin
        return wrong if wrong < 0 else part.start + wrong

    wrong = next((row for row in _in_chunks(lines, locate) if row >= 0), -1)
    if wrong >= 0:
        raise MalformedFileError(
            "this line does not begin with an image's number and a tab",
            where=lines.place(wrong),
            hint="The file may be cut off: copy it again, or write it again from EMAN2.",
        )
    return Records(lines.source, begins, ends, lines.place, keys)


def _stacks(lines: Lines) -> Names:
    """The second cells, each of which is the name of a file."""
    from evenview.core.kernels import eman, words

    codes = np.empty(len(lines), np.int64)

    def number(part: slice, _: int, data: Bytes, starts: Places, lengths: Places) -> Numbered:
        begins, ends = np.empty((2, len(starts)), np.int64)
        eman.second_cells(data, starts, lengths, begins, ends)
        firsts = words.number_words(data, begins, ends, codes[part])
        found = zip(begins[firsts].tolist(), ends[firsts].tolist(), strict=True)
        return part, [text_of_bytes(data[begin:end].tobytes()) for begin, end in found]

    known: dict[str, int] = {}
    for part, names in _in_chunks(lines, number):
        own = [*(known.setdefault(name, len(known)) for name in names), -1]
        codes[part] = np.array(own, np.int64)[codes[part]]
    return Names(tuple(known), codes)


def _in_chunks(lines: Lines, work: Callable[..., Found]) -> list[Found]:
    """What work on all lines gives, a chunk to a thread.

    It is given which lines, where their bytes begin in the file, these, and where in them each line
    begins and its length.
    """

    def chunk(span: tuple[slice, int, int]) -> Found:
        part, begin, end = span
        spans = lines.starts[part] - begin, lines.lengths[part]
        return work(part, begin, lines.source.array(begin, end), *spans)

    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(chunk, parts(lines.starts, lines.lengths)))


def _length_notes(table: LstTable) -> list[Note]:
    if table.declared is None:
        return []
    others = int(np.count_nonzero(table.lines.lengths != table.declared.value))
    if not others:
        return []
    return [
        Note(
            f"{counted(others, 'line is', 'lines are')} not of the length {table.declared.value} "
            "that the file promises",
            "They are read all the same, as EMAN2 does, which writes such a file anew.",
        )
    ]
