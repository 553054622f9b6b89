"""RELION's subtomograms: with the rotation of a box, or without.

With it, ``A = A_s A_p`` and the position is ``X - A_s o`` (``particle_set.cpp``): the box takes M
from the left, and the mirror of the average comes between. X is in Å about the centre (RELION 5),
or in pixels of the tilt series, of which the centre is half the size of the tomogram (RELION 4;
``TomogramSet::loadTomogram``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.errors import UserError
from evenview.core.tilt.moving import TomogramMove
from evenview.formats.facts import of_placed
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import (
    ANGLES,
    ANGST_ORIGIN_PRIORS,
    ANGST_ORIGINS,
    CENTRED_COORDINATES,
    COORDINATES,
    PIXEL_ORIGIN_PRIORS,
    PIXEL_ORIGINS,
    PRIORS,
    SUBTOMOGRAM_ANGLES,
)

Floats = NDArray[np.float64]

_ORIGINS = (ANGST_ORIGINS, PIXEL_ORIGINS, ANGST_ORIGIN_PRIORS, PIXEL_ORIGIN_PRIORS)


def changes(file: RelionFile, move: TomogramMove) -> dict[str, Floats]:
    """New numbers of the columns of places, poses and shifts.

    Raises
    ------
    UserError
        The file has no subtomograms, or nothing says where the centre of the tomogram is.
    """
    _require_subtomograms(file)
    matrix, reference = move.matrix, move.reference
    boxes = file.has(*SUBTOMOGRAM_ANGLES)
    own = reference if boxes else matrix
    found = _angles(file, own, reference)
    if boxes:
        turned = _turned(file, SUBTOMOGRAM_ANGLES, matrix, reference)
        found |= {name: turned[:, k] for k, name in enumerate(SUBTOMOGRAM_ANGLES)}
    found = of_placed(file.particles, found) | _places(file, move)
    if not np.array_equal(own, np.eye(3)):
        for labels in _ORIGINS:
            found |= _shifts(file, labels, own)
    return found


def _angles(file: RelionFile, left: Floats, right: Floats) -> dict[str, Floats]:
    """The angles of the particles in their boxes, and their priors, which stay as near."""
    if np.array_equal(left, np.eye(3)) and np.array_equal(right, np.eye(3)):
        return {}
    turned = _turned(file, ANGLES, left, right)
    priors = file.present(PRIORS)
    if not priors:
        return {name: turned[:, k] for k, name in enumerate(ANGLES)}
    names = [p if p in priors else a for p, a in zip(PRIORS, ANGLES, strict=True)]
    expected = _turned(file, names, left, right)
    compared = [name in priors for name in names]
    nearest = convention.relion_angles_nearest(turned, expected, compared)
    found = {name: expected[:, k] for k, name in enumerate(names) if name in priors}
    return found | {name: nearest[:, k] for k, name in enumerate(ANGLES)}


def _turned(file: RelionFile, names: Sequence[str], left: Floats, right: Floats) -> Floats:
    """RELION's angles (N, 3) of ``left A right``, A being those of some columns."""
    columns = file.table.floats(list(names))
    matrices = rotation.to_matrix(
        convention.relion_to_quaternions(*(columns[name] for name in names))
    )
    turned = rotation.from_matrix(left @ matrices @ right)
    angles: Floats = convention.quaternions_to_relion(turned, convention.POLE)
    return angles


def _places(file: RelionFile, move: TomogramMove) -> dict[str, Floats]:
    where = str(file.table.path)
    found: dict[str, Floats] = {}
    if file.has(*CENTRED_COORDINATES):
        places = _read(file, CENTRED_COORDINATES)
        found |= _named(CENTRED_COORDINATES, move.angstroms(places, np.zeros(3), where))
    if file.has(*COORDINATES):
        centre = move.require_size(where) / 2.0
        found |= _named(COORDINATES, move.pixels(_read(file, COORDINATES), centre))
    return found


def _read(file: RelionFile, names: Sequence[str]) -> Floats:
    columns = file.table.floats(list(names))
    return np.column_stack([columns[name] for name in names])


def _named(names: Sequence[str], columns: Floats) -> dict[str, Floats]:
    return dict(zip(names, columns.T, strict=True))


def _shifts(file: RelionFile, labels: Sequence[str], matrix: Floats) -> dict[str, Floats]:
    present = file.present(labels)
    if not present:
        return {}
    if len(present) < 3 and np.count_nonzero(matrix) > 3:
        raise UserError(
            f"there are shifts in {', '.join(present)} only, and this turn needs all three",
            where=str(file.table.path),
            hint="Convert the file to one with shifts along x, y and z first.",
        )
    columns = file.table.floats(present)
    zero = np.zeros(len(file.table))
    shifts = np.column_stack([columns.get(name, zero) for name in labels]) @ matrix.T
    return {name: shifts[:, labels.index(name)] for name in present}


def _require_subtomograms(file: RelionFile) -> None:
    where = str(file.table.path)
    if not file.subtomograms or not (file.has(*CENTRED_COORDINATES) or file.has(*COORDINATES)):
        raise UserError(
            "these are no particles with places in a tomogram",
            where=where,
            hint="Give the particles of subtomograms (particles.star, run_data.star).",
        )
    if file.bodies():
        raise UserError(
            "the tables of bodies have angles in frames of their own, which would no longer fit",
            where=where,
            hint="Take the particles of the refinement before the multi-body one.",
        )
