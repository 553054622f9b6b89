"""What changes in a RELION file when its map is turned, moved or mirrored, or its images are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.record import Floats
from evenview.formats.facts import of_placed, require_kept_hand
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import (
    ANGLES,
    ANGST_ORIGIN_PRIORS,
    ANGST_ORIGINS,
    DEFOCUS_ANGLE,
    PIXEL_ORIGIN_PRIORS,
    PIXEL_ORIGINS,
    PRIORS,
)

_IN_ANGSTROMS = (ANGST_ORIGINS, ANGST_ORIGIN_PRIORS)


def changes(file: RelionFile, motion: Motion) -> dict[str, Floats]:
    """New numbers of the columns of poses, shifts and priors; see `formats.base.Movable`.

    A subtomogram's own angles and its shift are both relative to its box, which stays where it is:
    ``A_p' = A_p M^T`` and ``o' = o + A_p' t``. The priors of the angles are a pose too (with the
    angle itself where one has no prior) and are turned as such: a pose stays as near to its prior
    as it was, and so does a shift. No angle is written anew where nothing turns.
    """
    _require_movable(file, motion)
    angles = file.table.floats(ANGLES)
    quaternions = _quaternions(angles, ANGLES)
    found = _poses(file, motion, angles) if _turns(motion) else {}
    if motion.shifts or motion.flip:
        found |= _shifts(file, motion, quaternions)
    if motion.flip and file.has(DEFOCUS_ANGLE):
        found[DEFOCUS_ANGLE] = motion.angle(file.table.floats([DEFOCUS_ANGLE])[DEFOCUS_ANGLE])
    return of_placed(file.particles, found)


def _quaternions(columns: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    return convention.relion_to_quaternions(*(columns[name] for name in names))


def _turns(motion: Motion) -> bool:
    return motion.flip is not None or not np.array_equal(motion.matrix, np.eye(3))


def _poses(file: RelionFile, motion: Motion, angles: Mapping[str, Floats]) -> dict[str, Floats]:
    """The columns of angles and of their priors."""
    turned = _turned(_quaternions(angles, ANGLES), motion)
    priors = file.present(PRIORS)
    if not priors:
        return _by_name(turned, ANGLES)
    names = [p if p in priors else a for p, a in zip(PRIORS, ANGLES, strict=True)]
    columns = {**angles, **file.table.floats(priors)}
    expected = _turned(_quaternions(columns, names), motion)
    compared = [name in priors for name in names]
    nearest = convention.relion_angles_nearest(turned, expected, compared)
    found = {n: c for n, c in _by_name(expected, names).items() if n in priors}
    return _by_name(nearest, ANGLES) | found


def _turned(quaternions: Floats, motion: Motion) -> Floats:
    turned, _ = motion.apply(quaternions, None)
    angles: Floats = convention.quaternions_to_relion(turned, convention.POLE)
    return angles


def _by_name(angles: Floats, names: Sequence[str]) -> dict[str, Floats]:
    return {name: angles[:, k].copy() for k, name in enumerate(names)}


def _shifts(file: RelionFile, motion: Motion, quaternions: Floats) -> dict[str, Floats]:
    """The columns of shifts and of their priors, in Å and in pixels, whichever there are."""
    found: dict[str, Floats] = {}
    for labels in (*_IN_ANGSTROMS, PIXEL_ORIGINS, PIXEL_ORIGIN_PRIORS):
        present = file.present(labels[: file.dimensions])
        if not present:
            continue
        scale = _pixel_size(file, motion, labels, quaternions)
        _, moved = motion.apply(quaternions, file.shifts(labels) * scale[:, None])
        assert moved is not None
        found |= {name: moved[:, labels.index(name)] / scale for name in present}
    return found


def _pixel_size(
    file: RelionFile, motion: Motion, labels: Sequence[str], quaternions: Floats
) -> Floats:
    """Å of the unit that the columns are in, (N,); any where nothing is moved by Å."""
    one = np.ones(len(quaternions))
    if labels in _IN_ANGSTROMS or not motion.shifts:
        return one
    sizes = file.pixel_size
    if sizes is None or np.isnan(sizes[np.isfinite(quaternions[:, 0])]).any():
        raise UserError(
            "the shifts are in pixels, and the pixel size is not known",
            where=str(file.table.path),
            hint="Give it with --pixel-size.",
        )
    return sizes


def _require_movable(file: RelionFile, motion: Motion) -> None:
    where = str(file.table.path)
    if file.bodies():
        raise UserError(
            f"the tables of bodies ({', '.join(f'data_{name}' for name in file.bodies())}) have "
            "angles in frames of their own, which would no longer fit the map",
            where=where,
            hint="Take the particles of the refinement before the multi-body one.",
        )
    if file.subtomograms:
        require_kept_hand(motion, where)
    if motion.shifts:
        _require_shifts(file, where)


def _require_shifts(file: RelionFile, where: str) -> None:
    stray = file.stray_shift_labels
    if stray and not file.shift_labels:
        raise UserError(
            f"the shifts are in pixels ({stray[0]}) in a file with optics groups, where RELION "
            "takes them as 0",
            where=where,
            hint="Write them in Å (rlnOriginXAngst) or remove these columns first.",
        )
    wanted = PIXEL_ORIGINS if set(file.shift_labels) & set(PIXEL_ORIGINS) else ANGST_ORIGINS
    missing = [name for name in wanted[: file.dimensions] if not file.has(name)]
    if missing:
        raise UserError(
            f"the file has no column {missing[0]} for the shift that this makes",
            where=where,
            hint="Convert it to a file with shifts first, or turn it about the centre only.",
        )
