"""cryoSPARC .csg: a result group, and the .cs files of its particles joined by uid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Record
from evenview.formats.cs import described, moving
from evenview.formats.cs.group_table import open_group
from evenview.formats.cs.meaning import read_table

_RESULTS = re.compile(rb"^results[ \t]*:", re.MULTILINE)
_METAFILE = re.compile(rb"\bmetafile[ \t]*:")


@dataclass(frozen=True)
class CryosparcCsg:
    """Result groups of particles: the datasets they name, joined by uid."""

    name: str = "cryosparc-csg"
    title: str = "cryoSPARC .csg"
    suffixes: tuple[str, ...] = (".csg",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the bytes say it
        """Whether the text has results with metafiles."""
        return b"\x00" not in head and bool(_RESULTS.search(head) and _METAFILE.search(head))

    def read(self, path: Path, progress: Progress) -> Particles:
        """Read the poses, half-sets and pixel size; see `Format.read`."""
        table, notes = open_group(path, by_class=False)
        return read_table(table, notes, progress, None)

    def read_class(self, path: Path, chosen: int, progress: Progress) -> Particles:
        """Read the poses of one class; see `ByClass.read_class`."""
        table, notes = open_group(path, by_class=True)
        return read_table(table, notes, progress, chosen)

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


FORMAT = CryosparcCsg()
