"""Reading: what a user says of a file that leaves something open, such as what its columns hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evenview.core.conventions import Convention, find_convention
from evenview.core.errors import UserError

AngleUnit: TypeAlias = Literal["degrees", "radians"]
ShiftUnit: TypeAlias = Literal["px", "A"]
#: Whether the image moved by a shift is centred ("origin", as in RELION), or the particle lies
#: there ("position").
ShiftSense: TypeAlias = Literal["origin", "position"]


@dataclass(frozen=True)
class TextColumns:
    """Which columns of a table of text say what; a column is its number, from 1, or its heading.

    Attributes
    ----------
    convention
        By whose numbers the poses are said: a name of `core.conventions`.
    numbers
        A column for each number of the convention, in its order.
    angles
        The unit of the convention's angles; its own where None.
    half
        The column of half-sets.
    shifts
        Two columns, of subtomograms three; with them `shift_unit` and `shift_sense`.
    pixel_size
        Å per pixel of the images.
    """

    convention: str
    numbers: tuple[str, ...]
    angles: AngleUnit | None = None
    half: str | None = None
    shifts: tuple[str, ...] = ()
    shift_unit: ShiftUnit | None = None
    shift_sense: ShiftSense | None = None
    pixel_size: float | None = None

    def __post_init__(self) -> None:
        self.about.expect(len(self.numbers))
        if len(self.shifts) not in (0, 2, 3):
            raise UserError("shifts need two columns, dx and dy", hint="Subtomograms need dz, too.")
        if self.shifts and self.shift_unit is None:
            raise UserError("the unit of the shifts is not said", hint="Say shift=px or shift=A.")
        if self.shifts and self.shift_sense is None:
            raise UserError(
                "the sign of the shifts is not said",
                hint="Say sign=origin if the image moved by them is centred, as in RELION, or "
                "sign=position if they are where the particle lies.",
            )
        if self.pixel_size is not None and not 0 < self.pixel_size < math.inf:
            raise UserError(f"{self.pixel_size:g} Å is no pixel size", hint="Say it as in apix=1.2")

    @property
    def about(self) -> Convention:
        """The convention."""
        return find_convention(self.convention)

    @property
    def in_use(self) -> tuple[str, ...]:
        """Every column that is named here."""
        return (*self.numbers, *((self.half,) if self.half else ()), *self.shifts)

    @property
    def scales(self) -> tuple[float, ...]:
        """What a cell of each number of the convention is to be multiplied by."""
        return tuple(_scale(number.unit, self.angles) for number in self.about.numbers)


@dataclass(frozen=True)
class Reading:
    """How to read a file that leaves something open; None is what nobody said.

    Attributes
    ----------
    chosen_class
        The class, as the package numbers it, whose poses count where the file has poses of each
        particle for several.
    columns
        Which columns of a table of text say the poses.
    """

    chosen_class: int | None = None
    columns: TextColumns | None = None


#: What every file that speaks for itself is read by.
AS_IT_IS = Reading()


def _scale(unit: str, said: AngleUnit | None) -> float:
    if unit == "°" and said == "radians":
        return math.degrees(1.0)
    if unit == "rad" and said == "degrees":
        return math.radians(1.0)
    return 1.0
