"""What changes in a RELION file of subtomograms when their tomogram is turned or mirrored.

The tomogram's points go to ``X' = M X`` about its centre. A particle goes with them: where M is
proper, its rotation to the tomogram becomes ``M A``. Where M mirrors, the average of the particles
is taken to be mirrored in z, too (D = diag(1, 1, -1)), and that is ``M A D``. With the rotation of
a box, ``A = A_s A_p`` and the position ``X - A_s o`` (``particle_set.cpp``): the box takes M from
the left, and D comes between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.errors import UserError
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

_D = np.diag([1.0, 1.0, -1.0])
_ORIGINS = (ANGST_ORIGINS, PIXEL_ORIGINS, ANGST_ORIGIN_PRIORS, PIXEL_ORIGIN_PRIORS)


def changes(
    file: RelionFile, matrix: Floats, size: tuple[float, float, float] | None
) -> dict[str, Floats]:
    """New numbers of the columns of places, poses and shifts.

    Parameters
    ----------
    matrix
        M (3, 3), orthogonal.
    size
        x, y and z of the tomogram in pixels of the tilt series, for coordinates in these.

    Raises
    ------
    UserError
        The file has no subtomograms, or nothing says where the centre of the tomogram is.
    """
    _require_subtomograms(file)
    reference = _D if np.linalg.det(matrix) < 0 else np.eye(3)
    boxes = file.has(*SUBTOMOGRAM_ANGLES)
    own = reference if boxes else matrix
    found = _angles(file, own, reference)
    if boxes:
        turned = _turned(file, SUBTOMOGRAM_ANGLES, matrix, reference)
        found |= {name: turned[:, k] for k, name in enumerate(SUBTOMOGRAM_ANGLES)}
    found = of_placed(file.particles, found) | _places(file, matrix, size)
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


def _places(
    file: RelionFile, matrix: Floats, size: tuple[float, float, float] | None
) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    if file.has(*CENTRED_COORDINATES):
        found |= _moved(file, CENTRED_COORDINATES, matrix, np.zeros(3))
    if file.has(*COORDINATES):
        if size is None:
            raise UserError(
                "the coordinates are in pixels from the corner, and the size of the tomogram is "
                "not known",
                where=str(file.table.path),
                hint="Give it with --size X Y Z, in pixels of the unbinned tilt series.",
            )
        found |= _moved(file, COORDINATES, matrix, np.array(size) / 2.0)
    return found


def _moved(
    file: RelionFile, names: Sequence[str], matrix: Floats, centre: Floats
) -> dict[str, Floats]:
    columns = file.table.floats(list(names))
    places = np.column_stack([columns[name] for name in names]) - centre
    moved = places @ matrix.T + centre
    return {name: moved[:, k] for k, name in enumerate(names)}


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
