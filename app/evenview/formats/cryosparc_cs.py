"""cryoSPARC .cs: numpy structured arrays or streams, with the passthrough joined by uid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.formats.base import Precision
from evenview.formats.cs import creating, described, moving
from evenview.formats.cs.companion import find_companion
from evenview.formats.cs.dataset import NUMPY_MAGIC, STREAM_MAGIC, open_dataset
from evenview.formats.cs.meaning import read_table
from evenview.formats.cs.table import CsTable


@dataclass(frozen=True)
class CryosparcCs:
    """Particle datasets, as numpy files or streams; joined with their passthrough by uid."""

    name: str = "cryosparc-cs"
    title: str = "cryoSPARC .cs"
    suffixes: tuple[str, ...] = (".cs",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the bytes say it
        """Whether the bytes are numpy's or those of cryosparc-tools' stream form."""
        return head.startswith((NUMPY_MAGIC, STREAM_MAGIC))

    def read(self, path: Path, progress: Progress) -> Particles:
        """Read the poses, half-sets and pixel size; see `Format.read`."""
        return self._read(path, progress, None)

    def read_class(self, path: Path, chosen: int, progress: Progress) -> Particles:
        """Read the poses of one class; see `ByClass.read_class`."""
        return self._read(path, progress, chosen)

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What was understood in this file, for people; see `Described.units`."""
        return described.units(particles)

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """Everything the file says that another format may say too; see `Described.record`."""
        return described.record(particles, progress)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """What a motion changes; see `Movable.changes` and `formats.cs.moving`."""
        return moving.changes(particles, motion)

    def motion_notes(self, particles: Particles) -> Iterable[Note]:
        """What stays behind where the map moves; see `Noted.motion_notes`."""
        return described.motion_notes(particles)

    @property
    def precision(self) -> Precision:
        """How exactly a new file says poses and shifts."""
        return creating.PRECISION

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new numpy file with all in it; see `Creatable.create` and `cs.creating`."""
        return creating.create(Path(path), record, progress)

    def _read(self, path: Path, progress: Progress, chosen: int | None) -> Particles:
        dataset = open_dataset(Path(path))
        companion, notes = find_companion(dataset)
        table = CsTable(dataset, (companion,) if companion else ())
        return read_table(table, notes, progress, chosen)


FORMAT = CryosparcCs()
