"""What a conversion will write, leave behind and fill in, told before anything is written.

A format knows what becomes of a record only as it makes a file. So a file of some of the rows is
made in a temporary folder, and thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Coordinates, Ctf, Images, Names, Record
from evenview.formats.base import Creatable
from evenview.tasks.convert import foretold_warnings, left_behind, told_notes
from evenview.tasks.described import record_of

#: Rows of which a file is made; of a longer file some, from its beginning to its end.
ROWS = 4000


@dataclass(frozen=True, eq=False)
class Sample:
    """A record of some rows of a file, and what is known of all.

    Attributes
    ----------
    record
        Of at most `ROWS` rows.
    particles, placed
        All rows of the file, and those with a pose.
    left_behind
        Columns that no field of the record stands for.
    notes
        What was assumed in reading.
    warnings
        What is lost unseen, whatever the new format.
    pixel_sizes, boxes
        What all rows say, each value once, in Å and pixels; () where one says nothing.
    """

    record: Record
    particles: int
    placed: int
    left_behind: tuple[str, ...]
    notes: tuple[Note, ...]
    warnings: tuple[str, ...]
    pixel_sizes: tuple[float, ...]
    boxes: tuple[float, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the record has all rows."""
        return len(self.record) == self.particles


@dataclass(frozen=True)
class Foreseen:
    """What a new file will say, in words, as in `ConvertResult`; `lost` is `Created.lost`."""

    taken_along: tuple[str, ...]
    dropped: tuple[str, ...]
    lost: tuple[str, ...]
    filled: tuple[str, ...]
    notes: tuple[str, ...]


def sample(
    particles: Particles,
    pixel_size: float | None = None,
    box: int | None = None,
    progress: Progress = silent,
) -> Sample:
    """The rows of which `foresee` tells. Raises `UserError` as `described.record_of`."""
    record = record_of(particles, pixel_size, box, progress)
    n = len(record)
    left = left_behind(particles, record)
    rows = np.linspace(0, n - 1, min(n, ROWS)).astype(np.int64)
    return Sample(
        record=of_rows(record, rows),
        particles=n,
        placed=int(record.placed.sum()),
        left_behind=left,
        notes=(*particles.notes, *record.notes),
        warnings=foretold_warnings(particles, left),
        pixel_sizes=said_by(record.pixel_size),
        boxes=said_by(record.box),
    )


def foresee(some: Sample, form: Creatable) -> Foreseen:
    """What a file of a format made from these rows says, and what it does not.

    Raises `UserError` where the format needs what the record does not say.
    """
    with TemporaryDirectory(prefix="evenview-") as folder:
        suffix = next(iter(form.suffixes), "")
        made = form.create(Path(folder) / f"particles{suffix}", some.record)
    said = (words for words in some.record.said().values() if words not in made.dropped)
    notes = told_notes(some.notes, some.record, made)
    return Foreseen(("poses", *said), made.dropped, made.lost, made.filled, notes)


def of_rows(record: Record, rows: NDArray[np.int64]) -> Record:
    """A record of some of the rows."""
    cut: Record = _cut(record, rows)
    return cut


def _cut(part: Any, rows: NDArray[np.int64]) -> Any:
    """A part of a record with some of its rows; what has no rows stays."""
    if isinstance(part, np.ndarray):
        return part[rows]
    if isinstance(part, Names):
        return part.of_rows(rows)
    if isinstance(part, Record | Images | Coordinates | Ctf):
        values = {field.name: getattr(part, field.name) for field in fields(part)}
        return replace(part, **{name: _cut(value, rows) for name, value in values.items()})
    return part


def said_by(said: NDArray[Any] | None) -> tuple[float, ...]:
    """The values that rows (N,) say, each once; () where one says none."""
    if said is None or not (said > 0).all():
        return ()
    return tuple(np.unique(said).astype(float).tolist())
