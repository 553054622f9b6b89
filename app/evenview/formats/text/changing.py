"""A plain table of text written again with other numbers in some cells of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.formats.star.source import parts
from evenview.formats.text.copying import copy_spans
from evenview.formats.text.rows import Floats, TextRows

_DECIMALS, _FIXED_DECIMALS = 6, 2


def copy_changed(
    rows: TextRows,
    changes: Mapping[str, Floats],
    file: BinaryIO,
    progress: Progress,
    *,
    fixed: bool = False,
) -> None:
    """Write a whole file with the numbers of `changes` (N,) in these columns; NaN leaves a cell.

    A number has the decimals of its cell, but at least 6 (2 with `fixed`), and ends where the old
    one ended where there is room. Every other byte stays.

    Raises `UserError` where a number does not fit its cell and `fixed` forbids that it grows.
    """
    from evenview.core.kernels import digits, text

    lines, source = rows.lines, rows.lines.source
    columns = np.array(sorted(map(rows.labels.index, changes)), dtype=np.int64)
    values = np.array([changes[rows.labels[column]] for column in columns], dtype=np.float64)
    values = values.reshape(len(columns), len(rows))
    mark, least = ord(rows.separator or "\0"), _FIXED_DECIMALS if fixed else _DECIMALS
    begin = 0
    for part, _, end in parts(lines.starts, lines.lengths):
        progress(begin / source.size, "Writing rows")
        starts, lengths = lines.starts[part] - begin, lines.lengths[part]
        data = source.array(begin, end)
        out = np.empty(end - begin + len(starts) * len(columns) * digits.WIDTH, dtype=np.uint8)
        numbers = (columns, np.ascontiguousarray(values[:, part]), least, fixed)
        size, wrong = text.replace_numbers(data, 0, starts, lengths, mark, *numbers, out)
        if wrong >= 0:
            row, slot = divmod(wrong, len(columns))
            raise _does_not_fit(rows, part.start + row, rows.labels[columns[slot]], changes)
        file.write(out[:size].data)
        begin = end
    if begin < source.size:
        rest = np.array([begin]), np.array([source.size - begin])
        copy_spans(source, *rest, file, lambda *_: None)


def _does_not_fit(rows: TextRows, row: int, label: str, changes: Mapping[str, Floats]) -> UserError:
    return UserError(
        f"{changes[label][row]:.6g} does not fit the width of its cell",
        where=rows.place(row, label),
        hint="Nothing was written. Convert the file to another format, or remove this row.",
    )
