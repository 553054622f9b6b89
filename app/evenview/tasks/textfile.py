"""Tables as comma-separated text, written in pieces so that ten million rows fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.progress import Progress
from evenview.formats.output import atomic_writer

CHUNK = 200_000
#: Rows that are put in words at once by the fast way.
_FAST_CHUNK = 50_000


def write_csv(
    path: Path,
    columns: dict[str, NDArray[Any]],
    row_format: str,
    sources: Sequence[Path],
    progress: Progress,
) -> None:
    """Write equally long columns under their names; never over one of `sources`."""
    n = len(next(iter(columns.values())))
    with atomic_writer(path, sources) as file:
        file.write((",".join(columns) + "\n").encode())
        for start in range(0, n, CHUNK):
            progress(start / n, f"Writing {path.name}")
            pieces = [column[start : start + CHUNK].tolist() for column in columns.values()]
            rows = map(row_format.__mod__, zip(*pieces, strict=True))
            file.write("".join(rows).encode())


def write_numbers(
    path: Path,
    columns: dict[str, tuple[NDArray[Any], int]],
    sources: Sequence[Path],
    progress: Progress,
) -> None:
    """Write equally long columns of numbers of at most 15 digits, each with so many decimals.

    As `write_csv`, and several times faster.
    """
    from evenview.core.kernels import csv_rows as kernels

    decimals = np.array([places for _, places in columns.values()], dtype=np.int64)
    n = len(next(iter(columns.values()))[0])
    out = kernels.room_for(min(n, _FAST_CHUNK), len(columns))
    with atomic_writer(path, sources) as file:
        file.write((",".join(columns) + "\n").encode())
        for start in range(0, n, _FAST_CHUNK):
            progress(start / n, f"Writing {path.name}")
            piece = slice(start, start + _FAST_CHUNK)
            values = np.column_stack([column[piece] for column, _ in columns.values()])
            size = kernels.csv_rows(values.astype(np.float64), decimals, out)
            assert size >= 0, "a number of more than 15 digits"
            file.write(out[:size].tobytes())
