"""The rows of a plain table of text and the numbers of its columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.threads import threads
from evenview.formats.star.cells import number_of
from evenview.formats.star.source import Source, parts
from evenview.formats.texts import shown

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Codes = NDArray[np.uint8]

_CHUNK_BYTES = 1 << 22
_NEWLINE = 10


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of a file that are rows: `starts` and `lengths` (N,), line endings included."""

    source: Source
    starts: Places
    lengths: Places

    @classmethod
    def of(cls, source: Source, begin: int = 0, comments: bytes = b"") -> Lines:
        """The rows from the byte `begin` on: all lines but blank ones and comments.

        A comment begins, after blanks, with one of the bytes of `comments`.
        """
        from evenview.core.kernels import text

        marks = np.frombuffer(comments, np.uint8)
        found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        while begin < source.size:
            end = source.line_end(min(begin + _CHUNK_BYTES, source.size))
            data = source.array(begin, end)
            room = int(np.count_nonzero(data == _NEWLINE)) + 1
            starts, lengths = np.empty(room, np.int64), np.empty(room, np.int64)
            n = text.find_rows(data, 0, len(data), marks, starts, lengths)
            found.append((starts[:n] + begin, lengths[:n].copy()))
            begin = end
        starts, lengths = (np.concatenate(columns) for columns in zip(*found, strict=True))
        return cls(source, starts, lengths)

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, row: int) -> bytes:
        """One row as it stands in the file."""
        start = int(self.starts[row])
        return self.source.text(start, start + int(self.lengths[row]))

    def place(self, row: int) -> str:
        """The file and line of a row, for an error."""
        return self.source.place(int(self.starts[row]))


@dataclass(frozen=True, eq=False)
class TextRows:
    """Rows of cells parted by runs of blanks (`separator` "") or by one character.

    Attributes
    ----------
    labels
        What the columns are called, all of them.
    number
        The number in a cell that is not a plain decimal one; None if it is none.
    """

    lines: Lines
    labels: tuple[str, ...]
    separator: str = ""
    number: Callable[[bytes], float | None] = number_of

    def __len__(self) -> int:
        return len(self.lines)

    def cells(self, row: int) -> list[bytes]:
        """The cells of one row."""
        return split(self.lines.line(row), self.separator)

    def place(self, row: int, label: str) -> str:
        """File, line and column of a cell, for an error."""
        return f"{self.lines.place(row)}, column {self.labels.index(label) + 1} ({label})"

    def columns(self, labels: Sequence[str]) -> list[Floats]:
        """Some columns, (N,) each, in the order asked for; NaN where a cell is no number.

        Raises `MalformedFileError` at a row of another number of cells than there are labels.
        """
        order = np.array([self.labels.index(label) for label in labels], np.int64)
        ascending = np.sort(order)
        values = self._read(ascending)[0]
        return [values[np.searchsorted(ascending, column)] for column in order]

    def angles(self, labels: Sequence[str]) -> list[Floats]:
        """Columns of angles, (N,) each: NaN where a number is missing or not finite.

        Raises `MalformedFileError` as `columns` does, and where a cell is any other text.
        """
        order = np.array([self.labels.index(label) for label in labels], np.int64)
        ascending = np.sort(order)
        values, words = self._read(ascending)
        for column, row in words.items():
            raise MalformedFileError(
                f'"{shown(self.cells(row)[column])}" is not a number',
                where=self.place(row, self.labels[column]),
                hint="Mend this cell or remove the row, or write the file again.",
            )
        values[~np.isfinite(values)] = np.nan
        return [values[np.searchsorted(ascending, column)] for column in order]

    def first_column(self) -> Floats:
        """The first column, (N,), however many cells the rows have."""
        first: Floats = self._scan(np.zeros(1, np.int64))[0][0]
        return first

    def _read(self, columns: Places) -> tuple[Floats, dict[int, int]]:
        """Numbers (k, N) of ascending columns, and the first row with a word of some of them."""
        from evenview.core.kernels import decimals

        values, codes, cells = self._scan(columns)
        self._require_even(cells)
        words: dict[int, int] = {}
        for slot, row in np.argwhere((codes == decimals.ASK) | (codes == decimals.WORD)).tolist():
            number = self.number(self.cells(row)[columns[slot]])
            values[slot, row] = np.nan if number is None else number
            if number is None:
                words.setdefault(int(columns[slot]), row)
        return values, words

    def _scan(self, columns: Places) -> tuple[Floats, Codes, Places]:
        """Numbers and their codes (k, N) of ascending columns, and each row's cells (N,)."""
        from evenview.core.kernels import text

        source, mark = self.lines.source, ord(self.separator or "\0")
        values = np.empty((len(columns), len(self)))
        codes = np.empty(values.shape, np.uint8)
        cells = np.empty(len(self), np.int64)

        def scan(span: tuple[slice, int, int]) -> None:
            part, begin, end = span
            starts, lengths = self.lines.starts[part] - begin, self.lines.lengths[part]
            into = (values[:, part], codes[:, part], cells[part])
            text.read_columns(source.array(begin, end), starts, lengths, mark, columns, *into)

        with ThreadPoolExecutor(threads()) as pool:
            deque(pool.map(scan, parts(self.lines.starts, self.lines.lengths)), maxlen=0)
        return values, codes, cells

    def _require_even(self, cells: Places) -> None:
        uneven = np.flatnonzero(cells != len(self.labels))
        if not uneven.size:
            return
        row = int(uneven[0])
        last = row == len(self) - 1 and cells[row] < len(self.labels)
        raise MalformedFileError(
            f"this row has {cells[row]} cells for {len(self.labels)} columns",
            where=self.lines.place(row),
            hint="The file seems to be cut off: copy it again, or write it again."
            if last
            else "Mend or remove this line, or write the file again.",
        )


def split(line: bytes, separator: str) -> list[bytes]:
    """The cells of a line, blanks around them taken off."""
    if not separator:
        return line.split()
    return [cell.strip() for cell in line.strip().split(separator.encode())]
