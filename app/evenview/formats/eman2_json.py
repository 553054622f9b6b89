"""EMAN2's parameters of particles in JSON (particle_parms_05.json)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Images, Names, Record
from evenview.formats.eman import described
from evenview.formats.eman.particles import particles
from evenview.formats.eman.records import Records, text_of
from evenview.formats.eman.splicing import Splices
from evenview.formats.single import ChangeableFile, Floats
from evenview.formats.star.source import Source
from evenview.formats.text.copying import copy_without
from evenview.formats.texts import shown
from evenview.formats.texts import text_of as text_of_bytes

PARTICLE = "particle"

_HEAD = re.compile(
    rb'^(?:\xef\xbb\xbf)?\s*\{\s*(?:\}\s*$|".*"xform\.(?:projection|align3d)")', re.DOTALL
)
_MARK = b"\xef\xbb\xbf"
#: What EMAN2 calls the entry of an image: the text of a pair in Python.
_IMAGE = re.compile(r"""\(\s*(?:'([^']*)'|"([^"]*)")\s*,\s*([0-9]{1,18})\s*\)""")


@dataclass(frozen=True)
class Eman2Json:
    """One object, an entry a particle: its name, and a record with a Transform (``JSDict``)."""

    name: str = "eman2-json"
    title: str = "EMAN2 particle parameters"
    suffixes: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether it is an object of JSON that soon names a Transform, or an empty one."""
        return bool(_HEAD.match(head))

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        table = JsonTable(Source.open(path), self.title)
        progress(0.1, "Reading rows")
        return particles(table)

    def units(self, particles: Particles) -> Mapping[str, str]:
        """See `Described.units`."""
        table = _table(particles)
        said = described.units(table)
        if table.images() is None:
            return said
        return said | {"image references": "the entry's name: the stack, and the place from 0"}

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """Poses, half-sets, and images where the names of all entries say them."""
        progress(0.0, "Reading rows")
        table = _table(particles)
        images = table.images()
        return described.record(particles, table, images, () if images is None else (PARTICLE,))

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """The elements of the matrices; see `Movable.changes`."""
        return described.changes(particles, _table(particles), motion)


FORMAT = Eman2Json()


class JsonTable(ChangeableFile):
    """The entries of one object, in file order."""

    def __init__(self, source: Source, format_name: str) -> None:
        super().__init__(source, format_name)
        self._starts, begins, ends = _entries(source)
        self.records = Records(source, begins, ends, self._place)

    def __len__(self) -> int:
        return len(self._starts)

    def _place(self, row: int) -> str:
        return self.source.place(int(self._starts[row]))

    @cached_property
    def numeric_columns(self) -> tuple[str, ...]:
        """The numbers of records, as far as the first rows tell."""
        return self.records.number_names()

    def images(self) -> Images | None:
        """Where the images are, counted from 1; None unless every entry's name says it."""
        places: list[int] = []
        stacks: list[str] = []
        for row in range(len(self)):
            found = _IMAGE.fullmatch(self._name(row))
            if found is None:
                return None
            places.append(int(found[3]) + 1)
            stacks.append(found[1] or found[2])
        return Images(np.array(places, np.int64), Names.of(stacks))

    def _column(self, name: str) -> Floats:
        return self.records.column(name)

    def _name(self, row: int) -> str:
        text = self.source.text(int(self._starts[row]), int(self.records.begins[row]))
        return text_of_bytes(text.rstrip().removesuffix(b":").strip()).strip('"')

    def _row(self, row: int) -> Mapping[str, str]:
        cells = {PARTICLE: shown(self._name(row))}
        return cells | {key: text_of(value) for key, value in self.records.record(row).items()}

    def _write(self, file: BinaryIO, kept: NDArray[np.bool_], progress: Progress) -> None:
        starts, stops = self._cuts(kept)
        copy_without(self.source, starts, stops - starts, file, progress)

    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        records = self.records
        Splices.of(records, changes).copy(records.begins, records.ends, file, progress)

    def _cuts(self, kept: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What to leave out: entries with the comma behind them, the last ones with that before."""
        rows = np.flatnonzero(kept)
        ends = self.records.ends
        if not rows.size:
            return self._starts[:1], ends[-1:]
        last = int(rows[-1])
        dropped = np.flatnonzero(~kept[:last])
        starts, stops = self._starts[dropped], self._starts[dropped + 1]
        if last == len(self) - 1:
            return starts, stops
        return np.append(starts, ends[last]), np.append(stops, ends[-1])


def _table(particles: Particles) -> JsonTable:
    assert isinstance(particles.table, JsonTable)
    return particles.table


def _entries(source: Source) -> tuple[NDArray[np.int64], ...]:
    from evenview.core.kernels import eman

    data = source.array(0, source.size)
    room = eman.count_entries(data)
    arrays = tuple(np.empty(room, np.int64) for _ in range(3))
    begin = len(_MARK) if source.text(0, 3) == _MARK else 0
    begin += len(source.text(begin, begin + 64)) - len(source.text(begin, begin + 64).lstrip())
    n, wrong = eman.find_entries(data, begin, *arrays)
    if wrong >= 0:
        raise MalformedFileError(
            "this is not sound JSON from here on",
            where=source.place(min(wrong, source.size - 1)),
            hint="The file may be cut off: copy it again, or write it again from EMAN2.",
        )
    return tuple(array[:n].copy() for array in arrays)
