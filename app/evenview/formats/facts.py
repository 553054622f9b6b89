"""What columns say of particles beyond their poses, in the frame and units of a `core.record`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Table
from evenview.core.record import Coordinates, Names, Record
from evenview.formats.star import columns
from evenview.formats.star.outline import StarTable
from evenview.formats.star.table import StarParticles

Floats = NDArray[np.float64]

#: Gives a column of texts (N,), None where there is none of that name.
ReadNames: TypeAlias = Callable[[str], Names | None]


class Reader:
    """Reads columns, and remembers in `taken` which of them were there."""

    def __init__(self, table: Table, read_names: ReadNames) -> None:
        self.table = table
        self.taken: set[str] = set()
        self._read_names = read_names

    def numbers(self, label: str) -> Floats | None:
        """A column of numbers (N,); None where there is none."""
        if label not in self.table.numeric_columns:
            return None
        self.taken.add(label)
        return self.table.numeric(label)

    def together(self, labels: Sequence[str]) -> Floats | None:
        """Columns of numbers side by side, (N, k); None unless all are there."""
        if not set(labels).issubset(self.table.numeric_columns):
            return None
        self.taken |= set(labels)
        return np.column_stack([self.table.numeric(label) for label in labels])

    def names(self, label: str) -> Names | None:
        """A column of texts (N,); None where there is none, or nothing in it."""
        found = self._read_names(label)
        if found is None or (found.codes < 0).all():
            return None
        self.taken.add(label)
        return found


def star_of(table: Table) -> StarTable:
    """The table of a star file that some particles were read from."""
    assert isinstance(table, StarParticles)
    return table.star


def names_in(table: Table) -> ReadNames:
    """What reads a column of texts of a star file, (N,); None where there is none of a name."""

    def read(label: str) -> Names | None:
        star = star_of(table)
        return columns.names(star, label) if star.has(label) else None

    return read


def halves_said(subsets: Floats) -> NDArray[np.int8] | None:
    """Half codes (N,) of the numbers 1 and 2, 0 for any other; None where none is either."""
    halves = np.where(np.isin(subsets, (1, 2)), subsets, 0).astype(np.int8)
    return halves if halves.any() else None


def measured(angstroms: Floats, sizes: Floats | None) -> Coordinates:
    """Coordinates (N, k) given in Å: in pixels of `sizes` (N,), or of 1 Å where one is unknown."""
    unit = np.ones(len(angstroms)) if sizes is None else np.where(np.isfinite(sizes), sizes, 1.0)
    return Coordinates(angstroms / unit[:, None], "pixel", unit)


def in_angstroms(coordinates: Coordinates) -> Floats | None:
    """Coordinates (N, k) in Å from the corner; None where that is not known."""
    sizes = coordinates.pixel_size
    if coordinates.unit != "pixel" or sizes is None or not np.isfinite(sizes).all():
        return None
    return coordinates.values * sizes[:, None]


def require_images(record: Record, program: str) -> None:
    """Raise `UserError` for a record of subtomograms, which `program` has no poses for."""
    if record.subtomograms:
        raise UserError(
            f"the particles are subtomograms, and {program} has poses of 2-D images only",
            hint="Convert them to a format of subtomograms.",
        )


def require_shifts(motion: Motion, there: bool, where: str, named: str) -> None:
    """Raise `UserError` where a motion shifts and the file has no columns for it."""
    if motion.shifts and not there:
        raise UserError(
            f"the map is moved, and the file has no shifts ({named}) that could follow it",
            where=where,
            hint="Turn the map about its centre only, or convert the file to one with shifts.",
        )


def require_kept_hand(motion: Motion, where: str) -> None:
    """Raise `UserError` where subtomograms would be mirrored: their data would be others."""
    if motion.mirrors or motion.flip:
        raise UserError(
            "subtomograms cannot be mirrored by their poses: their volumes would be others",
            where=where,
            hint="Mirror the tomograms and pick again.",
        )
