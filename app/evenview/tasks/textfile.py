"""Tables as comma-separated text, written in pieces so that ten million rows fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from evenview.core.progress import Progress
from evenview.formats.output import atomic_writer

CHUNK = 200_000


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
