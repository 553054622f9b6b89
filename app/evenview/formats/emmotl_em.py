"""Motive lists of AV3, TOM and novaSTA (.em): 20 numbers a subtomogram in an EM file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import pack
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.conventions.emmotl import CONVENTION
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.core.words import counted
from evenview.formats.angles import Angles
from evenview.formats.base import Precision
from evenview.formats.output import atomic_writer
from evenview.formats.single import ChangeableFile, Floats
from evenview.formats.star.source import Source
from evenview.formats.subtomograms import Columns
from evenview.formats.text.copying import copy_spans

#: The numbers of a subtomogram in file order (``cryocat/cryomotl.py``; AV3 numbers them from 1).
NAMES = (
    *("score", "geom1", "geom2", "subtomo_id", "tomo_id", "object_id", "subtomo_mean"),
    *("x", "y", "z", "shift_x", "shift_y", "shift_z", "geom3", "geom4", "geom5"),
    *("phi", "psi", "theta", "class"),
)

#: The angles, in the order of `convention.quaternions_to_emmotl`.
ANGLES = ("phi", "psi", "theta")
COLUMNS = Columns(
    angles=ANGLES,
    from_quaternions=convention.quaternions_to_emmotl,
    formula=CONVENTION.formula,
    shifts=("shift_x", "shift_y", "shift_z"),
    coordinates=("x", "y", "z"),
    number="subtomo_id",
    tomogram="tomo_id",
    classes="class",
)
#: What stands in the columns that a record does not say; in all others 0.
_NEUTRAL = {"class": 1, "tomo_id": 0, "x": 0, "y": 0, "z": 0}

_HEADER = 512
_ROW = 4 * len(NAMES)
_FLOAT32 = 5
#: The byte orders of the machines that byte 0 names: OS-9, VAX, Convex, SGI, Sun, Macintosh, PC.
_ORDERS = {0: ">", 1: "<", 2: ">", 3: ">", 4: ">", 5: ">", 6: "<"}
_PC = 6
_CHUNK_ROWS = 1 << 16
_PRECISION = Precision(2.5e-5, 1e-5, "pixels", "float32")


@dataclass(frozen=True)
class EmmotlEm:
    """A header of 512 bytes, then 20 float32 a subtomogram: the 17th to 19th are phi, psi, theta.

    Header: ``tom_emread``; angles: `convention.emmotl_to_quaternions`. The particle is at
    x + shift_x, in pixels (cryoCAT; subTOM's ``transform_motl``).
    """

    name: str = "emmotl-em"
    title: str = "AV3 motive list"
    suffixes: tuple[str, ...] = (".em",)
    precision: Precision = _PRECISION

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether it is an EM file of float32 of 20 columns and one section."""
        return _dimensions(head) is not None

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        table = EmmotlTable(Source.open(path), self.title)
        progress(0.1, "Reading rows")
        phi, theta, psi = (table.finite(name) for name in ("phi", "theta", "psi"))
        names = ("phi", "theta", "psi")
        notes = Angles("AV3", names, (phi, theta, psi), str(path), table.place).checked()
        return Particles(
            table=table,
            quaternions=convention.emmotl_to_quaternions(phi, psi, theta),
            notes=tuple(notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:  # noqa: ARG002 - all are alike
        """What the columns mean; see `Described.units`."""
        return COLUMNS.units()

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """All rows; see `Described.record`. Raises `UserError` for shifts without a pixel size."""
        progress(0.0, "Reading columns")
        return COLUMNS.record(particles)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """What a motion changes; see `Movable.changes`."""
        return COLUMNS.changes(particles, motion)

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new list, with the header that ``tom_emwrite`` makes on a PC.

        Raises `UserError` where there are shifts and no pixel size.
        """
        said = COLUMNS.values(record)
        rows = np.zeros((len(record), len(NAMES)), "<f4")
        for place, name in enumerate(NAMES):
            rows[:, place] = said.columns.get(name, _NEUTRAL.get(name, 0))
        with atomic_writer(path) as file:
            progress(0.0, "Writing rows")
            file.write(_new_header(len(record)))
            file.write(rows.data)
        progress(1.0, "Written")
        filled = (*said.filled, *said.neutral(_NEUTRAL), "all other columns: 0")
        return Created((path,), said.dropped, filled)


FORMAT = EmmotlEm()


class EmmotlTable(ChangeableFile):
    """The 20 numbers of every subtomogram."""

    def __init__(self, source: Source, format_name: str) -> None:
        super().__init__(source, format_name)
        found = _dimensions(source.text(0, _HEADER))
        assert found is not None
        n, self._order = found
        if source.size != _HEADER + n * _ROW:
            raise MalformedFileError(
                f"the header promises {counted(n, 'subtomogram')} ({_HEADER + n * _ROW:,} bytes), "
                f"and the file has {source.size:,} bytes",
                where=str(source.path),
                hint="The file seems to be cut off: copy it again, or write it again.",
            )
        if n == 0:
            raise NoOrientationsError(
                "the motive list has no rows",
                where=str(source.path),
                hint="Was the selection that made this file empty?",
            )
        values = source.data[_HEADER:].view(f"{self._order}f4")
        self._values = values.reshape(n, len(NAMES))

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """All 20."""
        return NAMES

    def __len__(self) -> int:
        return len(self._values)

    def place(self, row: int, name: str) -> str:
        """The place of a number, for an error."""
        return f"{self.path}, row {row + 1:,}, column {NAMES.index(name) + 1} ({name})"

    def finite(self, name: str) -> Floats:
        """A column, (N,), NaN where a number is not finite."""
        column = self._column(name)
        return np.where(np.isfinite(column), column, np.nan)

    def _column(self, name: str) -> Floats:
        with np.errstate(invalid="ignore"):  # a damaged file may have a NaN that signals
            return self._values[:, NAMES.index(name)].astype(np.float64)

    def _row(self, row: int) -> Mapping[str, str]:
        return dict(zip(NAMES, map(str, self._values[row]), strict=True))

    def _write(self, file: BinaryIO, kept: NDArray[np.bool_], progress: Progress) -> None:
        header = bytearray(self.source.text(0, _HEADER))
        header[8:12] = np.array(np.count_nonzero(kept), f"{self._order}i4").tobytes()
        file.write(header)
        begins, lengths = _runs(kept)
        copy_spans(self.source, _HEADER + _ROW * begins, _ROW * lengths, file, progress)

    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        file.write(self.source.text(0, _HEADER))
        for first in range(0, len(self), _CHUNK_ROWS):
            progress(first / len(self), "Writing rows")
            part = slice(first, first + _CHUNK_ROWS)
            rows = self._values[part].copy()
            for name, numbers in changes.items():
                some = np.isfinite(numbers[part])
                rows[some, NAMES.index(name)] = numbers[part][some]
            file.write(rows.data)


def _new_header(rows: int) -> bytes:
    """Machine, two bytes, type, then the three sizes; the rest of an EM header may be empty."""
    return pack("<4B3i", _PC, 0, 0, _FLOAT32, len(NAMES), rows, 1).ljust(_HEADER, b"\0")


def _dimensions(head: bytes) -> tuple[int, str] | None:
    """How many subtomograms a header promises and the byte order; None if it is no motive list."""
    if len(head) < _HEADER or head[3] != _FLOAT32 or head[0] not in _ORDERS:
        return None
    order = _ORDERS[head[0]]
    columns, rows, sections = np.frombuffer(head, f"{order}i4", 3, offset=4).tolist()
    return (rows, order) if columns == len(NAMES) and sections == 1 and rows >= 0 else None


def _runs(kept: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row and the length of every run of rows kept."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).view(np.int8)))
    return edges[::2], edges[1::2] - edges[::2]
