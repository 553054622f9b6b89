"""Which tilt series, and what is asked of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import decimal
from evenview.formats.tilt import Given
from evenview.tasks.pose_file import cells, numbers
from evenview.tasks.tilt_particles import ParticlesRequest

#: What a series without a file is called.
TYPED = "Typed series"
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+))°?"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:to|\.\.)\s*{_NUMBER}\s*(?:by|step)\s*{_NUMBER}")
_MOST = 1000
#: Degrees: how far off the last angle the steps may end.
_WHOLE = 1e-3


@dataclass(frozen=True)
class Typed:
    """Defocus left and right of the axis as somebody typed it.

    Attributes
    ----------
    tilts
        Angles of the tilts, with the sign of the file; None for all tilts of the file.
    left, right
        A value a tilt.
    apart
        Å between the middles of the two parts in the image.
    """

    left: tuple[float, ...]
    right: tuple[float, ...]
    tilts: tuple[float, ...] | None = None
    apart: float | None = None


@dataclass(frozen=True)
class TypedSeries:
    """A series without a file: the axis and the angles of a package, degrees."""

    package: str
    axis: float
    angles: tuple[float, ...]

    def series(self) -> TiltSeries:
        """It as files have one. Raises `UserError` for angles that no stage has."""
        angles = np.array(self.angles)
        if not len(angles) or not (np.abs(angles) <= 90.0).all():
            raise UserError(
                "the tilt angles typed are not all between -90° and 90°",
                hint="Angles are in degrees.",
            )
        axes, none = np.full(len(angles), self.axis), np.zeros(len(angles))
        return TiltSeries(TYPED, (), self.package, angles, axes, none)


def angles_typed(text: str) -> tuple[float, ...]:
    """Angles of a text: all of them, or "-60 to 60 by 3". Raises `UserError` for anything else."""
    words = text.replace("\N{MINUS SIGN}", "-").strip()
    found = _RANGE.fullmatch(words)
    if found is None:
        return tuple(numbers(cells(words)))
    first, last, step = (float(x) for x in found.groups())
    if not 0 < step <= abs(last - first) or abs(last - first) / step > _MOST:
        raise UserError("the step of the tilt angles does not lead from the first to the last")
    n = round(abs(last - first) / step)
    if abs(n * step - abs(last - first)) > _WHOLE:
        raise UserError(
            f"steps of {decimal(step)}° from {decimal(first)}° do not end at {decimal(last)}°",
            hint="Give a step that divides the range, or the angles themselves.",
        )
    return tuple((first + np.sign(last - first) * step * np.arange(n + 1)).tolist())


@dataclass(frozen=True)
class TiltRequest:
    """Which series, and what is asked of them.

    Attributes
    ----------
    files
        Of one or several series; () where one is typed.
    given
        What the files do not say.
    made
        The series where there are no files.
    typed, defocus
        Values, or a table of them, that decide the hand of the first series.
    apart
        Å between the middles of left and right of the table, where it does not say it.
    micrometres
        Whether these are in µm and not in Å.
    particles
        Particles of the first series' tomogram to write for another: that of the second series, or
        of `package`.
    package
        A key of `PACKAGES`: the tomogram that it makes of the axis and angles as they are.
    """

    files: tuple[Path, ...]
    given: Given = field(default_factory=Given)
    made: TypedSeries | None = None
    typed: Typed | None = None
    defocus: Path | None = None
    apart: float | None = None
    micrometres: bool = False
    particles: ParticlesRequest | None = None
    package: str | None = None
