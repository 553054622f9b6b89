"""Whole columns of a table: several of numbers in one pass, and texts of which many are alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.record import Images, Names, Whole
from evenview.core.threads import threads
from evenview.formats.star.cells import text_of
from evenview.formats.star.outline import StarTable
from evenview.formats.star.rows import Floats, ask

_CHUNK_ROWS = 1 << 15


def floats(table: StarTable, labels: Sequence[str]) -> Mapping[str, Floats]:
    """Columns of a loop (N,), NaN where a number is marked as missing.

    Raises `MalformedFileError` where a cell is any other text or a column is there twice.
    """
    assert table.rows is not None
    for label in labels:
        _require_single(table, label)
    columns = {label: table.labels.index(label) for label in labels}
    known = {label: c for label, c in columns.items() if c in table.rows.numbers}
    for label, column in known.items():
        if column in table.rows.words:
            raise _not_a_number(table, table.rows.words[column], label)
    found = {label: table.rows.numbers[column] for label, column in known.items()}
    return found | _read(table, [label for label in columns if label not in known])


def names(table: StarTable, label: str) -> Names:
    """A column of texts."""
    begins, ends = _locate(table, label)
    return _names(table, begins, ends)


def images(table: StarTable, label: str) -> Images:
    """A column of images, "12@stack", or "file" for one that is a file of its own (place 0)."""
    from evenview.core.kernels import words

    begins, ends = _locate(table, label)
    index = np.empty(len(table), dtype=np.int64)
    words.split_images(table.source.data, begins, ends, index)
    return Images(index, _names(table, begins, ends))


def _read(table: StarTable, labels: Sequence[str]) -> dict[str, Floats]:
    from evenview.core.kernels import decimals, star

    if not labels:
        return {}
    columns = [table.labels.index(label) for label in labels]
    slots = np.full(len(table.labels), -1, dtype=np.int64)
    slots[columns] = np.arange(len(columns))
    values = np.empty((len(table), len(labels)))
    codes = np.empty((len(table), len(labels)), dtype=np.uint8)

    def read(part: slice, starts: Whole, lengths: NDArray[np.int32]) -> None:
        star.read_columns(table.source.data, starts, lengths, slots, values[part], codes[part])

    _in_chunks(table, read)
    assert table.rows is not None
    for row, slot in np.argwhere(codes == decimals.WORD)[:1].tolist():
        raise _not_a_number(table, row, labels[slot])
    for row, slot in np.argwhere(codes == decimals.ASK).tolist():
        values[row, slot] = ask(table.source, table.rows.starts[row], columns[slot])
    return {label: np.ascontiguousarray(values[:, k]) for k, label in enumerate(labels)}


def _locate(table: StarTable, label: str) -> tuple[Whole, Whole]:
    from evenview.core.kernels import cells

    _require_single(table, label)
    column = table.labels.index(label)
    begins, ends = np.empty((2, len(table)), dtype=np.int64)

    def locate(part: slice, starts: Whole, lengths: NDArray[np.int32]) -> None:
        cells.locate(table.source.data, starts, lengths, column, begins[part], ends[part])

    _in_chunks(table, locate)
    return begins, ends


def _names(table: StarTable, begins: Whole, ends: Whole) -> Names:
    from evenview.core.kernels import words

    source = table.source
    codes = np.empty(len(begins), dtype=np.int64)
    firsts = words.number_words(source.data, begins, ends, codes).tolist()
    texts = tuple(text_of(source.text(int(begins[row]), int(ends[row]))) for row in firsts)
    source.release(0, source.size)
    return Names(texts, codes)


def _in_chunks(table: StarTable, work: Callable[[slice, Whole, NDArray[np.int32]], None]) -> None:
    """Work on all rows, a chunk to a thread."""
    rows = table.rows
    assert rows is not None

    def chunk(first: int) -> None:
        part = slice(first, first + _CHUNK_ROWS)
        starts, lengths = rows.starts[part], rows.lengths[part]
        work(part, starts, lengths)
        table.source.release(int(starts[0]), int(starts[-1] + lengths[-1]))

    with ThreadPoolExecutor(threads()) as pool:
        deque(pool.map(chunk, range(0, len(rows), _CHUNK_ROWS)), maxlen=0)


def _require_single(table: StarTable, label: str) -> None:
    if table.labels.count(label) > 1:
        raise MalformedFileError(
            f"the column {label} is there more than once, and nothing tells which counts",
            where=table.source.place(table.offset),
            hint="Rename or remove one of them.",
        )


def _not_a_number(table: StarTable, row: int, label: str) -> MalformedFileError:
    cell = table.cells(row)[table.labels.index(label)]
    return MalformedFileError(
        f'"{cell}" is not a number',
        where=table.place(row, label),
        hint="Mend this cell or remove the row, or write the file again.",
    )
