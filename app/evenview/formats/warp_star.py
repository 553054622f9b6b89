"""Star files of Warp and M: the particles of a species, moving with the exposure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evenview.core import convention
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.formats.base import Precision
from evenview.formats.halves import halves_of
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, Other, numbers_of
from evenview.formats.star.rows import Floats
from evenview.formats.star.table import StarParticles
from evenview.formats.star.writing import Block, write_blocks
from evenview.formats.warp import described
from evenview.formats.warp.creating import SAYABLE, fill
from evenview.formats.warp.labels import HALF, angle_points, angles

_EXPORT = "Open the particles of the species in M, or what Warp exported for RELION."
_INDEXED = Dialect(
    program="Warp and M",
    mark=re.compile(rb"^[ \t]*_wrp", re.MULTILINE),
    angles=angles(1),
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
        found = _INDEXED.table_angles(table)
        notes = found.checked() + _time_notes(table)
        subsets = numbers_of(table, HALF) if table.has(HALF) else None
        halves, half_notes = (None, ()) if subsets is None else halves_of(subsets, HALF)
        return Particles(
            table=StarParticles(table, table.rows, self.title),
            quaternions=convention.relion_to_quaternions(*found.columns),
            halves=halves,
            notes=(*notes, *half_notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """Angles in degrees, and positions in Å in the place of shifts."""
        return described.units(particles.table)

    def record(self, particles: Particles, progress: Progress = silent) -> Record:  # noqa: ARG002
        """What M says of the first point in time; see `Described.record`.

        The particles are subtomograms where one has a z other than 0: for images M writes 0.
        """
        return described.record(particles)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """The angles of every point in time, and the positions where the map is moved."""
        return described.changes(particles, motion)

    @property
    def precision(self) -> Precision:
        """M itself writes five decimals."""
        return Precision(2e-6, 1e-6, "Å", "6 decimals")

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write the particles of a species, as M has them at one point in time.

        Shifts are put into the positions. M finds the source of a particle by a hash that no other
        program knows, so "unknown" stands there; and it wants a half-set for each, so those without
        are given 1 and 2 in turn, as M does. Raises `UserError` where there are no coordinates in
        pixels, or no size of these pixels.
        """
        columns, filled = fill(record)
        write_blocks(path, [Block("", columns)], progress=progress)
        return Created((path,), record.not_said_by(SAYABLE), filled)


FORMAT = WarpStar()


def _time_notes(table: StarTable) -> list[Note]:
    points = angle_points(table.labels)
    if points == 1:
        return []
    return [
        Note(
            f"Every particle has its angles at {points} points in time",
            "Those of the first are drawn (wrpAngleRot1, ...); all stay in files that are written.",
        )
    ]
