"""What the fields of a cryoSPARC table mean: poses, half-sets, pixel size, and what to know of it.

Fields and their meaning: cryoSPARC guide and cryosparc-tools (``cryosparc/dataset.py``,
``cryosparc/spec.py``). The rotation is ``alignments3D/pose``; see `evenview.core.convention`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress
from evenview.core.words import counted
from evenview.formats.cs.classes import class_poses
from evenview.formats.cs.companion import Companion
from evenview.formats.cs.fields import POSE, SPLIT, has_poses
from evenview.formats.cs.pixels import IMAGE_PIXEL, IMAGE_SHAPE, short
from evenview.formats.cs.table import CsTable

Numbers = NDArray[Any]
Marks = NDArray[np.bool_]

SHIFT_PIXEL = "alignments3D/psize_A"

#: A rotation vector longer than this (radians, 16 turns) is no angle but a damaged number.
LONGEST_POSE = 100.0

#: Rows turned at a time: few enough to spare memory, many enough to keep every core at work.
_PIECE = 1 << 19


def read_table(
    table: CsTable, notes: Iterable[Note], progress: Progress, chosen_class: int | None
) -> Particles:
    """The particles of a table, `notes` first among theirs; see `Format.read`.

    Where there are poses for several classes it takes those of `chosen_class`, as cryoSPARC numbers
    them from 0, or each particle's of its most probable class.
    """
    if not any(has_poses(dataset.names) for dataset in table.datasets):
        raise _no_poses(table)
    classes = class_poses(table, chosen_class, progress)
    names = (POSE, SPLIT, SHIFT_PIXEL) if classes is None else ()
    columns = table.numbers((*names, IMAGE_PIXEL, IMAGE_SHAPE), progress)
    if classes is not None:
        columns |= classes.columns(progress)
    quaternions, squared = _place(columns[POSE], table)
    placed = np.isfinite(quaternions[:, 0])
    _require_sound(placed, squared, str(table.path))
    halves, half_notes = _halves(columns.get(SPLIT))
    pixel_size, pixel_notes = _pixel_size(columns)
    found = (
        *notes,
        *(classes.notes if classes else ()),
        *_table_notes(table),
        *_pose_notes(table, placed, squared),
        *half_notes,
        *pixel_notes,
    )
    progress(1.0, "Read")
    known = classes.known if classes else ()
    box = _box(columns.get(IMAGE_SHAPE))
    return Particles(table, quaternions, halves, pixel_size, None, found, known, box=box)


def _no_poses(table: CsTable) -> NoOrientationsError:
    what, hint = _instead({name for dataset in table.datasets for name in dataset.names})
    return NoOrientationsError(what, where=str(table.path), hint=hint)


def _instead(names: set[str]) -> tuple[str, str]:
    """What a dataset without 3-D poses is, and what to open."""
    hint = "Open the particles .cs of a 3-D refinement, with its passthrough in the same folder."
    if any(name.startswith("alignments2D/") for name in names):
        return (
            "the file comes from a 2-D job (alignments2D) and has no 3-D orientations",
            "Refine these particles in 3-D, then open the particles of that job.",
        )
    if any(name.startswith(("location/", "pick_stats/")) for name in names):
        return (
            "the file has picked locations but no 3-D orientations (no alignments3D/pose), and "
            "none was found beside it",
            hint,
        )
    return f"the file has no 3-D orientations (no {POSE}), and none was found beside it", hint


def _place(poses: Numbers, table: CsTable) -> tuple[Numbers, Numbers]:
    """Quaternions (N, 4) of the poses and their squared lengths (N,)."""
    if poses.ndim != 2 or poses.shape[1] != 3:
        raise MalformedFileError(
            f"{POSE} has {poses[0].size} numbers a row, where a rotation vector has 3",
            where=str(table.path),
        )
    quaternions, squared = np.empty((len(poses), 4)), np.empty(len(poses), np.float32)
    for start in range(0, len(poses), _PIECE):
        piece = poses[start : start + _PIECE]
        quaternions[start : start + _PIECE] = convention.cryosparc_to_quaternions(piece)
        with np.errstate(over="ignore"):
            squared[start : start + _PIECE] = np.einsum("ij,ij->i", piece, piece)
    return quaternions, squared


def _require_sound(placed: Marks, squared: Numbers, where: str) -> None:
    """The poses are somewhere not zero and nowhere absurd."""
    if not placed.any():
        raise _unaligned("no particle has a pose: every one is missing or not a number", where)
    if not (squared[placed] > 0).any():
        raise _unaligned("every pose is (0, 0, 0), so nothing was ever aligned in 3-D", where)
    too_long = placed & (squared > LONGEST_POSE**2)
    if too_long.any():
        row = int(too_long.argmax())
        raise MalformedFileError(
            f"row {row + 1:,}: {POSE} is {float(squared[row]) ** 0.5:.4g} radians long, "
            "which is no sensible angle",
            where=where,
            hint="The file is damaged, or another program wrote it in other units.",
        )


def _unaligned(what: str, where: str) -> NoOrientationsError:
    return NoOrientationsError(
        what, where=where, hint="Open the particles of a finished 3-D refinement."
    )


def _table_notes(table: CsTable) -> Iterator[Note]:
    if table.dataset.trailing:
        yield Note(f"{table.dataset.trailing:,} bytes after the last row are ignored.")
    if any(name.startswith("sym_expand/") for name in table.dataset.names):
        yield Note(
            "The particles are symmetry-expanded.",
            "Every image is here once for each symmetry copy; choose C1 so as not to expand twice.",
        )
    for companion in table.companions:
        yield from _companion_notes(companion, companion is _giver(table))


def _companion_notes(companion: Companion, gives_poses: bool) -> Iterator[Note]:
    name = companion.dataset.path.name
    if gives_poses:
        yield Note(f"The poses come from {name}, joined by uid.")
    if missing := companion.n_missing:
        yield Note(
            f"{counted(missing, 'particle is', 'particles are')} not in {name}.",
            "They have no pose, are not drawn, and stay in exports."
            if gives_poses
            else "What only that file says of them is missing; they stay in exports.",
        )


def _giver(table: CsTable) -> Companion | None:
    """The companion that the poses come from; None where the opened file has them."""
    if has_poses(table.dataset.names):
        return None
    return next((one for one in table.companions if has_poses(one.dataset.names)), None)


def _pose_notes(table: CsTable, placed: Marks, squared: Numbers) -> Iterator[Note]:
    lost = len(placed) - int(np.count_nonzero(placed))
    if (giver := _giver(table)) is not None:
        lost -= giver.n_missing  # said already
    if lost:
        yield Note(
            f"{counted(lost, 'particle has', 'particles have')} no pose.",
            "They are counted but not drawn, and they stay in exports.",
        )
    if zero := int(np.count_nonzero(squared == 0)):
        yield Note(
            f"{counted(zero, 'particle has', 'particles have')} the pose (0, 0, 0).",
            "That is what cryoSPARC writes before alignment; they are drawn looking along Z.",
        )


def _halves(
    split: Numbers | None,
) -> tuple[NDArray[np.int8] | None, tuple[Note, ...]]:
    """Half codes 1 and 2 of ``alignments3D/split`` 0 and 1; 0 where it says neither."""
    if split is None or split.ndim != 1:
        return None, ()
    codes = (split == 0).astype(np.int8) + 2 * (split == 1).astype(np.int8)
    if not ((codes == 1).any() and (codes == 2).any()):
        return None, (Note("There are no half-sets.", f"{SPLIT} is the same for every particle."),)
    return codes, ()


def _pixel_size(
    columns: dict[str, Numbers],
) -> tuple[float | None, tuple[Note, ...]]:
    """Å per pixel of the images, else of the alignment; None where they vary."""
    image, shift = (_sizes(columns.get(name)) for name in (IMAGE_PIXEL, SHIFT_PIXEL))
    first = image or shift
    if not first:
        return None, ()
    notes = []
    if len(first) > 1:
        notes.append(
            Note(
                f"Pixel sizes vary from {min(first):g} to {max(first):g} Å.",
                "No single one is given; directions do not depend on it.",
            )
        )
    if image and shift and not np.isclose(image[0], shift[0], rtol=1e-4):
        notes.append(
            Note(
                f"Images have {image[0]:g} Å per pixel and the alignment {shift[0]:g} Å.",
                "The particles were aligned at another size of box; directions are not affected.",
            )
        )
    return first[0] if len(first) == 1 else None, tuple(notes)


def _box(shape: Numbers | None) -> int | None:
    """The side of the images in pixels, None where it is not said or not one."""
    if shape is None or shape.shape[1:] != (2,):
        return None
    sides = shape[np.isfinite(shape).all(axis=1)]
    if not sides.size or sides.min() != sides.max() or sides[0, 0] <= 0:
        return None
    return int(sides[0, 0])


def _sizes(values: Numbers | None) -> list[float]:
    """The pixel sizes that occur, the commonest first, as the file's 32 bits mean them."""
    if values is None or values.ndim != 1:
        return []
    sound = values[np.isfinite(values) & (values > 0)]
    if len(sound) and sound.min() == sound.max():
        return [short(sound[0])]
    sizes, counts = np.unique(sound, return_counts=True)
    return [short(size) for size in sizes[np.argsort(-counts, kind="stable")]]
