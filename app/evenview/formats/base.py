"""What a particle format is: one module of this folder that says `FORMAT = ...`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles, Table
from evenview.core.progress import Progress, silent
from evenview.core.reading import TextColumns
from evenview.core.record import Created, Record

#: How many bytes of a file's beginning a format is shown to recognise it by.
HEAD_BYTES = 1 << 16


@runtime_checkable
class Format(Protocol):
    """A particle format: it recognises its files by their first bytes and reads them.

    A format is found by its module: any module of `evenview.formats` with a `FORMAT`. Exactly one
    format may recognise a file, so `sniff` says yes only to what `read` understands or can explain.
    """

    @property
    def name(self) -> str:
        """The word for it in options and recipes, such as "relion-star"."""
        ...

    @property
    def title(self) -> str:
        """The name people know it by, such as "RELION star"."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Usual suffixes with their dot, for file dialogs only: content decides."""
        ...

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file that begins with `head` (at most `HEAD_BYTES`) is of this format."""
        ...

    def read(self, path: Path, progress: Progress) -> Particles:
        """Read the particles, in file order.

        Raises
        ------
        MalformedFileError
            The bytes are not what the format promises; says the line and column.
        NoOrientationsError
            The file is sound but has no 3-D orientations.
        """
        ...


@runtime_checkable
class ByClass(Format, Protocol):
    """A format whose files may have poses of each particle for several classes.

    `read` then takes the pose of the most probable class, particle by particle.
    """

    def read_class(self, path: Path, chosen: int, progress: Progress) -> Particles:
        """Read the particles with their poses in one class, numbered as the package does.

        Raises `UserError` where the file has no such class, and as `read` does.
        """
        ...


@runtime_checkable
class ByColumns(Format, Protocol):
    """A format of tables whose columns only the user can explain.

    It recognises files that others do, too: it is asked last. `read` raises `ColumnsNeededError`.
    """

    def read_columns(self, path: Path, columns: TextColumns, progress: Progress) -> Particles:
        """Read the particles by the columns that the user names.

        Raises `UserError` where a column is not there or cannot be what it is said to be, and as
        `read` of other formats does.
        """
        ...


@runtime_checkable
class Described(Format, Protocol):
    """A format that says what its columns mean: units and signs, and the whole of a row."""

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What was understood in this file, for people: "poses", "shifts", "pixel size", ...

        Each value names the columns, the unit and the sign or formula.
        """
        ...

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """Everything the file says of its particles that another format may say too.

        Raises `UserError` where a column that counts is not what the format promises.
        """
        ...


@dataclass(frozen=True)
class Precision:
    """How exactly a file of a format gives back what it was made from.

    Attributes
    ----------
    degrees
        The largest angle between a rotation and what is read of it.
    shift
        The largest difference of a shift, in `shift_unit`.
    shift_unit
        "Å", "pixels" or "boxes" (a fraction of the box).
    why
        What limits it: "float32", "6 decimals".
    """

    degrees: float
    shift: float
    shift_unit: str
    why: str


@runtime_checkable
class Creatable(Described, Protocol):
    """A format of which a new file can be made from a record."""

    @property
    def precision(self) -> Precision:
        """How exactly a new file says poses and shifts."""
        ...

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new file of all rows, in order; whole or not at all (`output.atomic_writers`).

        Raises `UserError` where something that the format needs is missing.
        """
        ...


@runtime_checkable
class Movable(Described, Protocol):
    """A format whose files can be written again with other poses and all else as it was.

    Its tables are `Changeable`.
    """

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """What a motion changes: columns (N,) by the names of `numeric_columns`, in their units.

        Every column that says a pose is there, those that say a shift where `motion.shifts` or the
        rotation of the image changes them, and the angle of the defocus where images are mirrored.
        NaN leaves a cell as it is.

        Raises `UserError` where the file has no columns for a shift that the motion makes, or where
        subtomograms would be mirrored.
        """
        ...


@dataclass(frozen=True)
class WeightColumn:
    """Where programs look for a weight of each particle.

    Attributes
    ----------
    name
        The column.
    whole
        The number that stands for a weight of 1: 100 where it is in per cent.
    reader
        What takes it, for people: "relion_reconstruct --fom_weighting"; "" for nothing known.
    """

    name: str
    whole: float = 1.0
    reader: str = ""


@runtime_checkable
class Weighted(Format, Protocol):
    """A format whose programs take a weight of each particle in a reconstruction."""

    def weight_column(self, particles: Particles) -> WeightColumn | None:
        """Where they look for it; None for particles of a kind that they take none of."""
        ...


@runtime_checkable
class Noted(Format, Protocol):
    """A format that can tell of a file what stays behind where the map moves."""

    def motion_notes(self, particles: Particles) -> Iterable[Note]:
        """What the file says besides, to which no motion is done, without reading all of it."""
        ...


@runtime_checkable
class Changeable(Table, Protocol):
    """A table that can be written with other numbers in some columns."""

    def write_changed(
        self, path: Path, changes: Mapping[str, NDArray[np.float64]], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write all rows with the numbers of `changes` (N,) in place, and return the files.

        Every other byte stays as it is (binary formats: every other value); a NaN leaves its cell.
        A number is written as the file writes its own, with no fewer digits. Never over a source.
        """
        ...


@runtime_checkable
class Extendable(Table, Protocol):
    """A table of text that can be written with one more column, of any name."""

    def write_extended(
        self, path: Path, label: str, values: NDArray[np.float64], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write all rows with the numbers (N,) in a new column, and return the files.

        Every other byte stays as it is. Raises `UserError` for what cannot be the name of a column.
        Never over a source.
        """
        ...
