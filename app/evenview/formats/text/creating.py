"""New plain tables of text, from columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.progress import Progress
from evenview.formats.texts import bytes_of

_CHUNK_ROWS = 1 << 14


def write_rows(
    file: BinaryIO,
    row: str,
    columns: Sequence[NDArray[np.float64] | NDArray[np.int64]],
    progress: Progress,
) -> None:
    """Write a line for each entry of `columns` (N,), by the %-format `row` that ends a line."""
    n = len(columns[0])
    for first in range(0, n, _CHUNK_ROWS):
        progress(first / n, "Writing rows")
        part = (column[first : first + _CHUNK_ROWS].tolist() for column in columns)
        file.write(bytes_of("".join(map(row.__mod__, zip(*part, strict=True)))))
