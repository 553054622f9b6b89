"""The rows of one table: a compiled scan of the file's text, a chunk to a thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.progress import Progress
from evenview.core.threads import threads
from evenview.formats.star.cells import number_of, split_cells
from evenview.formats.star.source import Source, parts
from evenview.formats.texts import shown

Floats = NDArray[np.float64]

#: The first chunk is short, because most tables are; the others keep every thread at work.
_SHOWN_BYTES = 1 << 14
_FIRST_BYTES, _CHUNK_BYTES = 1 << 16, 1 << 22


class Chunk(NamedTuple):
    """The rows of some lines, as `core.kernels.star.scan_rows` returns them."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]
    values: Floats
    codes: NDArray[np.uint8]
    stop: int
    ending: int
    cells: int


@dataclass(frozen=True, eq=False)
class Rows:
    """Where the rows of a table lie, and the numbers of the wanted columns.

    Attributes
    ----------
    starts, lengths
        (N,) int64 and int32: the line of each row, line ending included.
    numbers
        (N,) float64 of each wanted column by its place in the table; NaN where there is none.
    words
        For a wanted column with a cell that is neither a number nor marked as missing: its first
        such row.
    stop
        The byte behind the table.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]
    numbers: Mapping[int, Floats]
    words: Mapping[int, int]
    stop: int

    def __len__(self) -> int:
        return len(self.starts)


def read_rows(
    source: Source, begin: int, labels: Sequence[str], wanted: Sequence[int], progress: Progress
) -> Rows:
    """Read a table's rows from the byte `begin` on, up to the next block, loop or the end.

    Raises `MalformedFileError` at a row of the wrong number of cells or a quote that is not closed.
    """
    slots = np.full(len(labels), -1, dtype=np.int64)
    slots[list(wanted)] = np.arange(len(wanted))
    chunks: list[Chunk] = []
    words: dict[int, int] = {}
    rows = 0
    for chunk in _chunks(source, begin, slots, len(wanted), progress):
        _require_even(source, chunk, labels)
        for slot, row in mend(source, chunk, wanted):
            words.setdefault(wanted[slot], rows + row)
        rows += len(chunk.starts)
        chunks.append(chunk._replace(codes=chunk.codes[:, :0]))
    values = np.concatenate([chunk.values for chunk in chunks], axis=1)
    return Rows(
        starts=np.concatenate([chunk.starts for chunk in chunks]),
        lengths=np.concatenate([chunk.lengths for chunk in chunks]),
        numbers={column: values[slot] for slot, column in enumerate(wanted)},
        words=words,
        stop=chunks[-1].stop,
    )


def _chunks(
    source: Source, begin: int, slots: NDArray[np.int64], n_slots: int, progress: Progress
) -> Iterator[Chunk]:
    """The chunks of a table in order, scanned ahead by as many threads as there are cores."""
    from evenview.core.kernels import star

    def scan(start: int, stop: int) -> Chunk:
        return scan_chunk(source, start, stop, slots, n_slots)

    stop = source.line_end(min(begin + _FIRST_BYTES, source.size))
    chunk = scan(begin, stop)
    yield chunk
    if chunk.ending != star.TO_END or stop >= source.size:
        return
    spans = _spans(source, stop)
    with ThreadPoolExecutor(threads()) as pool:
        ahead: deque[Future[Chunk]] = deque()
        for _ in range(threads() + 1):
            ahead.extend(pool.submit(scan, *span) for span in [next(spans, None)] if span)
        while ahead:
            chunk = ahead.popleft().result()
            yield chunk
            if chunk.ending != star.TO_END:
                return
            progress(chunk.stop / source.size, "Reading rows")
            ahead.extend(pool.submit(scan, *span) for span in [next(spans, None)] if span)


def scan_chunk(
    source: Source, start: int, stop: int, slots: NDArray[np.int64], n_slots: int
) -> Chunk:
    """The rows in some whole lines of a file, as of `core.kernels.star.scan_rows`."""
    from evenview.core.kernels import star

    chunk = Chunk(*star.scan_rows(source.array(start, stop), 0, stop - start, slots, n_slots))
    chunk.starts[:] += start
    return chunk._replace(stop=chunk.stop + start)


def _spans(source: Source, start: int) -> Iterator[tuple[int, int]]:
    """The rest of a file in chunks of whole lines."""
    while start < source.size:
        stop = source.line_end(min(start + _CHUNK_BYTES, source.size))
        yield start, stop
        start = stop


def _require_even(source: Source, chunk: Chunk, labels: Sequence[str]) -> None:
    from evenview.core.kernels import star

    if chunk.ending == star.AT_QUOTE:
        raise MalformedFileError(
            "a quoted value is not closed on its line",
            where=source.place(chunk.stop),
            hint="Add the missing quote, or write the file again from the program that made it.",
        )
    if chunk.ending == star.AT_RAGGED:
        raise _ragged(source, chunk, labels)


def _ragged(source: Source, chunk: Chunk, labels: Sequence[str]) -> MalformedFileError:
    line_end = source.line_end(chunk.stop)
    line = source.text(chunk.stop, min(line_end, chunk.stop + _SHOWN_BYTES))
    columns = len(labels)
    if chunk.cells < columns:
        trouble = f"it ends before column {chunk.cells + 1} ({labels[chunk.cells]})"
    else:
        extra = split_cells(line)[columns : columns + 1]
        trouble = f'"{shown(extra[0])}" has no column' if extra else "the last have no column"
    hint = "Mend or remove this line, or write the file again from the program that made it."
    if (line_end == source.size and chunk.cells < columns) or b"\x00" in line:
        hint = "The file seems to be cut off: copy it again, or write it again."
    return MalformedFileError(
        f"this row has {chunk.cells} cells for {columns} columns: {trouble}",
        where=source.place(chunk.stop),
        hint=hint,
    )


def mend(source: Source, chunk: Chunk, wanted: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Leave hard numbers to `float`; give the (slot, row) of every first cell that is none."""
    from evenview.core.kernels import decimals

    for slot, codes in enumerate(chunk.codes):
        for row in np.flatnonzero(codes == decimals.ASK):
            chunk.values[slot, row] = ask(source, chunk.starts[row], wanted[slot])
        words = np.flatnonzero(codes == decimals.WORD)
        if words.size:
            yield slot, int(words[0])


def ask(source: Source, start: int, column: int) -> float:
    """A number of more digits than the compiled reader can round, from the row at `start`."""
    cell = split_cells(source.text(int(start), source.line_end(int(start))))[column]
    number = number_of(cell)
    return np.nan if number is None else number


def read_numbers(source: Source, rows: Rows, column: int) -> Floats:
    """One column of all rows, (N,), NaN where the cell is not a number."""
    from evenview.core.kernels import decimals, star

    values = np.empty(len(rows), dtype=np.float64)
    codes = np.empty(len(rows), dtype=np.uint8)

    def read(span: tuple[slice, int, int]) -> None:
        part, begin, end = span
        starts, lengths = rows.starts[part] - begin, rows.lengths[part]
        data = source.array(begin, end)
        star.read_column(data, starts, lengths, column, values[part], codes[part])

    with ThreadPoolExecutor(threads()) as pool:
        deque(pool.map(read, parts(rows.starts, rows.lengths)), maxlen=0)
    for row in np.flatnonzero(codes == decimals.ASK):
        values[row] = ask(source, rows.starts[row], column)
    return values
