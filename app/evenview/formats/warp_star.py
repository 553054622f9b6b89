"""Star files of Warp and M: the particles of a species, moving with the exposure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from evenview.core import convention
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.halves import halves_of
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, Other, numbers_of
from evenview.formats.star.table import StarParticles

HALF = "wrpRandomSubset"

_EXPORT = "Open the particles of the species in M, or what Warp exported for RELION."
_INDEXED = Dialect(
    program="Warp and M",
    mark=re.compile(rb"^[ \t]*_wrp", re.MULTILINE),
    angles=("wrpAngleRot1", "wrpAngleTilt1", "wrpAnglePsi1"),
    others=(HALF,),
    instead=(
        Other(
            "wrpMovieName",
            "this is a list of the images of a tilt series (.tomostar), not particles",
            _EXPORT,
        ),
        Other("wrpCoordinateX1", "these are positions without orientations", _EXPORT),
    ),
)


@dataclass(frozen=True)
class WarpStar:
    """One table of labels ``_wrp...``.

    M lets particles turn while they are exposed: the angles of the first point in time are
    ``wrpAngleRot1``, those of the second ``wrpAngleRot2``, and so on (``Species`` in M). They are
    RELION's angles (Warp's ``Matrix3.Euler``).
    """

    name: str = "warp-star"
    title: str = "Warp/M star"
    suffixes: tuple[str, ...] = (".star",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is a "data_" line and a label of Warp's."""
        return _INDEXED.sniff(head)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the particles at their first point in time; see `Format.read`."""
        table = _INDEXED.read(path, progress)
        assert table.rows is not None
        angles = _INDEXED.table_angles(table)
        notes = angles.checked() + _time_notes(table)
        subsets = numbers_of(table, HALF) if table.has(HALF) else None
        halves, half_notes = (None, ()) if subsets is None else halves_of(subsets, HALF)
        return Particles(
            table=StarParticles(table, table.rows, self.title),
            quaternions=convention.relion_to_quaternions(*angles.columns),
            halves=halves,
            notes=(*notes, *half_notes),
        )


FORMAT = WarpStar()


def _time_notes(table: StarTable) -> list[Note]:
    points = 1
    while table.has(f"wrpAngleRot{points + 1}"):
        points += 1
    if points == 1:
        return []
    return [
        Note(
            f"Every particle has its angles at {points} points in time",
            "Those of the first are drawn (wrpAngleRot1, ...); all stay in files that are written.",
        )
    ]
