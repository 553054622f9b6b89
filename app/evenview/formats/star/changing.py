"""A star file written again with other numbers in some cells of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.formats.star.rows import Floats, Rows
from evenview.formats.star.source import Source, parts
from evenview.formats.text.copying import copy_spans

_LEAST_DECIMALS = 6


def copy_changed(
    source: Source,
    rows: Rows,
    columns: Mapping[int, Floats],
    file: BinaryIO,
    progress: Progress,
) -> None:
    """Write a whole file with the numbers of `columns` (N,) in the cells of these columns.

    A number has 6 decimals, or as many as its cell had if these are more; a NaN leaves the cell.
    It is laid to the right in the room of the old one. Every other byte stays.
    """
    from evenview.core.kernels import digits, splice

    order = np.array(sorted(columns), dtype=np.int64)
    values = np.array([columns[column] for column in order.tolist()], dtype=np.float64)
    values = values.reshape(len(order), len(rows))
    if (np.abs(values) > 1e12).any():
        raise UserError(
            "a number is too large to be an angle or a shift",
            where=str(source.path),
            hint="Look for rows with damaged shifts, and remove them.",
        )
    _copy(source, 0, int(rows.starts[0]), file)
    begin = int(rows.starts[0])
    for part, _, end in parts(rows.starts, rows.lengths):
        starts, lengths = rows.starts[part] - begin, rows.lengths[part]
        data = source.array(begin, end)
        out = np.empty(end - begin + len(starts) * len(order) * digits.WIDTH, dtype=np.uint8)
        numbers = np.ascontiguousarray(values[:, part])
        size = splice.splice(data, 0, starts, lengths, order, numbers, _LEAST_DECIMALS, out)
        file.write(out[:size].data)
        begin = end
        progress(begin / source.size, "Writing rows")
    _copy(source, begin, source.size, file)


def _copy(source: Source, begin: int, end: int, file: BinaryIO) -> None:
    if end > begin:
        spans = np.array([begin]), np.array([end - begin])
        copy_spans(source, *spans, file, lambda *_: None)
