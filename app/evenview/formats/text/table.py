"""The particles of a plain table of text: cells on demand, byte-for-byte subsets of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.progress import Progress
from evenview.formats.single import ChangeableFile, Floats, SingleFile
from evenview.formats.text.changing import copy_changed
from evenview.formats.text.copying import copy_without
from evenview.formats.text.rows import Lines, TextRows
from evenview.formats.texts import shown

#: How many rows tell what a column holds.
SAMPLE_ROWS = 100


class LinesTable(SingleFile):
    """A table whose rows are lines; every other byte of its file stays when some are written."""

    def __init__(self, lines: Lines, format_name: str) -> None:
        super().__init__(lines.source, format_name)
        self.lines = lines

    def __len__(self) -> int:
        return len(self.lines)

    def _write(self, file: BinaryIO, kept: NDArray[np.bool_], progress: Progress) -> None:
        lines = self.lines
        copy_without(self.source, lines.starts[~kept], lines.lengths[~kept], file, progress)


class TextTable(LinesTable, ChangeableFile):
    """A table of named columns.

    With `fixed` a number that is put in keeps the width of its cell, as Fortran reads by columns,
    and has its decimals but at least 2; else it has at least 6 and its cell may grow.
    """

    def __init__(self, rows: TextRows, format_name: str, *, fixed: bool = False) -> None:
        super().__init__(rows.lines, format_name)
        self.rows = rows
        self._fixed = fixed

    @cached_property
    def numeric_columns(self) -> tuple[str, ...]:
        """Columns of numbers, as far as the first rows tell."""
        lines = [self.rows.cells(row) for row in range(min(len(self), SAMPLE_ROWS))]
        return tuple(
            label
            for label, cells in zip(self.rows.labels, zip(*lines, strict=True), strict=True)
            if all(self.rows.number(cell) is not None for cell in cells)
        )

    def floats(self, labels: Sequence[str]) -> Mapping[str, Floats]:
        """Several columns as `numeric` gives them, in one pass."""
        self.source.require_unchanged()
        for label in labels:
            self._require_numbers(label)
        return dict(zip(labels, self.rows.columns(labels), strict=True)) if labels else {}

    def _column(self, name: str) -> Floats:
        return self.rows.columns([name])[0]

    def _row(self, row: int) -> Mapping[str, str]:
        return dict(zip(self.rows.labels, map(shown, self.rows.cells(row)), strict=True))

    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        copy_changed(self.rows, changes, file, progress, fixed=self._fixed)
