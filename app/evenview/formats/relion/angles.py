"""RELION's angles checked before anything is drawn from them."""

from __future__ import annotations

import numpy as np

from evenview.core import convention, rotation
from evenview.core.particles import Note
from evenview.formats.angles import Angles, Floats
from evenview.formats.relion.labels import ANGLES, SUBTOMOGRAM_ANGLES
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import numbers_of


def quaternions(table: StarTable) -> tuple[Floats, list[Note]]:
    """The rotations of a particle table, (N, 4), NaN where an angle is missing, and notes on them.

    Subtomograms have a rotation of their box too: A = A_subtomogram A_particle
    (RELION `src/jaz/tomography/particle_set.cpp`).

    Raises `UserError` where the angles are not numbers, all zero, all missing or out of range.
    """
    columns = [numbers_of(table, label) for label in ANGLES]
    boxed = SUBTOMOGRAM_ANGLES if table.has(*SUBTOMOGRAM_ANGLES) else ()
    boxes = {label: numbers_of(table, label) for label in boxed}
    notes = Angles(
        "RELION",
        ANGLES,
        columns,
        str(table.source.path),
        table.place,
        boxes,
        aside="RELION reads nan as 0.",
    ).checked()
    poses = convention.relion_to_quaternions(*columns)
    if not boxes:
        return poses, notes
    poses = rotation.compose(convention.relion_to_quaternions(*boxes.values()), poses)
    poses[~np.isfinite(poses).all(axis=1)] = np.nan
    return poses, [*notes, _BOX_NOTE]


_BOX_NOTE = Note(
    "The rlnTomoSubtomogram angles are part of every orientation shown",
    "Each box was cut out turned by them; the particle's own angles are relative to its box.",
)
