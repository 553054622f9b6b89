"""cryoDRGN's poses (.pkl): rotations, and shifts as parts of the box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.formats.base import Precision
from evenview.formats.cryodrgn import creating
from evenview.formats.cryodrgn.table import ROTATIONS, SHIFTS, PoseTable, column_names
from evenview.formats.facts import require_shifts
from evenview.formats.matrices import TOLERANCE, orthogonal
from evenview.formats.star.source import Source

_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(6))


@dataclass(frozen=True)
class CryodrgnPkl:
    """A pickle of rotations (N, 3, 3), or of these and shifts (N, 2).

    The rotations are A itself (``cryodrgn/commands/parse_pose_star.py``). The pickle is read as
    data and never run: `evenview.formats.cryodrgn.pickled`.
    """

    name: str = "cryodrgn-pkl"
    title: str = "cryoDRGN poses"
    suffixes: tuple[str, ...] = (".pkl",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether it is a pickle of protocol 2 or later; what is in it is told when it is read."""
        return head.startswith(_PICKLES)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the rotations; see `Format.read` for what is raised."""
        table = PoseTable(Source.open(path), self.title)
        progress(0.1, "Reading rows")
        matrices, distances = orthogonal(table.rotations)
        absent: NDArray[np.bool_] = np.count_nonzero(np.isnan(matrices), axis=(1, 2)) > 0
        _require_rotations(matrices, absent, distances, path)
        matrices[absent] = np.nan
        return Particles(
            table=table,
            quaternions=rotation.from_matrix(matrices),
            notes=tuple(_missing_notes(absent)),
        )

    @property
    def precision(self) -> Precision:
        """Of new files, whose numbers have 64 bits as those of ``parse_pose_star``."""
        return Precision(degrees=1e-12, shift=1e-15, shift_unit="boxes", why="float64")

    def units(self, particles: Particles) -> Mapping[str, str]:
        """See `Described.units`."""
        said = {"poses": f"{ROTATIONS}: A itself, 3 x 3 a row"}
        if _table(particles).shifts is not None:
            said["shifts"] = (
                f"{SHIFTS}: parts of the box; the image moved by it is centred (RELION's sign)"
            )
        return said | {
            "image references": "the file names no images: rows are in the stack's order"
        }

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """Rotations and shifts, for which pixel size and box must be known unless all are 0."""
        progress(0.0, "Reading rows")
        n, size, box = len(particles), particles.pixel_size, particles.box
        origins, taken = _origins(particles)
        return Record(
            quaternions=particles.quaternions,
            origins=origins,
            pixel_size=None if size is None else np.full(n, size),
            box=None if box is None else np.full(n, box),
            taken=frozenset({*column_names(ROTATIONS, 3, 3), *taken}),
        )

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new pickle; see `Creatable.create`. Shifts need the pixel size and the box."""
        return creating.create(path, record, progress)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """The elements of rotations and, where they change, of shifts; see `Movable.changes`."""
        shifts = _table(particles).shifts
        require_shifts(motion, shifts is not None, str(particles.table.path), SHIFTS)
        side = _side(particles) if motion.shifts else 1.0
        old = None if shifts is None else shifts[:, :2].astype(np.float64) * side
        q, new = motion.apply(particles.quaternions, old)
        matrices = rotation.to_matrix(q).reshape(-1, 9)
        changed = dict(zip(column_names(ROTATIONS, 3, 3), matrices.T, strict=True))
        if new is not None and (motion.shifts or motion.flip is not None):
            changed |= zip(column_names(SHIFTS, 2), (new / side).T, strict=True)
        return changed


FORMAT = CryodrgnPkl()


def _table(particles: Particles) -> PoseTable:
    assert isinstance(particles.table, PoseTable)
    return particles.table


def _origins(particles: Particles) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Origins (N, 2) in Å, and the names of the columns that say them."""
    shifts = _table(particles).shifts
    if shifts is None:
        return None, ()
    flat = shifts[:, :2].astype(np.float64)
    lost = np.any(np.nan_to_num(shifts[:, 2:]))
    taken = column_names(SHIFTS, 2 if lost else shifts.shape[1])
    if not np.any(np.nan_to_num(flat)):
        return flat, taken
    return flat * _side(particles), taken


def _side(particles: Particles) -> float:
    """Å along the side of an image, for shifts that are parts of it.

    Raises `UserError` where it is not known, and where shifts are larger than an image: older
    cryoDRGNs had them in pixels, and newer ones refuse that (``pose.py``).
    """
    where = str(particles.table.path)
    shifts = _table(particles).shifts
    if shifts is not None and np.nanmax(np.abs(shifts), initial=0.0) > 1.0:
        raise UserError(
            f"{SHIFTS} has shifts of more than the box; they may be the pixels of an old file",
            where=where,
            hint="Write the poses again from a cryoDRGN of today.",
        )
    if particles.pixel_size is None:
        raise _unknown("pixel size", "--pixel-size", where)
    if particles.box is None:
        raise _unknown("box size", "--box", where)
    return particles.pixel_size * particles.box


def _unknown(what: str, option: str, where: str) -> UserError:
    return UserError(
        f"the shifts are parts of the box, and the file does not say the {what}",
        where=where,
        hint=f"Give it with {option}.",
    )


def _require_rotations(
    matrices: NDArray[np.float64],
    absent: NDArray[np.bool_],
    distances: NDArray[np.float64],
    path: Path,
) -> None:
    if absent.all():
        raise NoOrientationsError(
            "no particle has a rotation: every one is not a number",
            where=str(path),
            hint="cryoDRGN writes such poses for particles without an alignment.",
        )
    with np.errstate(invalid="ignore"):
        wrong = ~absent & (~(distances < TOLERANCE) | (np.linalg.det(matrices) < 0))
    if wrong.any():
        row = int(wrong.argmax())
        raise MalformedFileError(
            f"row {row + 1:,} of {ROTATIONS} is not a rotation",
            where=str(path),
            hint="The file is damaged: copy it again, or write it again from cryoDRGN.",
        )
    if not np.any(matrices[~absent] != np.eye(3)):
        raise NoOrientationsError(
            "every rotation is the identity: the particles were never aligned in 3-D",
            where=str(path),
            hint="Make the poses from the particles of a 3-D refinement.",
        )


def _missing_notes(absent: NDArray[np.bool_]) -> list[Note]:
    missing = int(np.count_nonzero(absent))
    if not missing:
        return []
    have = "particle has" if missing == 1 else "particles have"
    return [
        Note(
            f"{missing:,} {have} no rotation (nan) and cannot be placed",
            "They are not drawn and are kept in every file that is written.",
        )
    ]
