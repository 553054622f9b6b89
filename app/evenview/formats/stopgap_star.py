"""STOPGAP's motive lists (.star)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.conventions.emmotl import CONVENTION
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import FIELDS, Created, Record
from evenview.formats.angles import Angles, Floats
from evenview.formats.base import Precision
from evenview.formats.facts import star_of
from evenview.formats.output import atomic_writer
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, numbers_of
from evenview.formats.star.table import StarParticles
from evenview.formats.subtomograms import Columns
from evenview.formats.text.creating import write_rows

HALF = "halfset"

_BLOCK = "data_stopgap_motivelist"
_LABELS = (
    *("motl_idx", "tomo_num", "object", "subtomo_num", HALF, "orig_x", "orig_y", "orig_z"),
    *("score", "x_shift", "y_shift", "z_shift", "phi", "psi", "the", "class"),
)
_WHOLE = ("motl_idx", "tomo_num", "object", "subtomo_num", "class")
_NEUTRAL = {
    "tomo_num": 1,
    "object": 1,
    "orig_x": 0,
    "orig_y": 0,
    "orig_z": 0,
    "score": 0,
    "class": 1,
}

COLUMNS = Columns(
    angles=("phi", "psi", "the"),
    from_quaternions=convention.quaternions_to_emmotl,
    formula=CONVENTION.formula,
    shifts=("x_shift", "y_shift", "z_shift"),
    coordinates=("orig_x", "orig_y", "orig_z"),
    number="subtomo_num",
    tomogram="tomo_num",
    classes="class",
)

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

    def units(self, particles: Particles) -> Mapping[str, str]:
        """Angles in degrees, shifts and coordinates in pixels."""
        found = dict(_columns_of(particles).units())
        if star_of(particles.table).has(HALF):
            found["half-sets"] = f"{HALF}: A and B are 1 and 2"
        return found

    def record(self, particles: Particles, progress: Progress = silent) -> Record:  # noqa: ARG002
        """All rows; see `Described.record`. Raises `UserError` for shifts without a pixel size."""
        record = _columns_of(particles).record(particles)
        codes = _half_codes(star_of(particles.table))
        if codes is None or not codes.any():
            return record
        return replace(record, halves=codes, taken=record.taken | {HALF})

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """Angles, and shifts where the map is moved; see `Movable.changes`."""
        return _columns_of(particles).changes(particles, motion)

    @property
    def precision(self) -> Precision:
        """STOPGAP itself writes four decimals, and reads any number of them."""
        return Precision(2e-6, 1e-6, "pixels", "6 decimals")

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a motive list with STOPGAP's columns in its order (``sg_get_motl_fields``).

        Raises `UserError` where there are shifts and no pixel size.
        """
        said = COLUMNS.values(record)
        values: dict[str, NDArray[Any]] = {**said.columns, "motl_idx": 1 + np.arange(len(record))}
        filled = [*said.filled, *said.neutral(_NEUTRAL), "motl_idx: the number of the row"]
        codes = np.zeros(len(record), np.int8) if record.halves is None else record.halves
        values[HALF] = np.array(["A", "A", "B"], dtype=object)[codes]
        if not codes.all():
            filled.append(f"{HALF}: A")
        dropped = [words for words in said.dropped if words != FIELDS["halves"]]
        row = " ".join(_form(name, values) for name in _LABELS)
        with atomic_writer(path) as file:
            labels = "".join(f"_{name}\n" for name in _LABELS)
            file.write(f"\n{_BLOCK}\n\nloop_\n{labels}\n".encode())
            write_rows(file, f"{row}\n", [values[n] for n in _LABELS if n in values], progress)
        progress(1.0, "Written")
        return Created((path,), tuple(dropped), tuple(filled))


FORMAT = StopgapStar()


def _columns_of(particles: Particles) -> Columns:
    """`COLUMNS`, without those that the file lacks."""
    there = set(particles.table.numeric_columns)

    def some(names: tuple[str, ...]) -> tuple[str, ...]:
        return names if there.issuperset(names) else ()

    def one(name: str) -> str:
        return name if name in there else ""

    return replace(
        COLUMNS,
        shifts=some(COLUMNS.shifts),
        coordinates=some(COLUMNS.coordinates),
        number=one(COLUMNS.number),
        tomogram=one(COLUMNS.tomogram),
        classes=one(COLUMNS.classes),
    )


def _form(name: str, values: Mapping[str, NDArray[Any]]) -> str:
    """The %-format of a column, or the one number that stands in all its rows."""
    if name == HALF:
        return "%s"
    whole = name in _WHOLE
    if name in values:
        return "%8d" if whole else "%13.6f"
    return f"{_NEUTRAL.get(name, 0):{'8d' if whole else '13.6f'}}"


def _finite(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(column), column, np.nan)


def _halves(table: StarTable) -> tuple[NDArray[np.int8] | None, list[Note]]:
    """Half codes of the letters A and B, None where not both are there."""
    halves = _half_codes(table)
    if halves is None:
        return None, []
    if {1, 2} <= set(np.unique(halves).tolist()):
        return halves, []
    return None, [Note("There are no half-sets", "_halfset is not both A and B.")]


def _half_codes(table: StarTable) -> NDArray[np.int8] | None:
    """(N,): 1 for A, 2 for B, 0 for any other; None where there is no such column."""
    from evenview.core.kernels import text

    if not table.has(HALF):
        return None
    assert table.rows is not None
    letters = np.empty(len(table), np.uint8)
    column = table.labels.index(HALF)
    starts, lengths = table.rows.starts, table.rows.lengths.astype(np.int64)
    text.read_letters(table.source.data, starts, lengths, column, letters)
    codes = np.zeros(len(table), np.int8)
    codes[letters == ord("A")], codes[letters == ord("B")] = 1, 2
    return codes
