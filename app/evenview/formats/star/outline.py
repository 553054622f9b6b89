"""The blocks and tables of a star file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evenview.core.errors import MalformedFileError
from evenview.core.progress import Progress
from evenview.formats.star.cells import split_cells
from evenview.formats.star.rows import Floats, Rows, read_rows
from evenview.formats.star.source import Source
from evenview.formats.texts import shown, text_of

#: No star file of particles has a longer line outside of rows, or more columns, keys or tables.
_LONGEST_LINE, _MOST_LABELS, _MOST_TABLES = 1 << 14, 10_000, 10_000

_COMMENTS = re.compile(rb"(?:[ \t\r\v\f]*(?:#[^\n]*)?\n)*")  # and blank lines between them
_SKIP_BYTES = 1 << 16
_MARK = b"\xef\xbb\xbf"  # the byte-order mark that some editors put first


@dataclass(frozen=True, eq=False)
class StarTable:
    """One table: a loop with its rows, or the keys and values of a block taken as one row.

    Attributes
    ----------
    block
        The name after "data_".
    labels
        Column names without their underscore, in file order.
    offset
        Where the table begins in the file: its "loop_" or its first key.
    rows
        The rows of a loop, None for keys and values.
    pairs
        The values of keys, () for a loop.
    """

    source: Source
    block: str
    labels: tuple[str, ...]
    offset: int
    rows: Rows | None = None
    pairs: tuple[str, ...] = ()

    def __len__(self) -> int:
        return 1 if self.rows is None else len(self.rows)

    def has(self, *labels: str) -> bool:
        """Whether all of `labels` are columns."""
        return all(label in self.labels for label in labels)

    def cells(self, row: int) -> tuple[str, ...]:
        """The text of one row as people are shown it, a cell a column."""
        return tuple(map(shown, self._texts_of(row)))

    def line(self, row: int) -> bytes:
        """One row of a loop as it stands in the file."""
        assert self.rows is not None
        start = int(self.rows.starts[row])
        return self.source.text(start, start + int(self.rows.lengths[row]))

    def texts(self, label: str) -> list[str]:
        """A whole column as text that keeps its bytes (`texts.text_of`); for small tables."""
        column = self.labels.index(label)
        return [self._texts_of(row)[column] for row in range(len(self))]

    def _texts_of(self, row: int) -> tuple[str, ...]:
        if self.rows is None:
            return self.pairs
        return tuple(map(text_of, split_cells(self.line(row))))

    def numbers(self, label: str) -> Floats:
        """A column that was asked for when the file was read, (N,) float64."""
        assert self.rows is not None
        return self.rows.numbers[self.labels.index(label)]

    def place(self, row: int, label: str) -> str:
        """File, line and column of a cell, for an error."""
        assert self.rows is not None
        column = self.labels.index(label) + 1
        return f"{self.source.place(int(self.rows.starts[row]))}, column {column} ({label})"


def read_tables(
    source: Source, wanted: Collection[str], progress: Progress
) -> tuple[StarTable, ...]:
    """All tables of a file, with the numbers of the `wanted` columns wherever they occur.

    Lines before the first "data_" line are not looked at.
    """
    return TableReader(source, wanted, progress).read()


class TableReader:
    """Goes down a file once; the state is the block it is in.

    `_read_line` and `_read_loop` may be overridden (`star.lenient`).
    """

    def __init__(self, source: Source, wanted: Collection[str], progress: Progress) -> None:
        self.source = source
        self.wanted = wanted
        self.progress = progress
        self.tables: list[StarTable] = []
        self.block: str | None = None
        self.keys: list[tuple[int, str, str]] = []

    def read(self) -> tuple[StarTable, ...]:
        at = len(_MARK) if self.source.text(0, 3) == _MARK else 0
        while at < self.source.size:
            at = self._read_line(at)
        self._close_keys()
        return tuple(self.tables)

    def _read_line(self, at: int) -> int:
        """Read the line, or the whole loop, at a byte; gives where the next one begins."""
        at = self._skip(at)
        end, cells = self._cells(at)
        first = cells[0] if cells else b""
        self._require_few(len(self.tables), _MOST_TABLES, "file has", "tables", at)
        if len(cells) == 1 and first[:5].lower() == b"data_":
            self._close_keys()
            self.block = shown(first[5:])
        elif self.block is None or not cells:
            return end
        elif len(cells) == 1 and first.lower() == b"loop_":
            self._close_keys()
            return self._read_loop(at, end)
        elif first.startswith(b"_"):
            value = " ".join(text_of(cell) for cell in cells[1:])
            self._require_few(len(self.keys), _MOST_LABELS, "table has", "columns", at)
            self.keys.append((at, shown(first[1:]), value))
        else:
            raise self._stray(at)
        return end

    def _read_loop(self, offset: int, at: int) -> int:
        labels, at = self._read_labels(at)
        if not labels:
            return at
        assert self.block is not None
        wanted = [column for column, label in enumerate(labels) if label in self.wanted]
        rows = read_rows(self.source, at, labels, wanted, self.progress)
        self.tables.append(StarTable(self.source, self.block, labels, offset, rows))
        return rows.stop

    def _read_labels(self, at: int) -> tuple[tuple[str, ...], int]:
        """The labels of a loop. A first row may begin with "_" too, but has more than one cell."""
        labels: list[str] = []
        behind = at
        while at < self.source.size:
            at = self._skip(at)
            end, cells = self._cells(at)
            if cells and not (len(cells) == 1 and cells[0].startswith(b"_")):
                break
            if cells:
                self._require_few(len(labels), _MOST_LABELS, "table has", "columns", at)
                labels.append(shown(cells[0][1:]))
                behind = end
            at = end
        return tuple(labels), behind

    def _skip(self, at: int) -> int:
        """Past blank lines and comments."""
        skipped = True
        while skipped and at < self.source.size:
            text = self.source.text(at, at + _SKIP_BYTES)
            blanks = text.rfind(b"\n", 0, len(text) - len(text.lstrip())) + 1
            found = _COMMENTS.match(text, blanks)
            behind = blanks if found is None else found.end()
            skipped = behind > 0
            at += behind
        return at

    def _cells(self, at: int) -> tuple[int, list[bytes]]:
        """Where the line at a byte ends, and its cells: the first ones of a row of any length."""
        end = self.source.line_end(at)
        return end, split_cells(self.source.text(at, min(end, at + _LONGEST_LINE)))

    def _require_few(self, n: int, most: int, has: str, things: str, at: int) -> None:
        if n >= most:
            raise MalformedFileError(
                f"this {has} more than {most:,} {things}",
                where=self.source.place(at),
                hint="The file seems to be damaged: copy it again, or write it again.",
            )

    def _close_keys(self) -> None:
        if self.keys and self.block is not None:
            offsets, labels, values = zip(*self.keys, strict=True)
            table = StarTable(self.source, self.block, labels, offsets[0], None, values)
            self.tables.append(table)
        self.keys = []

    def _stray(self, at: int) -> MalformedFileError:
        return MalformedFileError(
            "this line belongs to no table",
            where=self.source.place(at),
            hint='Is a "loop_" line missing above the labels? Mend the file or write it again.',
        )


def describe_tables(tables: Sequence[StarTable]) -> str:
    """The tables and the lines they begin at, in words."""
    return " and ".join(
        f"data_{table.block} at line {table.source.line_number(table.offset):,}" for table in tables
    )
