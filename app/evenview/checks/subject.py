"""The file that is checked: what of it could be opened, and what could be read besides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.checks.copies import Copies
from evenview.checks.cs_sheet import CsSheet
from evenview.checks.sheet import Floats, Halves, Sheet
from evenview.checks.star_sheet import StarSheet
from evenview.core import convention
from evenview.core.errors import ColumnsNeededError, UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.formats import find_format, open_particles
from evenview.formats.base import HEAD_BYTES
from evenview.formats.cs.dataset import NUMPY_MAGIC, open_dataset
from evenview.formats.cs.table import CsTable
from evenview.formats.star.table import StarParticles

_STAR = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*data_", re.MULTILINE)
_EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class Subject:
    """A file that is checked.

    Attributes
    ----------
    particles
        What opening it gave; None where it was refused.
    refusal
        Why it was refused.
    star, cs
        Its table, as far as it can be read, if it is one of these.
    """

    path: Path
    particles: Particles | None
    refusal: UserError | None = None
    star: StarSheet | None = None
    cs: CsSheet | None = None

    @property
    def sheet(self) -> Sheet | None:
        """The table, whichever it is."""
        return self.cs if self.star is None else self.star

    @property
    def says_halves(self) -> bool:
        """Whether the file is of a format whose column of half-sets is known here."""
        return self.cs is not None or (self.star is not None and self.star.is_relion)

    @cached_property
    def angles(self) -> Floats | None:
        """(N, 3) RELION's angles in degrees or cryoSPARC's poses in radians, as they stand."""
        return None if self.sheet is None else self.sheet.angles()

    @cached_property
    def quaternions(self) -> Floats | None:
        """(N, 4) poses, NaN where there is none; None where the file has no angles."""
        if self.particles is not None:
            return self.particles.quaternions
        if self.angles is None:
            return None
        if self.cs is not None:
            return convention.cryosparc_to_quaternions(self.angles)
        return convention.relion_to_quaternions(*self.angles.T)

    @cached_property
    def halves(self) -> Halves | None:
        """The half-sets as they stand in the file."""
        if self.sheet is not None and self.says_halves:
            stated = self.sheet.halves()
            if stated is not None:
                return stated
        if self.particles is None or self.particles.halves is None:
            return None
        return Halves("half-set", self.particles.halves.astype(np.float64), (1, 2))

    @cached_property
    def copies(self) -> Copies | None:
        """The rows that are of one image; None where the file does not name images."""
        images = None if self.sheet is None else self.sheet.images()
        return None if images is None else Copies.of(images, self.quaternions)

    def where(self, rows: ArrayLike, column: str = "") -> str:
        """The first few rows (indices, each once) and a column, in words; "every row" for all."""
        found = np.asarray(rows)
        shown = [self._row(int(row)) for row in found[:_EXAMPLES]]
        every = len(found) > _EXAMPLES and self.sheet is not None and len(found) == len(self.sheet)
        words = "every row" if every else _listed(shown, len(found))
        if not column:
            return words
        return f"{words}; {self.sheet.column(column) if self.sheet is not None else column}"

    def _row(self, row: int) -> str:
        place = self.sheet.place(row) if self.sheet is not None else ""
        return f"row {row + 1:,} ({place})" if place else f"row {row + 1:,}"

    def lines(self, offsets: NDArray[np.int64]) -> str:
        """The lines that hold the first few of some bytes, in words."""
        assert self.star is not None
        source = self.star.source
        shown = [f"line {source.line_number(int(offset)):,}" for offset in offsets[:_EXAMPLES]]
        return _listed(shown, len(offsets))


def _listed(shown: Sequence[str], n: int) -> str:
    more = f" and {n - len(shown):,} more" if n > len(shown) else ""
    return ", ".join(shown) + more


def open_subject(path: Path, progress: Progress = silent, reading: Reading = AS_IT_IS) -> Subject:
    """Open a file to be checked, also one that `open_particles` refuses.

    Raises
    ------
    UserError
        The file cannot be read at all, is of no kind in which anything could be checked, or is a
        table of text whose columns are not said.
    """
    try:
        return subject_of(open_particles(path, progress, reading), progress)
    except ColumnsNeededError:
        raise
    except UserError as error:
        head = _head_of(path, error)
        star = StarSheet.open(path, progress) if _STAR.search(head) else None
        return Subject(path, None, error, star, _refused_cs(path, head))


def subject_of(particles: Particles, progress: Progress = silent) -> Subject:
    """Particles that are open, to be checked."""
    table = particles.table
    star = StarSheet.of(table.star, progress) if isinstance(table, StarParticles) else None
    cs = CsSheet(table) if isinstance(table, CsTable) else None
    return Subject(table.path, particles, None, star, cs)


def _head_of(path: Path, error: UserError) -> bytes:
    """The first bytes of a file that was refused; raises `error` where nothing can be checked."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError):
        raise error from None
    if head and b"\x00" not in head[:512] and _STAR.search(head):
        return head
    find_format(path)  # raises what it raised before
    return head


def _refused_cs(path: Path, head: bytes) -> CsSheet | None:
    if not head.startswith(NUMPY_MAGIC):
        return None
    try:
        return CsSheet(CsTable(open_dataset(path)))
    except UserError:
        return None
