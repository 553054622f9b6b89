"""New pickles of poses, such as cryoDRGN's ``parse_pose_star`` writes."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.core.record import Created, Record
from evenview.core.words import counted
from evenview.formats.facts import require_images
from evenview.formats.output import atomic_writer

Floats = NDArray[np.float64]

#: Read by every Python 3, and without the sizes of frames and names.
_PROTOCOL = 3
#: Where numpy 2 and numpy 1 have the function that makes arrays; numpy 2 still knows the old place.
_NEW, _OLD = b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n"


def create(path: Path, record: Record, progress: Progress) -> Created:
    """Write rotations and, if there are any, shifts; see `Creatable.create`."""
    require_images(record, "cryoDRGN")
    progress(0.0, "Writing rows")
    shifts, filled = _shifts(record)
    rotations = np.ascontiguousarray(rotation.to_matrix(record.quaternions))
    unplaced = int(np.count_nonzero(~record.placed))
    if unplaced:
        filled.append(f"rot: nan for {counted(unplaced, 'particle')} without a pose")
    arrays = (rotations,) if shifts is None else (rotations, shifts)
    with atomic_writer(path) as file:
        file.write(_pickled(arrays))
    progress(1.0, "Written")
    return Created((path,), record.not_said_by({"origins"}), tuple(filled))


def _pickled(arrays: tuple[Floats, ...]) -> bytes:
    """A pickle that older numpy read too (cryoDRGN asks for numpy 1)."""
    return pickle.dumps(arrays, protocol=_PROTOCOL).replace(_NEW, _OLD, 1)


def _shifts(record: Record) -> tuple[Floats | None, list[str]]:
    """Shifts (N, 2) as parts of the box, None if nothing is known of any; words for what is 0.

    cryoDRGN refuses a file with a shift that is more than 1, or no number (``pose.py``).
    """
    angstroms = record.origins_of(2)
    if angstroms is None:
        return None, []
    unknown: NDArray[np.bool_] = np.count_nonzero(~np.isfinite(angstroms), axis=1) > 0
    lost = int(np.count_nonzero(unknown))
    filled = [f"trans: 0 for {counted(lost, 'particle')} without a shift"] if lost else []
    angstroms = np.where(unknown[:, None], 0.0, angstroms)
    if not angstroms.any():
        return angstroms, filled
    why = "shifts as parts of the box"
    side = record.require_pixel_size(why) * record.require_box(why)
    shifts = np.ascontiguousarray(angstroms / side[:, None])
    if np.abs(shifts).max() > 1.0:
        row = int(np.abs(shifts).max(axis=1).argmax())
        raise UserError(
            f"the shift of particle {row + 1:,} is larger than the box of {side[row]:.6g} Å, which "
            "cryoDRGN does not read",
            hint="Is the box size right? It is given with --box, the pixel size with --pixel-size.",
        )
    return shifts, filled
