"""New lists of EMAN2: lines of one length, with a record in JSON each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.core.record import Created, Names, Record
from evenview.core.words import counted
from evenview.formats.eman.particles import HALF
from evenview.formats.eman.transforms import ALIGN3D, PROJECTION, matrices_of
from evenview.formats.output import atomic_writer

Floats = NDArray[np.float64]

#: EMAN2 makes lines longer than need be by this, so that a longer one fits later (``rewrite``).
SPARE = 4

_COMMENT = (
    "# This file is in fast LST format. All lines after the next line have exactly the number of "
    "characters shown on the next line. This MUST be preserved if editing."
)
_NUMBERS = ",".join(["%.6g"] * 12)
_CHUNK_ROWS = 1 << 14


def create(path: Path, record: Record, progress: Progress) -> Created:
    """Write a list as EMAN2's ``LSXFile`` does; see `Creatable.create`."""
    stacks = _stacks(record)
    origins, filled = _origins(record)
    key = ALIGN3D if record.subtomograms else PROJECTION
    matrices = matrices_of(record.quaternions, origins, key) + 0.0
    halves = _halves(record)
    said = {"origins", "images"} | ({"halves"} if halves is not None else set())

    def lines() -> Iterator[bytes]:
        return _lines(record, stacks, matrices, key, halves)

    length = max(map(len, lines()), default=0) + 1 + SPARE
    with atomic_writer(path) as file:
        file.write(f"#LSX\n{_COMMENT}\n# {length}\n".encode())
        for row, line in enumerate(lines()):
            if row % _CHUNK_ROWS == 0:
                progress(row / len(record), "Writing rows")
            file.write(line.ljust(length - 1) + b"\n")
    progress(1.0, "Written")
    paths = "src: the names of the stacks as they are, which EMAN2 must find (HDF, MRC and others)"
    return Created((path,), record.not_said_by(said), (*filled, paths))


def _lines(
    record: Record, stacks: Names, matrices: Floats, key: str, halves: NDArray[np.int8] | None
) -> Iterator[bytes]:
    assert record.images is not None
    transform = f'"{key}":{{"__class__":"Transform","matrix":"[{_NUMBERS}]"}}'
    classes = [""] * len(record) if halves is None else [f'"{HALF}":{half - 1}' for half in halves]
    numbers = matrices.reshape(-1, 12)
    rows = zip(
        record.images.index.tolist(), stacks.texts(), classes, record.placed.tolist(), strict=True
    )
    for row, (place, stack, half, placed) in enumerate(rows):
        pose = transform % tuple(numbers[row].tolist()) if placed else ""
        values = ",".join(filter(None, (half, pose)))
        yield f"{place - 1}\t{stack}\t{{{values}}}".encode()


def _stacks(record: Record) -> Names:
    """The stacks of all images; raises `UserError` where one is missing or cannot be written."""
    images = record.images
    if images is None or images.stacks is None:
        unknown = len(record)
    else:
        unknown = int(np.count_nonzero((images.index < 1) | (images.stacks.codes < 0)))
    if images is None or images.stacks is None or unknown:
        raise UserError(
            "a list of EMAN2 names the stack of each image and its place there, and the file does "
            f"not say this of {counted(unknown, 'particle')}",
            hint="Convert from a file that names the images, such as a RELION star file.",
        )
    for word in images.stacks.words:
        if word != word.strip() or any(mark in word for mark in "\t\r\n"):
            raise UserError(
                f"the name of a stack, {word!r}, has blanks that no list of EMAN2 can hold",
                hint="Rename the stack.",
            )
    return images.stacks


def _origins(record: Record) -> tuple[Floats, list[str]]:
    """Origins in pixels, 0 where they are not said, and words for that."""
    dimensions = 3 if record.subtomograms else 2
    angstroms = record.origins_of(dimensions)
    if angstroms is None:
        return np.zeros((len(record), dimensions)), ["shifts: 0, as the file has none"]
    unknown: NDArray[np.bool_] = np.count_nonzero(~np.isfinite(angstroms), axis=1) > 0
    lost = int(np.count_nonzero(unknown & record.placed))
    words = [f"shifts: 0 for {counted(lost, 'particle')} without one"] if lost else []
    angstroms = np.where(unknown[:, None], 0.0, angstroms)
    if not angstroms.any():
        return angstroms, words
    return angstroms / record.require_pixel_size("shifts in pixels")[:, None], words


def _halves(record: Record) -> NDArray[np.int8] | None:
    """Half codes if every particle is in one of two halves, as EMAN2's classes demand."""
    halves = record.halves
    if halves is None or set(np.unique(halves).tolist()) != {1, 2}:
        return None
    return halves
