"""A star file read past its faults: what can be read is, and what cannot is listed."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from evenview.core.errors import MalformedFileError
from evenview.core.progress import Progress, silent
from evenview.formats.star.outline import StarTable, TableReader
from evenview.formats.star.rows import Chunk, Rows, mend, scan_chunk
from evenview.formats.star.source import Source

#: A file with more faulty lines than this is not read to its end.
MOST_FAULTS = 1000

_CHUNK_BYTES = 1 << 18


class Fault(NamedTuple):
    """A line that belongs to no table, or a row of the wrong number of cells.

    `cells` is -1 where a quote is not closed, and `columns` is 0 for a line outside of tables.
    """

    offset: int
    cells: int
    columns: int


def read_past_faults(
    source: Source,
    wanted: Collection[str],
    known: StarTable | None = None,
    progress: Progress = silent,
) -> tuple[tuple[StarTable, ...], tuple[Fault, ...]]:
    """All tables of a file, without the lines that cannot be read, and those lines.

    `known` is a table of the file that has been read already; it is taken as it is.
    """
    reader = _LenientReader(source, wanted, known, progress)
    return reader.read(), tuple(reader.faults)


class _LenientReader(TableReader):
    def __init__(
        self, source: Source, wanted: Collection[str], known: StarTable | None, progress: Progress
    ) -> None:
        super().__init__(source, wanted, progress)
        self.known = known
        self.faults: list[Fault] = []

    def _read_line(self, at: int) -> int:
        if len(self.faults) >= MOST_FAULTS:
            return self.source.size
        try:
            return super()._read_line(at)
        except MalformedFileError:
            self.faults.append(Fault(at, 0, 0))
            return self.source.line_end(at)

    def _read_loop(self, offset: int, at: int) -> int:
        if self.known is not None and self.known.rows is not None and self.known.offset == offset:
            self.tables.append(self.known)
            return self.known.rows.stop
        labels, at = self._read_labels(at)
        if not labels:
            return at
        assert self.block is not None
        wanted = [column for column, label in enumerate(labels) if label in self.wanted]
        rows = self._read_rows(at, len(labels), wanted)
        self.tables.append(StarTable(self.source, self.block, labels, offset, rows))
        return rows.stop

    def _read_rows(self, at: int, columns: int, wanted: list[int]) -> Rows:
        from evenview.core.kernels import star

        slots = np.full(columns, -1, dtype=np.int64)
        slots[wanted] = np.arange(len(wanted))
        chunks: list[Chunk] = []
        words: dict[int, int] = {}
        rows, ending = 0, star.TO_END
        while at < self.source.size and ending != star.AT_STRUCTURE:
            if len(self.faults) >= MOST_FAULTS:
                break
            stop = self.source.line_end(min(at + _CHUNK_BYTES, self.source.size))
            chunk = scan_chunk(self.source, at, stop, slots, len(wanted))
            for slot, row in mend(self.source, chunk, wanted):
                words.setdefault(wanted[slot], rows + row)
            rows += len(chunk.starts)
            chunks.append(chunk)
            at, ending = chunk.stop, chunk.ending
            if ending in (star.AT_RAGGED, star.AT_QUOTE):
                self.faults.append(Fault(at, chunk.cells, columns))
                at = self.source.line_end(at)
            self.progress(at / self.source.size, "Reading rows")
        return _joined(chunks, wanted, words, at)


def _joined(chunks: list[Chunk], wanted: list[int], words: dict[int, int], stop: int) -> Rows:
    if not chunks:
        none = np.empty(0)
        return Rows(
            none.astype(np.int64),
            none.astype(np.int32),
            dict.fromkeys(wanted, none),
            words,
            stop,
        )
    values = np.concatenate([chunk.values for chunk in chunks], axis=1)
    return Rows(
        starts=np.concatenate([chunk.starts for chunk in chunks]),
        lengths=np.concatenate([chunk.lengths for chunk in chunks]),
        numbers={column: values[slot] for slot, column in enumerate(wanted)},
        words=words,
        stop=stop,
    )
