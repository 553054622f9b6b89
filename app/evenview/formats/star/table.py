"""The particle table of a star file: cells on demand, and byte-for-byte subsets of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Part
from evenview.core.progress import Progress, share, silent
from evenview.core.record import Images, Names
from evenview.formats.output import atomic_writer, atomic_writers
from evenview.formats.star import columns
from evenview.formats.star.cells import number_of, split_cells
from evenview.formats.star.changing import copy_changed
from evenview.formats.star.extending import copy_extended
from evenview.formats.star.outline import StarTable
from evenview.formats.star.rows import Floats, Rows, read_numbers
from evenview.formats.star.source import Source
from evenview.formats.text.copying import copy_without

_SAMPLE_ROWS = 100


@dataclass(frozen=True, eq=False)
class StarParticles:
    """The source of a `Particles` read from a star file (`core.particles.Table`).

    `others` are the other tables of the file, as far as its format cares for them.
    """

    star: StarTable
    rows: Rows
    format_name: str
    others: tuple[StarTable, ...] = ()

    @property
    def source(self) -> Source:
        """The bytes of the file."""
        return self.star.source

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    @property
    def sources(self) -> tuple[Path, ...]:
        """The file: a star file has no companion."""
        return (self.path,)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def numeric_columns(self) -> tuple[str, ...]:
        """Columns of numbers, as far as the first rows tell; repeated names once."""
        self.source.require_unchanged()
        lines = [split_cells(self.star.line(row)) for row in range(min(len(self), _SAMPLE_ROWS))]
        found = {
            label: None
            for label, cells in zip(self.star.labels, zip(*lines, strict=True), strict=True)
            if all(number_of(cell) is not None or cell in (b"<NA>", b"") for cell in cells)
        }
        return tuple(found)

    def numeric(self, name: str) -> Floats:
        """One column, (N,), NaN where the cell is not a number; `UserError` if there is none."""
        name = name.removeprefix("_")
        if name not in self.numeric_columns:
            trouble = "is not a column of numbers" if name in self.star.labels else "is no column"
            raise UserError(
                f"{name} {trouble} of this file",
                where=str(self.path),
                hint=f"Columns of numbers are: {', '.join(self.numeric_columns)}.",
            )
        self.source.require_unchanged()
        return read_numbers(self.source, self.rows, self.star.labels.index(name))

    def floats(self, labels: Sequence[str]) -> Mapping[str, Floats]:
        """Several columns (N,), NaN where a number is marked as missing, in one pass.

        Raises `MalformedFileError` where a cell is any other text or a column is there twice.
        """
        self.source.require_unchanged()
        return columns.floats(self.star, labels)

    def names(self, label: str) -> Names:
        """A column of texts."""
        self.source.require_unchanged()
        return columns.names(self.star, label)

    def images(self, label: str) -> Images:
        """A column of images, "12@stack"; place 0 for one that is a file of its own."""
        self.source.require_unchanged()
        return columns.images(self.star, label)

    def cells(self, row: int) -> Mapping[str, str]:
        """One row as it stands in the file: column name to text."""
        self.source.require_unchanged()
        cells: dict[str, str] = {}
        for label, cell in zip(self.star.labels, self.star.cells(row), strict=True):
            cells.setdefault(label, cell)  # of two columns of one name `numeric` reads the first
        return cells

    def targets(self, path: Path) -> tuple[Path, ...]:
        """The file itself."""
        return (path,)

    def write(
        self, path: Path, kept: NDArray[np.bool_], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write one part and return the files written."""
        self.write_parts([(path, kept)], progress)
        return self.targets(path)

    def write_parts(self, parts: Sequence[Part], progress: Progress = silent) -> None:
        """Write the file again, each time without the rows that are not in the part.

        Every other byte stays: other blocks, comments and blank lines (those between the rows of
        the table too), line endings, a missing last newline.
        """
        self.source.require_unchanged()
        with atomic_writers([path for path, _ in parts], self.sources) as files:
            for i, (file, (_, kept)) in enumerate(zip(files, parts, strict=True)):
                if kept.shape != (len(self),):
                    raise ValueError(f"kept has shape {kept.shape} for {len(self)} rows")
                starts = self.rows.starts[~kept]
                lengths = self.rows.lengths[~kept].astype(np.int64)
                copy_without(self.source, starts, lengths, file, share(progress, i, len(parts)))

    def write_changed(
        self, path: Path, changes: Mapping[str, Floats], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write the file again with other numbers in some columns; see `formats.base.Changeable`.

        A number has 6 decimals, or as many as its cell had if these are more, and takes the room of
        the old one and of blanks before it, so that columns stay in line.
        """
        for label, values in changes.items():
            if label not in self.star.labels or values.shape != (len(self),):
                raise ValueError(f"{label} {values.shape} is no column of {len(self)} rows")
        self.source.require_unchanged()
        numbers = {self.star.labels.index(label): values for label, values in changes.items()}
        with atomic_writer(path, self.sources) as file:
            copy_changed(self.source, self.rows, numbers, file, progress)
        return self.targets(path)

    def write_extended(
        self, path: Path, label: str, values: Floats, progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write the file again with one more column; see `formats.base.Extendable`."""
        label = label.removeprefix("_")
        if label in self.star.labels or values.shape != (len(self),):
            raise ValueError(f"{label} {values.shape} is no new column of {len(self)} rows")
        self.source.require_unchanged()
        with atomic_writer(path, self.sources) as file:
            copy_extended(self.star, label, values, file, progress)
        return self.targets(path)
