"""cryoDRGN's poses (.pkl): rotations, and shifts as parts of the box."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.cryodrgn.table import ROTATIONS, PoseTable
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


FORMAT = CryodrgnPkl()


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
