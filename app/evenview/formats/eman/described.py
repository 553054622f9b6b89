"""What EMAN2's records say of their particles, and what of it changes with the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.record import Images, Record
from evenview.formats.eman.particles import HALF, RecordTable, aligned, halves_of, key_of
from evenview.formats.eman.records import element_name
from evenview.formats.eman.transforms import ALIGN3D, PROJECTION, Poses, matrices_of
from evenview.formats.facts import require_kept_hand

Floats = NDArray[np.float64]

_CHUNK_ROWS = 1 << 15
_ROTATION, _SHIFT_2D, _SHIFT_3D = (0, 1, 2, 4, 5, 6, 8, 9, 10), (3, 7), (3, 7, 11)

_POSES = {
    PROJECTION: (
        f"{PROJECTION}: p' = M p + t, and A = M",
        "t, pixels, where the particle stands: the origin is -t (RELION's sign)",
    ),
    ALIGN3D: (
        f"{ALIGN3D}: takes the subtomogram to the reference by M x + t, so A is M transposed",
        "t, pixels, of the turned subtomogram: the origin is M transposed times t",
    ),
}


def units(table: RecordTable) -> dict[str, str]:
    """What was understood of poses, shifts and half-sets; see `Described.units`."""
    key = key_of(table.records)
    halves, _ = halves_of(table.records)
    said = dict(zip(("poses", "shifts"), _POSES[key], strict=True))
    if halves is not None:
        said["half-sets"] = f"{HALF}: 0 is half 1 (even), 1 is half 2 (odd)"
    return said


def record(
    particles: Particles, table: RecordTable, images: Images | None, own: Iterable[str]
) -> Record:
    """What records say; `images`, from the cells `own`, is what stands beside them.

    Raises `UserError` where there are shifts, in pixels, and the pixel size is not known.
    """
    found, key = aligned(table.records)
    halves, notes = halves_of(table.records)
    size = particles.pixel_size
    taken = {key, *own, *([] if halves is None else [HALF])}
    return Record(
        quaternions=found.quaternions,
        origins=_angstroms(found.origins, size, str(table.path)),
        subtomograms=key == ALIGN3D,
        pixel_size=None if size is None else np.full(len(particles), size),
        box=None if particles.box is None else np.full(len(particles), particles.box),
        halves=halves,
        images=images,
        taken=frozenset(taken),
        notes=notes,
    )


def changes(particles: Particles, table: RecordTable, motion: Motion) -> Mapping[str, Floats]:
    """The elements of matrices after a motion; see `Movable.changes`.

    The third shift of a projection, which moves nothing in an image, stays.
    """
    found, key = aligned(table.records)
    where = str(table.path)
    if key == ALIGN3D:
        require_kept_hand(motion, where)
    unit = _unit(particles, motion, where)
    shifts = _SHIFT_3D if key == ALIGN3D else _SHIFT_2D
    shifted = key == ALIGN3D or motion.shifts or motion.flip is not None
    elements = sorted((*_ROTATION, *(shifts if shifted else ())))
    columns = np.empty((len(elements), len(particles)))
    for first in range(0, len(particles), _CHUNK_ROWS):
        rows = slice(first, first + _CHUNK_ROWS)
        columns[:, rows] = _moved(found.of_rows(rows), key, motion, unit)[:, elements].T
    return {element_name(key, k): column for k, column in zip(elements, columns, strict=True)}


def _moved(poses: Poses, key: str, motion: Motion, unit: float) -> Floats:
    """The twelve elements (n, 12) of matrices after a motion, of `unit` Å per pixel."""
    q, origins = motion.apply(poses.quaternions, poses.origins * unit)
    assert origins is not None
    matrices: Floats = matrices_of(q, origins / unit, key, poses) + 0.0
    return matrices.reshape(-1, 12)


def _angstroms(pixels: Floats, size: float | None, where: str) -> Floats | None:
    """Origins in Å; None where all are 0 and the pixel size is not known."""
    if size is not None:
        return pixels * size
    if np.any(np.nan_to_num(pixels)):
        raise _unknown_size("the shifts are in pixels", where)
    return None


def _unit(particles: Particles, motion: Motion, where: str) -> float:
    """Å per pixel; 1 where the motion does not move by Å."""
    if not motion.shifts:
        return 1.0
    if particles.pixel_size is None:
        raise _unknown_size("the map is moved by Å, the shifts are in pixels", where)
    return particles.pixel_size


def _unknown_size(why: str, where: str) -> UserError:
    return UserError(
        f"{why}, and the file does not say how large these are",
        where=where,
        hint="Give it with --pixel-size.",
    )
