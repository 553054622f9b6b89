"""The beginning of a table of text whose columns nobody has explained yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core import convention
from evenview.core.conventions import Convention, conventions
from evenview.core.errors import UserError
from evenview.core.reading import TextColumns

#: What headings of half-sets are, by `plain_name`.
HALF_NAMES = ("half", "halfset", "half_set", "half-set", "rlnrandomsubset", "randomsubset")


@dataclass(frozen=True)
class TablePreview:
    """What of a table is shown to whoever is to say its columns.

    Attributes
    ----------
    path
        The file.
    headings
        What the file calls its columns; "column 3" where it does not.
    named
        Whether the file has headings.
    rows
        The cells of the first rows.
    numeric
        Which columns hold numbers there.
    """

    path: Path
    headings: tuple[str, ...]
    named: bool
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    def plainly(self, convention: Convention) -> tuple[str, ...] | None:
        """The columns, by number, whose headings are those of a convention's numbers, or None."""
        plain = [name if len(name) > 1 else "" for name in self._names()]
        found = convention.columns_of(plain)
        if any(place is None or not self.numeric[place] for place in found):
            return None
        return tuple(str(place + 1) for place in found if place is not None)

    @property
    def half(self) -> str | None:
        """The column, by number, whose heading is plainly that of half-sets."""
        names = self._names()
        found = [str(i + 1) for i, name in enumerate(names) if name in HALF_NAMES]
        return found[0] if len(found) == 1 else None

    @property
    def suggestion(self) -> TextColumns | None:
        """What the headings say, where they name one convention plainly; never taken unasked."""
        found = {name: self.plainly(about) for name, about in conventions().items()}
        named = {name: columns for name, columns in found.items() if columns is not None}
        if len(named) != 1:
            return None
        ((name, columns),) = named.items()
        return TextColumns(name, columns, half=self.half)

    def first_view(self, columns: TextColumns) -> tuple[float, float]:
        """Azimuth and elevation, degrees, of the first particle that has a pose, by some columns.

        Raises `UserError` where a cell is no number, the numbers are no rotation, or none is there.
        """
        places = [place_of(column, self.headings) for column in columns.numbers]
        cells = [[row[place] for place in places] for row in self.rows]
        values = np.array([[_number(cell) for cell in row] for row in cells]) * columns.scales
        placed = values[np.isfinite(values).all(axis=1)]
        if not len(placed):
            raise UserError("none of the first rows has a pose")
        quaternions = columns.about.read(placed[:1])
        azimuth, elevation = convention.azimuth_elevation(convention.directions(quaternions))[0]
        return float(azimuth), float(elevation)

    def _names(self) -> list[str]:
        return [plain_name(name) if self.named else "" for name in self.headings]


def plain_name(heading: str) -> str:
    """A heading in small letters, without quotes and the _ of a star file."""
    return heading.strip().strip('"').lower().lstrip("_")


def place_of(column: str, headings: Sequence[str]) -> int:
    """Which column, from 0, is meant by a number from 1 or a heading. Raises `UserError`."""
    if column.isdecimal():
        if 1 <= int(column) <= len(headings):
            return int(column) - 1
        raise UserError(
            f"there is no column {column}: the table has {len(headings)}",
            hint="Columns are counted from 1.",
        )
    same = [i for i, heading in enumerate(headings) if heading.strip('"') == column]
    alike = same or [i for i, name in enumerate(headings) if plain_name(name) == plain_name(column)]
    if len(alike) == 1:
        return alike[0]
    what = "several columns are" if alike else "no column is"
    raise UserError(f'{what} called "{column}"', hint="Say its number, counted from 1.")


def _number(cell: str) -> float:
    try:
        return float(cell.strip('"'))
    except ValueError:
        raise UserError(f'"{cell}" is not a number') from None
