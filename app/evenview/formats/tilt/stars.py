"""The small tables of star files of tilt series."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.progress import silent
from evenview.formats.star.outline import StarTable, read_tables
from evenview.formats.star.source import Source
from evenview.formats.tilt import reading

Floats = NDArray[np.float64]


def tables_of(path: Path) -> tuple[StarTable, ...]:
    """All tables of a file; raises `UserError` as `reading.bytes_of_file` does."""
    reading.bytes_of_file(path)
    return read_tables(Source.open(path), (), silent)


@dataclass(frozen=True)
class Columns:
    """The columns of a table, by their labels."""

    table: StarTable

    def texts(self, label: str) -> list[str]:
        """A column of texts (N,). Raises `UserError` where it is there twice."""
        if self.table.labels.count(label) > 1:
            raise MalformedFileError(
                f"the column {label} is there more than once, and nothing tells which counts",
                where=self.table.source.place(self.table.offset),
                hint="Rename or remove one of them.",
            )
        return self.table.texts(label)

    def numbers(self, label: str) -> Floats:
        """A column of numbers (N,), all of them finite."""
        texts = self.texts(label)
        return np.array([reading.number(t, self.place(k, label)) for k, t in enumerate(texts)])

    def optional(self, label: str) -> Floats | None:
        """A column of numbers, None where there is none."""
        return self.numbers(label) if self.table.has(label) else None

    def pair(self, labels: tuple[str, str]) -> Floats | None:
        """Two columns of numbers (N, 2), None where one of them is not there."""
        if not self.table.has(*labels):
            return None
        return np.column_stack([self.numbers(label) for label in labels])

    def place(self, row: int, label: str) -> str:
        """File, line and column of a cell."""
        if self.table.rows is not None:
            return self.table.place(row, label)
        return f"{self.table.source.place(self.table.offset)} ({label})"
