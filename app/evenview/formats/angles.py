"""Columns of Euler angles in degrees, checked before anything is drawn from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import NoOrientationsError, UserError
from evenview.core.particles import Note
from evenview.core.words import counted

Floats = NDArray[np.float64]

#: Angles may run over a few turns. One beyond the first bound (if a program has no other), or a
#: median beyond the second, is no angle in degrees.
MOST_DEGREES, _MOST_MEDIAN = 1e4, 720.0
_TURN = 360.0
_RADIANS_ROWS, _RADIANS_SPREAD = 20, 4.0


@dataclass(frozen=True, eq=False)
class Angles:
    """The three angles of every row of a file, in degrees.

    Attributes
    ----------
    program
        Whose they are, in words: "cisTEM".
    names
        Their columns in the file: the azimuth of the view, its tilt, the in-plane angle.
    columns
        (N,) float64 each, NaN where a row has none.
    where
        The file, for an error.
    place
        The place of a cell, by its row and the name of its column, for an error.
    boxes
        Further angles, by their names, that turn every particle with its box.
    aside
        What the program makes of an angle that is missing, a sentence.
    most
        The largest angle that the program may have meant.
    if_radians
        What to do where the angles are radians.
    """

    program: str
    names: tuple[str, str, str]
    columns: Sequence[Floats]
    where: str
    place: Callable[[int, str], str]
    boxes: Mapping[str, Floats] = field(default_factory=dict)
    aside: str = ""
    most: float = MOST_DEGREES
    if_radians: str = "convert the file"

    def checked(self) -> list[Note]:
        """What the user should know of the angles.

        Raises `UserError` where they are out of range, and `NoOrientationsError` where all are
        missing or zero.
        """
        found = dict(zip(self.names, self.columns, strict=True)) | dict(self.boxes)
        for name, column in found.items():
            self._require_in_range(name, column)
        placed = np.all([np.isfinite(column) for column in found.values()], axis=0)
        self._require_some(placed)
        return self._missing_notes(placed) + self._range_notes()

    def _require_in_range(self, name: str, column: Floats) -> None:
        size = np.abs(column)
        wild = np.flatnonzero(size > self.most)
        finite = size[~np.isnan(size)]
        if wild.size:
            raise self._out_of_range(name, column, int(wild[0]))
        if finite.size and np.median(finite) > _MOST_MEDIAN:
            raise self._out_of_range(name, column, int(np.nanargmax(size)))

    def _out_of_range(self, name: str, column: Floats, row: int) -> UserError:
        angle = column[row]
        if not math.isfinite(angle):
            what, hint = f"{angle} is not an angle", "Mend this cell or remove the row."
        else:
            what = f"{angle:g} is far out of the range of an angle in degrees"
            hint = self._range_hint(angle)
        return UserError(what, where=self.place(row, name), hint=hint)

    def _range_hint(self, angle: float) -> str:
        """What may have happened to the angles: one mistake is known from the field."""
        largest = np.fmax.reduce(np.abs(np.stack(self.columns)), axis=1)
        if np.all((largest > _TURN) & (np.radians(largest) <= _TURN)):
            return (
                "The angles seem to have been converted from radians to degrees twice "
                f"({angle:g} / 57.29578 = {math.radians(angle):g}): convert the file again."
            )
        return (
            "Is this column in the right place? Write the file again from the program that made it."
        )

    def _require_some(self, placed: NDArray[np.bool_]) -> None:
        if not placed.any():
            raise NoOrientationsError(
                "no row has its three angles (every one has a nan)",
                where=self.where,
                hint="Write the file again from the program that refined the particles.",
            )
        rot, tilt, psi = (column[placed] for column in self.columns)
        boxes = [box[placed] for box in self.boxes.values()]
        if any(column.any() for column in (rot, tilt, *boxes)):
            return
        flat = f"every {self.names[0]} and {self.names[1]} is zero"
        if psi.any():
            what = f"{flat} and only {self.names[2]} is set, as 2-D classification writes them"
        else:
            what = f"{flat}, and {self.names[2]} too: the particles were never aligned in 3-D"
        raise NoOrientationsError(
            what,
            where=self.where,
            hint="Open the particles of a 3-D refinement or classification.",
        )

    def _missing_notes(self, placed: NDArray[np.bool_]) -> list[Note]:
        missing = int(np.count_nonzero(~placed))
        if not missing:
            return []
        rows = "row has" if missing == 1 else "rows have"
        kept = "They are not drawn and are kept in every file that is written."
        return [
            Note(
                f"{missing:,} {rows} no angle (nan) and cannot be placed",
                f"{kept} {self.aside}".rstrip(),
            )
        ]

    def _range_notes(self) -> list[Note]:
        if _like_radians(self.columns):
            return [
                Note(
                    "All angles lie within ±2π and spread as whole turns in radians do",
                    f"Angles of {self.program} are degrees and are drawn as such. If these are "
                    f"radians, {self.if_radians}.",
                )
            ]
        beyond = np.any([np.abs(column) > 2 * _TURN for column in self.columns], axis=0)
        if beyond.any():
            return [
                Note(
                    f"{counted(int(np.count_nonzero(beyond)), 'row has', 'rows have')} an angle of "
                    "more than two turns",
                    "They are drawn as they stand: 730° is 10°.",
                )
            ]
        return []


def _like_radians(columns: Sequence[Floats]) -> bool:
    """In-plane angles fill the circle in nearly every data set: within ±2π they are radians."""
    rot, tilt, psi = (column[np.isfinite(column)] for column in columns)
    if min(rot.size, tilt.size, psi.size) < _RADIANS_ROWS:
        return False
    within = all(np.abs(column).max() <= 2 * math.pi for column in (rot, tilt, psi))
    return bool(within and np.ptp(psi) > _RADIANS_SPREAD)
