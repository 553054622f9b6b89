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
from evenview.formats.star.outline import StarTable
from evenview.formats.star.rows import Floats, ask
from evenview.formats.star.source import parts
from evenview.formats.texts import text_of

Bytes = NDArray[np.uint8]


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

    def split(part: slice, begin: int, data: Bytes) -> None:
        at = begins[part] - begin
        words.split_images(data, at, ends[part] - begin, index[part])
        begins[part] = at + begin

    _in_chunks(table, split)
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

    rows = table.rows
    assert rows is not None

    def read(part: slice, begin: int, data: Bytes) -> None:
        starts, lengths = rows.starts[part] - begin, rows.lengths[part]
        star.read_columns(data, starts, lengths, slots, values[part], codes[part])

    _in_chunks(table, read)
    for row, slot in np.argwhere(codes == decimals.WORD)[:1].tolist():
        raise _not_a_number(table, row, labels[slot])
    for row, slot in np.argwhere(codes == decimals.ASK).tolist():
        values[row, slot] = ask(table.source, rows.starts[row], columns[slot])
    return {label: np.ascontiguousarray(values[:, k]) for k, label in enumerate(labels)}


def _locate(table: StarTable, label: str) -> tuple[Whole, Whole]:
    from evenview.core.kernels import cells

    _require_single(table, label)
    column = table.labels.index(label)
    begins, ends = np.empty((2, len(table)), dtype=np.int64)

    rows = table.rows
    assert rows is not None

    def locate(part: slice, begin: int, data: Bytes) -> None:
        starts, lengths = rows.starts[part] - begin, rows.lengths[part]
        cells.locate(data, starts, lengths, column, begins[part], ends[part])
        begins[part] += begin
        ends[part] += begin

    _in_chunks(table, locate)
    return begins, ends


def _names(table: StarTable, begins: Whole, ends: Whole) -> Names:
    from evenview.core.kernels import star, words

    lengths = ends - begins
    stops = np.cumsum(lengths)
    packed = np.empty(int(stops[-1]) if len(stops) else 0, dtype=np.uint8)

    def pack(part: slice, begin: int, data: Bytes) -> None:
        into = packed[stops[part.start] - lengths[part.start] : stops[part.stop - 1]]
        star.gather(data, begins[part] - begin, lengths[part], into)

    _in_chunks(table, pack)
    codes = np.empty(len(begins), dtype=np.int64)
    firsts = words.number_words(packed, stops - lengths, stops, codes).tolist()
    found = (packed[stops[row] - lengths[row] : stops[row]].tobytes() for row in firsts)
    return Names(tuple(map(text_of, found)), codes)


def _in_chunks(table: StarTable, work: Callable[[slice, int, Bytes], None]) -> None:
    """Work on all rows, a chunk to a thread: given which, where their bytes begin, and these."""
    rows = table.rows
    assert rows is not None

    def chunk(span: tuple[slice, int, int]) -> None:
        part, begin, end = span
        work(part, begin, table.source.array(begin, end))

    with ThreadPoolExecutor(threads()) as pool:
        deque(pool.map(chunk, parts(rows.starts, rows.lengths)), maxlen=0)


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
