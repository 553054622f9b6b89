"""A star file written again with one more column of numbers in one of its tables."""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.formats.star.cells import split_cells
from evenview.formats.star.outline import StarTable
from evenview.formats.star.rows import Floats
from evenview.formats.star.source import Source, parts
from evenview.formats.text.copying import copy_spans
from evenview.formats.texts import shown

_DECIMALS, _WIDTH = 6, 12  # RELION's
_LABEL = re.compile(r"[^\s#\"']+")
_NUMBERED = re.compile(rb"[ \t]+#[ \t]*\d+")
_LARGEST = 1e9


def copy_extended(
    table: StarTable, label: str, values: Floats, file: BinaryIO, progress: Progress
) -> None:
    """Write a whole file with a column (N,) of 6 decimals behind the others of a loop.

    Its label is written as the last one is: with its place behind "#" where that has one. Every
    other byte stays.

    Raises `UserError` for what cannot be a label, and for numbers too large.
    """
    from evenview.core.kernels import digits, extend

    assert table.rows is not None
    _require_sound(table, label, values)
    source, rows = table.source, table.rows
    begin, behind = _last_label(table)
    _copy(source, 0, behind, file)
    file.write(_label_line(source.text(begin, behind), label, len(table.labels) + 1))
    first = int(rows.starts[0])
    _copy(source, behind, first, file)
    for part, _, end in parts(rows.starts, rows.lengths):
        starts, lengths = rows.starts[part] - first, rows.lengths[part]
        data = source.array(first, end)
        room = len(starts) * (digits.WIDTH + _WIDTH + 1)
        out = np.empty(end - first + room, dtype=np.uint8)
        numbers = np.ascontiguousarray(values[part], dtype=np.float64)
        size = extend.extend(data, starts, lengths, numbers, _DECIMALS, _WIDTH, out)
        file.write(out[:size].data)
        first = end
        progress(first / source.size, "Writing rows")
    _copy(source, first, source.size, file)


def _require_sound(table: StarTable, label: str, values: Floats) -> None:
    if not _LABEL.fullmatch(label):
        raise UserError(
            f"{label!r} cannot be the name of a column",
            where=str(table.source.path),
            hint="Give it a name without blanks, quotes and #.",
        )
    if not (np.abs(values) < _LARGEST).all():
        raise UserError(
            f"numbers of {label} are missing or too large", where=str(table.source.path)
        )


def _last_label(table: StarTable) -> tuple[int, int]:
    """Where the line of the last label begins and ends."""
    source = table.source
    begin = at = source.line_end(table.offset)
    found = 0
    while found < len(table.labels):
        begin, at = at, source.line_end(at)
        cells = split_cells(source.text(begin, at))
        found += len(cells) == 1 and shown(cells[0][1:]) == table.labels[found]
    return begin, at


def _label_line(last: bytes, label: str, place: int) -> bytes:
    """The line of a label behind that of the last one."""
    blanks = last[: len(last) - len(last.lstrip())]
    behind = last[len(blanks) + len(last.split()[0]) :]
    number = f" #{place}" if _NUMBERED.match(behind) else ""
    return blanks + f"_{label}{number}".encode() + last[len(last.rstrip()) :]


def _copy(source: Source, begin: int, end: int, file: BinaryIO) -> None:
    if end > begin:
        spans = np.array([begin]), np.array([end - begin])
        copy_spans(source, *spans, file, lambda *_: None)
