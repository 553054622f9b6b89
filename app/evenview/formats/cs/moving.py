"""What a motion of the map or the images changes in a cryoSPARC table.

Poses and shifts of every class are changed (``alignments3D``, ``alignments3D_multi``,
``alignments_class_0``, ...), for all of them are of maps in one frame. 2-D alignments, the poses
that local refinement keeps besides (``object_pose``, ``local_pose``), the fields of symmetry
expansion and the aberrations of the CTF beyond astigmatism stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import MalformedFileError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.formats.cs.described import DEFOCUS_ANGLE, of_shape, table_of
from evenview.formats.cs.fields import pose_groups
from evenview.formats.cs.pixels import IMAGE_PIXEL, shift_sizes, unknown_size
from evenview.formats.cs.table import CsTable
from evenview.formats.facts import of_placed, require_shifts

Floats = NDArray[np.float64]
Numbers = NDArray[Any]

#: Rows turned at a time, to spare memory.
_PIECE = 1 << 19


def changes(particles: Particles, motion: Motion) -> dict[str, Floats]:
    """Columns (N,) that a motion changes; see `Movable.changes`."""
    table = table_of(particles)
    names = {name for dataset in table.datasets for name in dataset.names}
    out: dict[str, Floats] = {}
    for group in pose_groups(names):
        out |= _group_changes(table, group, motion, particles.pixel_size)
    if motion.flip and table.has(DEFOCUS_ANGLE):
        degrees = np.degrees(table.numeric(DEFOCUS_ANGLE))
        out |= of_placed(particles, {DEFOCUS_ANGLE: np.radians(motion.angle(degrees))})
    return out


def _group_changes(
    table: CsTable, group: str, motion: Motion, known: float | None
) -> dict[str, Floats]:
    """The columns of one group; `known` is Å per pixel where the table does not say it."""
    pose_field, shift_field = f"{group}/pose", f"{group}/shift"
    require_shifts(motion, table.has(shift_field), str(table.path), shift_field)
    pose = table.numbers([pose_field])[pose_field]
    several = pose.ndim == 3
    of_shape(table, pose_field, pose, *(pose.shape[1:2] if several else ()), 3)
    shift = None
    if table.has(shift_field) and (motion.shifts or motion.flip):
        shift = table.numbers([shift_field])[shift_field]
        of_shape(table, shift_field, shift, *pose.shape[1:-1], 2)
    out: dict[str, Floats] = {}
    for k in range(pose.shape[1] if several else 1):
        own = (slice(None), k) if several else slice(None)
        pixel = _pixel(table, group, k, known) if motion.shifts else np.ones(len(table))
        new = _moved(table, pose[own], None if shift is None else shift[own], pixel, motion)
        mark = f"{k}," if several else ""
        for field, values in zip((pose_field, shift_field), new, strict=True):
            if values is not None:
                out |= {f"{field}[{mark}{i}]": values[:, i] for i in range(values.shape[1])}
    return out


@np.errstate(invalid="ignore", over="ignore")  # numbers of a damaged file that stay as they are
def _moved(
    table: CsTable, pose: Numbers, shift: Numbers | None, pixel: Floats, motion: Motion
) -> tuple[Floats, Floats | None]:
    """New poses (N, 3), the same numbers where none is turned, and shifts (N, 2)."""
    turns = motion.flip is not None or not np.array_equal(motion.matrix, np.eye(3))
    poses = pose.astype(np.float64)
    shifts = None if shift is None else shift.astype(np.float64)
    for rows, part in _pieces(len(pose), motion):
        q = convention.cryosparc_to_quaternions(poses[rows])
        size = pixel[rows, None]
        origins = None if shifts is None else shifts[rows] * size
        _require_sizes(table, q, size, origins)
        turned, moved = part.apply(q, origins)
        if turns:
            poses[rows] = convention.quaternions_to_cryosparc(turned)
        if shifts is not None and moved is not None:
            shifts[rows] = moved / size
    return poses, shifts


def _pieces(n: int, motion: Motion) -> Iterator[tuple[slice, Motion]]:
    """Some rows at a time, and the motion of these."""
    each = np.ndim(motion.flip_shift) > 0
    for start in range(0, n, _PIECE):
        rows = slice(start, start + _PIECE)
        own = np.asarray(motion.flip_shift)[rows] if each else motion.flip_shift
        yield rows, replace(motion, flip_shift=own)


def _pixel(table: CsTable, group: str, k: int, known: float | None) -> Floats:
    """Å (N,) of the pixels that the shifts of class `k` are in; NaN where nothing says it."""
    names = (f"{group}/psize_A", IMAGE_PIXEL)
    fields = table.numbers(names)
    said = (_of_class(table, name, fields.get(name), k) for name in names)
    return shift_sizes(said, known, len(table))


def _of_class(table: CsTable, name: str, values: Numbers | None, k: int) -> Numbers | None:
    """(N,) of class `k`, or of all where they have it in common."""
    if values is None or values.ndim == 1:
        return values
    if values.ndim > 2 or k >= values.shape[1]:
        raise MalformedFileError(f"{name} is not a pixel size", where=str(table.path))
    return values[:, k]


def _require_sizes(table: CsTable, q: Floats, size: Floats, origins: Floats | None) -> None:
    missing = int(np.count_nonzero(np.isfinite(q[:, 0]) & np.isnan(size[:, 0])))
    if origins is not None and missing:
        raise unknown_size("the map is moved by Å", missing, size, str(table.path))
