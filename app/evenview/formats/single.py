"""What all tables of one file have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Part
from evenview.core.progress import Progress, share, silent
from evenview.formats.output import atomic_writer, atomic_writers
from evenview.formats.star.source import Source

Floats = NDArray[np.float64]


class SingleFile(ABC):
    """A `core.particles.Table` that is one file without companions."""

    def __init__(self, source: Source, format_name: str) -> None:
        self.source = source
        self._format_name = format_name

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    @property
    def format_name(self) -> str:
        """The format in words."""
        return self._format_name

    @property
    def sources(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    @property
    @abstractmethod
    def numeric_columns(self) -> tuple[str, ...]:
        """The names that `numeric` accepts, in file order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _column(self, name: str) -> Floats:
        """A column of `numeric_columns`."""

    @abstractmethod
    def _row(self, row: int) -> Mapping[str, str]:
        """The cells of one row."""

    @abstractmethod
    def _write(self, file: BinaryIO, kept: NDArray[np.bool_], progress: Progress) -> None:
        """Write the file with the rows of `kept` (N,) only."""

    def numeric(self, name: str) -> Floats:
        """One column, (N,), NaN where a cell is not a number; `UserError` if there is none."""
        self.source.require_unchanged()
        self._require_numbers(name)
        return self._column(name)

    def cells(self, row: int) -> Mapping[str, str]:
        """One row as it stands in the file: column name to text."""
        self.source.require_unchanged()
        return self._row(row)

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
        """Write the file again, each time without the rows that are not in the part."""
        self.source.require_unchanged()
        with atomic_writers([path for path, _ in parts], self.sources) as files:
            for i, (file, (_, kept)) in enumerate(zip(files, parts, strict=True)):
                if kept.shape != (len(self),):
                    raise ValueError(f"kept has shape {kept.shape} for {len(self)} rows")
                progress(i / len(parts), "Writing rows")
                self._write(file, kept, share(progress, i, len(parts)))
        progress(1.0, "Written")

    def _require_numbers(self, name: str) -> None:
        if name not in self.numeric_columns:
            raise UserError(
                f"{name} is no column of numbers of this file",
                where=str(self.path),
                hint=f"Columns of numbers are: {', '.join(self.numeric_columns)}.",
            )


class ChangeableFile(SingleFile):
    """A `SingleFile` that can be written with other numbers in some columns (`base.Changeable`)."""

    @abstractmethod
    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        """Write the file with the numbers of `changes` (N,) in their columns; NaN leaves a cell."""

    def write_changed(
        self, path: Path, changes: Mapping[str, Floats], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write all rows with the numbers of `changes` (N,) in place, and return the files.

        Every other byte stays as it is; a NaN leaves its cell.

        Raises
        ------
        UserError
            There is no such column, a number does not fit its cell, `path` is the source, or the
            source has changed.
        """
        self.source.require_unchanged()
        for name, numbers in changes.items():
            self._require_numbers(name)
            if numbers.shape != (len(self),):
                raise ValueError(f"{name} has shape {numbers.shape} for {len(self)} rows")
        with atomic_writer(path, self.sources) as file:
            progress(0.0, "Writing rows")
            self._write_changed(file, changes, progress)
        progress(1.0, "Written")
        return self.targets(path)
