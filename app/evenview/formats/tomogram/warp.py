"""M's particles: positions in Å from the corner, and angles, at every point in time.

The tomogram turns about half its size in Å (``VolumeDimensionsPhysical / 2`` of ``TiltSeries.cs``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.tilt.moving import TomogramMove
from evenview.formats.facts import of_placed, read_together
from evenview.formats.warp import labels

Floats = NDArray[np.float64]


def changes(particles: Particles, move: TomogramMove) -> Mapping[str, Floats]:
    """Positions and angles of all points in time.

    The size of the tomogram counts pixels of the tilt images. Raises `UserError` for particles of
    images, and where a size is not known.
    """
    table, where = particles.table, str(particles.table.path)
    if not labels.position_points(table.numeric_columns) or not labels.deep(table):
        raise UserError(
            "these are no particles with places in a tomogram",
            where=where,
            hint="Give the particles of a species from tilt series.",
        )
    centre = move.require_size(where) * move.require_pixel_size(where) / 2.0
    out: dict[str, Floats] = {}
    for point in range(1, labels.position_points(table.numeric_columns) + 1):
        names = labels.position(point)
        columns = read_together(table, list(names))
        places = np.column_stack([columns[name] for name in names])
        out |= dict(zip(names, move.angstroms(places, centre, where).T, strict=True))
    turned: dict[str, Floats] = {}
    for point in range(1, labels.angle_points(table.numeric_columns) + 1):
        names = labels.angles(point)
        columns = read_together(table, list(names))
        poses = convention.relion_to_quaternions(*(columns[name] for name in names))
        angles = convention.quaternions_to_relion(move.turned(poses), convention.POLE)
        turned |= dict(zip(names, angles.T, strict=True))
    return out | of_placed(particles, turned)
