"""What cisTEM's columns mean for particles, however the file stores them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evenview.core import convention
from evenview.core.particles import Note, Particles, Table
from evenview.formats.angles import Angles, Floats
from evenview.formats.cistem.labels import ACTIVE, HALF, PIXEL
from evenview.formats.halves import halves_of
from evenview.formats.pixels import single_size


def particles(
    table: Table, angles: Angles, columns: Mapping[str, Floats], notes: list[Note]
) -> Particles:
    """The particles of a table of cisTEM's.

    Parameters
    ----------
    table
        Where they came from.
    angles
        phi, theta and psi, which are RELION's rot, tilt and psi (cisTEM's ``RotateCoords`` has the
        transpose of RELION's matrix; both were run).
    columns
        (N,) each: the half-set, pixel size and activity, those of them that the file has.
    notes
        What is known already.
    """
    found = angles.checked() + notes
    size, size_notes = single_size(columns[PIXEL]) if PIXEL in columns else (None, [])
    halves, half_notes = halves_of(columns[HALF], HALF) if HALF in columns else (None, ())
    if ACTIVE in columns:
        found += _activity_notes(columns[ACTIVE])
    return Particles(
        table=table,
        quaternions=convention.relion_to_quaternions(*angles.columns),
        halves=halves,
        pixel_size=size,
        notes=(*found, *half_notes, *size_notes),
    )


def _activity_notes(active: Floats) -> list[Note]:
    excluded = int(np.count_nonzero(active < 0))
    if not excluded:
        return []
    are = "particle is" if excluded == 1 else "particles are"
    return [
        Note(
            f"{excluded:,} {are} excluded in cisTEM ({ACTIVE} below 0)",
            "cisTEM leaves them out; here they are drawn and thinned like all others.",
        )
    ]
