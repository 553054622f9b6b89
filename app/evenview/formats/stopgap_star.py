"""STOPGAP's motive lists (.star)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.formats.angles import Angles
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, numbers_of
from evenview.formats.star.table import StarParticles

HALF = "halfset"

_DIALECT = Dialect(
    program="STOPGAP",
    mark=re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*data_stopgap_motivelist\b", re.MULTILINE),
    angles=("phi", "the", "psi"),
)


@dataclass(frozen=True)
class StopgapStar:
    """A table ``data_stopgap_motivelist``; ``_halfset`` A and B are half-sets 1 and 2.

    Angles and labels: ``sg_get_motl_fields`` of STOPGAP; the sense of the rotation is that of
    `convention.emmotl_to_quaternions`, read from cryoCAT. STOPGAP itself was not run.
    """

    name: str = "stopgap-star"
    title: str = "STOPGAP star"
    suffixes: tuple[str, ...] = (".star",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is STOPGAP's table."""
        return _DIALECT.sniff(head)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the orientations; see `Format.read` for what is raised."""
        table = _DIALECT.read(path, progress)
        assert table.rows is not None
        phi, theta, psi = (_finite(numbers_of(table, label)) for label in _DIALECT.angles)
        angles = Angles("STOPGAP", _DIALECT.angles, (phi, theta, psi), str(path), table.place)
        notes = angles.checked()
        halves, half_notes = _halves(table)
        return Particles(
            table=StarParticles(table, table.rows, self.title),
            quaternions=convention.emmotl_to_quaternions(phi, psi, theta),
            halves=halves,
            notes=(*notes, *half_notes),
        )


FORMAT = StopgapStar()


def _finite(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(column), column, np.nan)


def _halves(table: StarTable) -> tuple[NDArray[np.int8] | None, list[Note]]:
    """Half codes of the letters A and B, None where not both are there."""
    from evenview.core.kernels import text

    if not table.has(HALF):
        return None, []
    assert table.rows is not None
    letters = np.empty(len(table), np.uint8)
    column = table.labels.index(HALF)
    starts, lengths = table.rows.starts, table.rows.lengths.astype(np.int64)
    text.read_letters(table.source.data, starts, lengths, column, letters)
    halves = (letters == ord("A")).astype(np.int8) + 2 * (letters == ord("B")).astype(np.int8)
    if {1, 2} <= set(np.unique(halves).tolist()):
        return halves, []
    return None, [Note("There are no half-sets", "_halfset is not both A and B.")]
