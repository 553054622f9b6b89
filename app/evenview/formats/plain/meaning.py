"""What the user says the columns of a table hold: poses, half-sets, shifts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import NoOrientationsError, UserError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.preview import place_of
from evenview.core.reading import TextColumns
from evenview.core.words import counted
from evenview.formats.angles import Angles
from evenview.formats.facts import of_placed, require_kept_hand, require_shifts
from evenview.formats.halves import halves_of
from evenview.formats.text.rows import TextRows

Floats = NDArray[np.float64]
Halves = NDArray[np.int8]

#: Angles in radians run over a turn or two; a median beyond this is none.
_MOST_RADIANS = 4 * math.pi


@dataclass(frozen=True, eq=False)
class Meaning:
    """The rows of a table, and what was said of their columns."""

    rows: TextRows
    said: TextColumns

    @classmethod
    def of(cls, rows: TextRows, said: TextColumns) -> Meaning:
        """Raises `UserError` where a column is not there, or is named for two things."""
        labels = [rows.labels[place_of(column, rows.labels)] for column in said.in_use]
        for label in labels:
            if labels.count(label) > 1:
                raise UserError(
                    f"the column {label} is named for two things",
                    where=str(rows.lines.source.path),
                    hint="Say another column for one of them.",
                )
        return cls(rows, said)

    @property
    def where(self) -> str:
        """The file, for an error."""
        return str(self.rows.lines.source.path)

    def labels(self, columns: Sequence[str]) -> tuple[str, ...]:
        """What the table calls the columns that are meant."""
        return tuple(self.rows.labels[place_of(column, self.rows.labels)] for column in columns)

    def poses(self) -> tuple[Floats, tuple[Note, ...]]:
        """(N, 4) quaternions, NaN where a row has none, and what to know of them."""
        labels = self.labels(self.said.numbers)
        cells = self.rows.angles(labels)
        if self.said.angles == "radians":
            self._require_radians(labels, cells)
        with np.errstate(over="ignore"):
            values = np.column_stack(cells) * self.said.scales
        placed: NDArray[np.bool_] = np.all(np.isfinite(values), axis=1)
        notes = self._euler_notes(labels, values) if self._is_euler else self._notes(placed)
        quaternions = np.full((len(values), 4), np.nan)
        rows = np.flatnonzero(placed)
        about = self.said.about
        quaternions[placed] = about.read(
            values[placed], lambda row: self.rows.lines.place(int(rows[row]))
        )
        self._require_turned(quaternions[placed])
        remarks = about.remarks(values[placed])
        return quaternions, (*notes, *_remark_notes(remarks))

    def halves(self) -> tuple[Halves | None, tuple[Note, ...]]:
        """Half codes (N,) of 1 and 2, or of cryoSPARC's 0 and 1."""
        if self.said.half is None:
            return None, ()
        (label,) = self.labels([self.said.half])
        (subsets,) = self.rows.columns([label])
        if set(np.unique(subsets).tolist()) == {0.0, 1.0}:
            note = Note(
                f"{label} says 0 and 1, which are taken for halves 1 and 2",
                "cryoSPARC numbers its half-sets so.",
            )
            return (subsets + 1).astype(np.int8), (note,)
        return halves_of(subsets, label)

    def units(self) -> dict[str, str]:
        """What was said, in words, as `Described.units` has it."""
        said, about = self.said, self.said.about
        unit = said.angles or ("degrees" if self._is_euler else "numbers")
        found = {"poses": f"{self._named(said.numbers)}: {unit} of {about.title}; {about.formula}"}
        if said.shifts:
            measure = "pixels" if said.shift_unit == "px" else "Å"
            sense = "shift = origin" if said.shift_sense == "origin" else "shift = −origin"
            found["shifts"] = f"{self._named(said.shifts)}: {measure}; {sense}"
        size = said.pixel_size
        found["pixel size"] = f"{size:g} Å, as was said" if size else "not said"
        found["half-sets"] = self._named([said.half]) if said.half else "not said"
        return found

    def _named(self, columns: Sequence[str]) -> str:
        return ", ".join(self.labels(columns))

    def shifts(self) -> Floats | None:
        """(N, 2) or (N, 3) of RELION's sign in the unit of the file; None where there are none."""
        if not self.said.shifts:
            return None
        return self._sign * np.column_stack(self.rows.angles(self.labels(self.said.shifts)))

    def origins(self, pixel_size: float | None) -> Floats | None:
        """(N, 2) or (N, 3) Å, RELION's sign. Raises `UserError` where a pixel size is missing."""
        shifts = self.shifts()
        return None if shifts is None else shifts * self._angstroms(pixel_size)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """The columns that a motion changes, by what the table calls them; see `Movable`."""
        require_shifts(motion, bool(self.said.shifts), self.where, "dx, dy")
        shifts = self.shifts() if motion.shifts or motion.flip else None
        if len(self.said.shifts) == 3:
            require_kept_hand(motion, self.where)
        scale = self._angstroms(particles.pixel_size) if motion.shifts else 1.0
        turned, moved = motion.apply(
            particles.quaternions, None if shifts is None else shifts * scale
        )
        values = np.full((len(particles), len(self.said.numbers)), np.nan)
        placed = particles.placed
        values[placed] = self.said.about.from_quaternions(turned[placed]) / self.said.scales
        found = dict(zip(self.labels(self.said.numbers), values.T, strict=True))
        if moved is not None:
            back = self._sign * moved.T / scale
            found |= zip(self.labels(self.said.shifts), back, strict=True)
        return of_placed(particles, found)

    @property
    def _is_euler(self) -> bool:
        return all(number.unit == "°" for number in self.said.about.numbers)

    @property
    def _sign(self) -> float:
        return 1.0 if self.said.shift_sense == "origin" else -1.0

    def _angstroms(self, pixel_size: float | None) -> float:
        """Å in the unit of the shifts."""
        if self.said.shift_unit == "A":
            return 1.0
        if pixel_size is None:
            raise UserError(
                "the shifts are in pixels, and how large a pixel is was not said",
                where=self.where,
                hint="Add it to --columns, as in apix=1.2.",
            )
        return pixel_size

    def _euler_notes(self, labels: Sequence[str], values: Floats) -> list[Note]:
        first, second, third = self.said.about.view
        names = (labels[first], labels[second], labels[third])
        columns = [values[:, place] for place in self.said.about.view]
        place, title = self.rows.place, self.said.about.title
        remedy = "open the file with angles=radians"
        return Angles(title, names, columns, self.where, place, if_radians=remedy).checked()

    def _notes(self, placed: NDArray[np.bool_]) -> list[Note]:
        if not placed.any():
            raise NoOrientationsError(
                f"no row has all of {', '.join(self.labels(self.said.numbers))}",
                where=self.where,
                hint="Write the file again from the program that refined the particles.",
            )
        missing = int(np.count_nonzero(~placed))
        if not missing:
            return []
        return [
            Note(
                f"{counted(missing, 'row has', 'rows have')} no pose (nan) and cannot be placed",
                "They are not drawn and are kept in every file that is written.",
            )
        ]

    def _require_turned(self, quaternions: Floats) -> None:
        """Rows that all look along Z were never aligned, whatever numbers say it."""
        if (np.abs(convention.directions(quaternions)[:, :2]) < 1e-12).all():
            raise NoOrientationsError(
                "every particle looks along Z: the particles were never aligned in 3-D",
                where=self.where,
                hint="Are these the right columns? Else open the particles of a 3-D refinement.",
            )

    def _require_radians(self, labels: Sequence[str], cells: Sequence[Floats]) -> None:
        for label, column, number in zip(labels, cells, self.said.about.numbers, strict=True):
            sound = np.abs(column[np.isfinite(column)])
            if number.unit and sound.size and np.median(sound) > _MOST_RADIANS:
                row = int(np.nanargmax(np.abs(column)))
                raise UserError(
                    f"{column[row]:g} is far out of the range of an angle in radians",
                    where=self.rows.place(row, label),
                    hint="Say that the angles are degrees.",
                )


def _remark_notes(remarks: Mapping[int, str]) -> Iterator[Note]:
    """What is not quite as it should be, once for all rows."""
    for sentence in dict.fromkeys(remarks.values()):
        rows = sum(remark == sentence for remark in remarks.values())
        yield Note(f"In {counted(rows, 'row')} {sentence}")
