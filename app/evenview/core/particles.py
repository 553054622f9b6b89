"""Particles: the rows of one file, in file order. The row number is a particle's identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading

#: A file to write, and which rows (N,) go there.
Part: TypeAlias = tuple[Path, NDArray[np.bool_]]


@dataclass(frozen=True)
class Note:
    """Something the user should know about a file that opened: what it is, what it means.

    Attributes
    ----------
    text, meaning
        A sentence each.
    about
        The field of a `core.record.Record` that it is about and may go without: "coordinates".
    warns
        Whether files made from the particles should be warned of it.
    """

    text: str
    meaning: str = ""
    about: str = ""
    warns: bool = False

    def __str__(self) -> str:
        return f"{self.text.rstrip('.')}. {self.meaning}".rstrip()


class Table(Protocol):
    """The source of a `Particles`: the cells as they stand in the file, and a way to write some."""

    @property
    def path(self) -> Path: ...

    @property
    def format_name(self) -> str:
        """The format in words, such as "RELION 3.1 star"."""
        ...

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file that was read: `path` first, then companions (a passthrough)."""
        ...

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """The names that `numeric` accepts, in file order."""
        ...

    def __len__(self) -> int: ...

    def numeric(self, name: str) -> NDArray[np.float64]:
        """One column, (N,), NaN where a cell is not a number. `UserError` if there is none."""
        ...

    def cells(self, row: int) -> Mapping[str, str]:
        """One row as it stands in the file: column name to text."""
        ...

    def targets(self, path: Path) -> tuple[Path, ...]:
        """Every file that is written for rows that go to `path`: it first, then companions."""
        ...

    def write_parts(self, parts: Sequence[Part], progress: Progress = silent) -> None:
        """Write some rows, unchanged, to each of several files; all of these or none are there.

        Raises `UserError` when one of their `targets` is one of `sources` or there twice.
        """
        ...

    def write(
        self, path: Path, kept: NDArray[np.bool_], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write one part, the rows where `kept` (N,) is true, and return the files written."""
        ...


@dataclass(frozen=True, eq=False)
class Particles:
    """The particles of one file.

    Attributes
    ----------
    table
        Where they came from; it writes subsets of them.
    quaternions
        (N, 4) float64, (w, x, y, z) of A, the rotation from map to image frame
        (``r_image = A r_map``). A row of NaN is a particle that cannot be placed.
    halves
        (N,) int8: 1 or 2, and 0 where the file does not say; None when it has no half-sets.
        RELION's ``rlnRandomSubset`` 1/2 and cryoSPARC's ``alignments3D/split`` 0/1 both become 1/2.
    pixel_size
        Å per pixel of the particle images, or None when the file does not say.
    box
        Pixels, the side of the particle images, or None when the file does not say.
    symmetry
        The point group named by the file itself, or None.
    notes
        Warnings, calm and in words.
    classes
        The classes, as the package numbers them, for which the file has poses of each particle;
        () where it has one pose for all.
    reading
        What the user said of the file when it was opened.
    """

    table: Table
    quaternions: NDArray[np.float64]
    halves: NDArray[np.int8] | None = None
    pixel_size: float | None = None
    symmetry: str | None = None
    notes: tuple[Note, ...] = ()
    classes: tuple[int, ...] = ()
    reading: Reading = AS_IT_IS
    box: int | None = None

    def __len__(self) -> int:
        return len(self.quaternions)

    @cached_property
    def placed(self) -> NDArray[np.bool_]:
        """(N,) bool: particles that have a pose."""
        return np.isfinite(self.quaternions[:, 0])

    @cached_property
    def n_placed(self) -> int:
        """How many particles have a pose."""
        return int(np.count_nonzero(self.placed))

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """(N, 3) unit vectors of the view in the map's frame; NaN where unplaced."""
        return convention.directions(self.quaternions)
