"""Tables of Dynamo, AV3 and STOPGAP: a particle is at its coordinate plus its shift, in voxels.

These programs are of MATLAB: the first voxel is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.record import same_everywhere
from evenview.core.tilt.moving import TomogramMove
from evenview.formats import displacements
from evenview.formats.facts import of_placed, read_together
from evenview.formats.numbering import names_of
from evenview.formats.subtomograms import Columns

Floats = NDArray[np.float64]

_FIRST = 1


def changes_of(columns: Columns) -> Callable[[Particles, TomogramMove], Mapping[str, Floats]]:
    """What a move changes in tables of some columns."""

    def changes(particles: Particles, move: TomogramMove) -> Mapping[str, Floats]:
        where = str(particles.table.path)
        wanted = [*columns.coordinates, *columns.shifts, columns.pixel_size]
        table = read_together(particles.table, _there(particles, wanted))
        if not set(columns.coordinates) <= set(table):
            raise UserError(
                f"there are no places in this file ({', '.join(columns.coordinates)})",
                where=where,
                hint="Give the table with the coordinates of the particles.",
            )
        places = np.column_stack([table[name] for name in columns.coordinates])
        sizes = displacements.pixel_sizes(particles, table.get(columns.pixel_size))
        voxel = None if sizes is None else same_everywhere(sizes)
        moved = move.voxels(places, _FIRST, voxel, where)
        found = dict(zip(columns.coordinates, moved.T, strict=True))
        if set(columns.shifts) <= set(table):
            shifts = np.column_stack([table[name] for name in columns.shifts]) @ move.matrix.T
            found |= dict(zip(columns.shifts, shifts.T, strict=True))
        angles = columns.from_quaternions(move.turned(particles.quaternions))
        return found | of_placed(particles, dict(zip(columns.angles, angles.T, strict=True)))

    return changes


def tomograms_of(columns: Columns) -> Callable[[Particles], set[str]]:
    """Which tomograms the particles of such a table are of."""

    def tomograms(particles: Particles) -> set[str]:
        there = _there(particles, [columns.tomogram])
        if not there:
            return set()
        numbers = read_together(particles.table, there)[columns.tomogram]
        return set(names_of(numbers).words)

    return tomograms


def _there(particles: Particles, names: list[str]) -> list[str]:
    known = set(particles.table.numeric_columns)
    return [name for name in names if name in known]
