"""The whole of a row of M's, and what a motion changes in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Particles, Table
from evenview.core.record import Record
from evenview.formats import displacements
from evenview.formats.angles import Floats
from evenview.formats.facts import (
    Reader,
    halves_said,
    measured,
    measured_notes,
    names_in,
    of_placed,
    read_together,
    require_kept_hand,
    require_shifts,
)
from evenview.formats.warp import labels


def units(table: Table) -> dict[str, str]:
    """What M's columns mean, for people."""
    found = {
        "poses": f"{', '.join(labels.angles(1))}: degrees; A = [Rz(rot) Ry(tilt) Rz(psi)]ᵀ, as "
        "RELION's"
    }
    if labels.HALF in table.numeric_columns:
        found["half-sets"] = f"{labels.HALF}: 1 and 2"
    if labels.position_points(table.numeric_columns):
        found["coordinates"] = (
            f"{', '.join(labels.position(1))}: Å from the corner as M counts it: not changed; "
            "they hold the shifts, "
            "position = coordinate − origin"
        )
    return found


def record(particles: Particles) -> Record:
    """What M says of particles at their first point in time.

    Coordinates are given in pixels of the pixel size that is known, or else of 1 Å.
    """
    wanted = (*labels.position(1), labels.HALF)
    reading = Reader(particles.table, names_in(particles.table), wanted)
    reading.taken.update(labels.angles(1))
    sizes = displacements.pixel_sizes(particles)
    places, subsets = reading.together(labels.position(1)), reading.numbers(labels.HALF)
    deep = places is not None and labels.are_deep(places)
    if places is not None:
        places = places[:, : 3 if deep else 2]
    sources = reading.names(labels.SOURCE)
    return Record(
        quaternions=particles.quaternions,
        subtomograms=deep,
        pixel_size=sizes,
        halves=None if subsets is None else halves_said(subsets),
        micrographs=None if deep else sources,
        tomograms=sources if deep else None,
        coordinates=None if places is None else measured(places, sizes),
        taken=frozenset(reading.taken),
        notes=() if places is None else measured_notes(places, sizes),
    )


def changes(particles: Particles, motion: Motion) -> Mapping[str, Floats]:
    """The angles of every point in time, and the positions where the map is moved.

    A position is that of the map's centre: minus an origin. M may have another number of points in
    time for positions than for angles; each position goes by the angles of its own point or by the
    only ones.
    """
    _require_possible(particles.table, motion)
    table = particles.table
    out: dict[str, Floats] = {}
    points = labels.angle_points(table.numeric_columns)
    positions = labels.position_points(table.numeric_columns) if motion.shifts else 0
    wanted = [name for point in range(1, points + 1) for name in labels.angles(point)]
    wanted += [name for point in range(1, positions + 1) for name in labels.position(point)]
    columns = read_together(table, wanted)
    for point in range(1, points + 1):
        turned = motion.apply(_poses(columns, point), None)[0]
        angles = convention.quaternions_to_relion(turned, convention.POLE)
        out |= dict(zip(labels.angles(point), angles.T, strict=True))
    axes = 3 if labels.deep(table) else 2
    for point in range(1, positions + 1):
        names = labels.position(point)[:axes]
        places = np.column_stack([columns[name] for name in names])
        _, origins = motion.apply(_poses(columns, min(point, points)), -places)
        assert origins is not None
        out |= dict(zip(names, 0.0 - origins.T, strict=True))
    return of_placed(particles, out)


def _poses(columns: Mapping[str, Floats], point: int) -> Floats:
    return convention.relion_to_quaternions(*(columns[name] for name in labels.angles(point)))


def _require_possible(table: Table, motion: Motion) -> None:
    where, columns = str(table.path), table.numeric_columns
    if labels.deep(table):
        require_kept_hand(motion, where)
    if motion.flip:
        raise UserError(
            "M cuts its images from the micrographs, so they cannot be mirrored here",
            where=where,
            hint="Mirror the micrographs and convert the particles anew.",
        )
    positions, angles = labels.position_points(columns), labels.angle_points(columns)
    require_shifts(motion, positions > 0, where, "wrpCoordinateX1, ...")
    if motion.shifts and angles not in (1, positions):
        raise UserError(
            f"there are angles at {angles} points in time and positions at {positions}, so nothing "
            "tells which belong together",
            where=where,
            hint="Turn the map about its centre only.",
        )
