"""New lists of EMAN2: lines of one length, with a record in JSON each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress, share
from evenview.core.record import Created, Images, Names, Record, Whole
from evenview.core.words import counted
from evenview.formats.eman.numbers import DIGITS, Cells, general
from evenview.formats.eman.particles import HALF
from evenview.formats.eman.transforms import ALIGN3D, PROJECTION, matrices_of
from evenview.formats.output import atomic_writer
from evenview.formats.texts import bytes_of

Floats = NDArray[np.float64]

#: EMAN2 makes lines longer than need be by this, so that a longer one fits later (``rewrite``).
SPARE = 4

_COMMENT = (
    "# This file is in fast LST format. All lines after the next line have exactly the number of "
    "characters shown on the next line. This MUST be preserved if editing."
)
_CHUNK_ROWS = 1 << 15


def create(path: Path, record: Record, progress: Progress) -> Created:
    """Write a list as EMAN2's ``LSXFile`` does; see `Creatable.create`."""
    images, stacks = _images(record)
    origins, filled = _origins(record)
    halves = _halves(record)
    said = {"origins", "images"} | ({"halves"} if halves is not None else set())
    lines = _Lines.of(record, images, stacks, origins, halves)
    length = _measured(lines, share(progress, 0, 2)) + 1 + SPARE
    with atomic_writer(path) as file:
        file.write(f"#LSX\n{_COMMENT}\n# {length}\n".encode())
        for rows in _chunks(len(record), share(progress, 1, 2)):
            file.write(lines.texts(rows, length))
    progress(1.0, "Written")
    paths = "src: the names of the stacks as they are, which EMAN2 must find (HDF, MRC and others)"
    return Created((path,), record.not_said_by(said), (*filled, paths))


def _measured(lines: _Lines, progress: Progress) -> int:
    """The length of the longest line, without what fills it up."""
    chunks = _chunks(len(lines.places), progress)
    return max((int(lines.lengths(rows).max()) for rows in chunks), default=0)


def _chunks(n: int, progress: Progress) -> Iterator[slice]:
    for first in range(0, n, _CHUNK_ROWS):
        progress(first / n, "Writing rows")
        yield slice(first, min(first + _CHUNK_ROWS, n))


@dataclass(frozen=True, eq=False)
class _Lines:
    """The lines of a new list, each number written when it is wanted.

    `places` (N,) in the stacks are from 0, `classes` (N,) 0 and 1, or -1 for no half-set, and
    `origins` in pixels. `names` has the stacks' names one behind the other, parted by `begins`.
    """

    key: str
    quaternions: Floats
    origins: Floats
    places: Whole
    codes: Whole
    names: NDArray[np.uint8]
    begins: Whole
    classes: NDArray[np.int8]

    @classmethod
    def of(
        cls,
        record: Record,
        images: Images,
        stacks: Names,
        origins: Floats,
        halves: NDArray[np.int8] | None,
    ) -> _Lines:
        words = [bytes_of(word) for word in stacks.words]
        return cls(
            ALIGN3D if record.subtomograms else PROJECTION,
            record.quaternions,
            origins,
            images.index - 1,
            stacks.codes,
            np.frombuffer(b"".join(words), np.uint8),
            np.cumsum([0, *map(len, words)]),
            (np.zeros(len(record), np.int8) if halves is None else halves) - np.int8(1),
        )

    def lengths(self, rows: slice) -> Whole:
        """The length of each of some rows, without what fills it up and the newline."""
        from evenview.core.kernels import digits

        before_class, before, behind = self._literals()
        places = np.empty(len(self.places[rows]), np.int64)
        cells = np.empty((len(places), digits.WIDTH), np.uint8)
        digits.whole_cells(self.places[rows], 1, cells, places)
        has_class, placed = self.classes[rows] >= 0, self._placed(rows)
        codes = self.codes[rows]
        lengths = places + (self.begins[codes + 1] - self.begins[codes]) + len("\t\t{}")
        lengths += has_class * (before_class.size + 1) + (has_class & placed)
        matrix = self._cells(rows).lengths.sum(axis=1) + before.size + behind.size + 11
        lengths += np.where(placed, matrix, 0)
        return lengths

    def texts(self, rows: slice, length: int) -> memoryview:
        """Some rows, filled up to be `length` bytes long."""
        from evenview.core.kernels import eman

        cells = self._cells(rows)
        out = np.empty(len(cells.lengths) * length, np.uint8)
        eman.write_lines(
            self.places[rows],
            self.codes[rows],
            self.names,
            self.begins,
            self.classes[rows],
            self._placed(rows),
            cells.texts,
            cells.lengths,
            self._literals(),
            length,
            out,
        )
        return out.data

    def _placed(self, rows: slice) -> NDArray[np.bool_]:
        return np.isfinite(self.quaternions[rows, 0])

    def _cells(self, rows: slice) -> Cells:
        matrices = matrices_of(self.quaternions[rows], self.origins[rows], self.key) + 0.0
        return general(matrices.reshape(-1, 12), (DIGITS,) * 12)

    def _literals(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
        """What stands before a class, before a matrix and behind it."""
        before = f'"{self.key}":{{"__class__":"Transform","matrix":"['
        return _bytes(f'"{HALF}":'), _bytes(before), _bytes(']"}')


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _images(record: Record) -> tuple[Images, Names]:
    """The images and their stacks; raises `UserError` where one is missing or cannot be written."""
    images = record.images
    if images is None or images.stacks is None:
        unknown = len(record)
    else:
        unknown = int(np.count_nonzero((images.index < 1) | (images.stacks.codes < 0)))
    if images is None or images.stacks is None or unknown:
        raise UserError(
            "a list of EMAN2 names the stack of each image and its place there, and the file does "
            f"not say this of {counted(unknown, 'particle')}",
            hint="Convert from a file that names the images, such as a RELION star file.",
        )
    for word in images.stacks.words:
        if word != word.strip() or any(mark in word for mark in "\t\r\n"):
            raise UserError(
                f"the name of a stack, {word!r}, has blanks that no list of EMAN2 can hold",
                hint="Rename the stack.",
            )
    return images, images.stacks


def _origins(record: Record) -> tuple[Floats, list[str]]:
    """Origins in pixels, 0 where they are not said, and words for that."""
    dimensions = 3 if record.subtomograms else 2
    angstroms = record.origins_of(dimensions)
    if angstroms is None:
        return np.zeros((len(record), dimensions)), ["shifts: 0, as the file has none"]
    unknown: NDArray[np.bool_] = np.count_nonzero(~np.isfinite(angstroms), axis=1) > 0
    lost = int(np.count_nonzero(unknown & record.placed))
    words = [f"shifts: 0 for {counted(lost, 'particle')} without one"] if lost else []
    angstroms = np.where(unknown[:, None], 0.0, angstroms)
    if not angstroms.any():
        return angstroms, words
    return angstroms / record.require_pixel_size("shifts in pixels")[:, None], words


def _halves(record: Record) -> NDArray[np.int8] | None:
    """Half codes if every particle is in one of two halves, as EMAN2's classes demand."""
    halves = record.halves
    if halves is None or set(np.unique(halves).tolist()) != {1, 2}:
        return None
    return halves
