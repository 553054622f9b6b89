"""IMOD's tilt angles (.tlt, .rawtlt), one in each line, with the .xf of their alignment.

A line of an .xf is A11 A12 A21 A22 DX DY, ``x' = A (x - c) + d + c``: it turns the image by minus
the angle of the axis, so that the axis is upright (IMOD's ``newstack``, ``tiltalign``). Views that
were left out of the alignment have the identity. What the reconstruction adds to the angles is in
the tilt.com beside them (`imod_com`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given
from evenview.formats.tilt.imod_com import added_to

Floats = NDArray[np.float64]

ANGLE_SUFFIXES = (".tlt", ".rawtlt")
TRANSFORM_SUFFIX = ".xf"
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_ANGLES = re.compile(rb"\s*" + _NUMBER + rb"[ \t\r]*(?:\n|\Z)")
_TRANSFORMS = re.compile(rb"\s*(?:" + _NUMBER + rb"[ \t]+){5}" + _NUMBER + rb"[ \t\r]*(?:\n|\Z)")
_HINT = "Give the .xf of the alignment with it, or the angle of the axis with --axis."
_MOST_STRETCH = 0.1
#: Degrees: an axis nearer to upright than this may well be that of an identity.
_ALIKE = 1.0


@dataclass(frozen=True)
class ImodAngles:
    """Angles, one a line; the axis is in the .xf, or in the user's words."""

    title: str = "IMOD tilt angles"

    def sniff(self, head: bytes) -> bool:
        """Whether the first line is one number."""
        return bool(_ANGLES.match(head))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the angles, and the .xf given with them or beside them by the same name."""
        angles = _angles(path)
        companion, notes = _companion(path, given)
        axes, shifts, left_out = (None, None, 0) if companion is None else _alignment(companion)
        if axes is not None and len(axes) != len(angles):
            raise UserError(
                f"{path.name} has {counted(len(angles), 'tilt')} and {companion} has {len(axes):,}",
                where=str(path),
                hint="Give two files of one series.",
            )
        added = added_to(path, len(angles))
        if left_out:
            notes += (_left_out(left_out),)
        found = TiltSeries(
            name=path.stem,
            files=(path,) if companion is None else (path, companion),
            package="imod",
            angles=angles + added.angle,
            axes=reading.axes_of(axes, given, len(angles), str(path), _HINT),
            x_tilts=added.x_tilts,
            sections=np.arange(1, len(angles) + 1),
            by_line=True,
            shifts=shifts,
            nominal=path.suffix.lower() == ".rawtlt",
            notes=(*notes, *added.notes, *reading.axis_notes(axes, given)),
        )
        return reading.checked(found, given)


@dataclass(frozen=True)
class ImodTransforms:
    """The .xf alone: its angles are looked for beside it."""

    title: str = "IMOD alignment"

    def sniff(self, head: bytes) -> bool:
        """Whether the first line is six numbers."""
        return bool(_TRANSFORMS.match(head))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read it with the .tlt or .rawtlt of the same name."""
        for suffix in ANGLE_SUFFIXES:
            beside = path.with_suffix(suffix)
            if beside.exists():
                with_it = replace(given, companion=path)
                found = FORMAT.read(beside, with_it)
                return _with_note(found, f"The angles are those of {beside.name} beside it")
        raise UserError(
            "an .xf says how the images were aligned, but not their tilt angles",
            where=str(path),
            hint="Give the .tlt of the series with it.",
        )


FORMAT = ImodAngles()
TRANSFORMS = ImodTransforms()


def _angles(path: Path) -> Floats:
    found = []
    for k, line in enumerate(reading.lines_of(path)):
        words = line.split()
        if len(words) > 1:
            raise MalformedFileError(
                f"this line has {len(words)} words, and each is to hold one tilt angle",
                where=reading.place(path, k),
                hint="Give a .tlt or .rawtlt of IMOD.",
            )
        if words:
            found.append(reading.number(words[0], reading.place(path, k), "tilt angle"))
    return np.array(found, dtype=np.float64)


def _companion(path: Path, given: Given) -> tuple[Path | None, tuple[Note, ...]]:
    if given.companion is not None:
        return given.companion, ()
    beside = path.with_suffix(TRANSFORM_SUFFIX)
    if given.axis is None and beside.exists():
        return beside, (Note(f"The axis is that of {beside.name} beside it"),)
    return None, ()


def _alignment(path: Path) -> tuple[Floats, Floats, int]:
    """Axes (N,) in degrees and shifts (N, 2) in pixels of an .xf, and how many views have none."""
    rows = []
    for k, line in enumerate(reading.lines_of(path)):
        words = line.split()
        if words and len(words) != 6:
            raise MalformedFileError(
                f"this line has {counted(len(words), 'number')}, and an .xf has six in each",
                where=reading.place(path, k),
                hint="Copy the file again, or write it again.",
            )
        if words:
            rows.append([reading.number(word, reading.place(path, k)) for word in words])
    a11, a12, a21, a22, dx, dy = reading.columns(rows, 6)
    cosine, sine = (a11 + a22) / 2, (a12 - a21) / 2
    _require_turns(path, np.hypot(cosine, sine), np.hypot(a11 - a22, a12 + a21) / 2)
    axes, shifts = np.degrees(np.arctan2(sine, cosine)), np.column_stack([dx, dy])
    none = (np.abs(np.column_stack([a11 - 1, a12, a21, a22 - 1, dx, dy])) < 1e-12).all(axis=1)
    if none.all() or np.abs(axes[~none]).min() < _ALIKE:
        return axes, shifts, 0
    turns = np.exp(1j * np.radians(axes[~none])).sum()
    axes[none] = np.degrees(np.angle(turns))
    return axes, shifts, int(np.count_nonzero(none))


def _left_out(views: int) -> Note:
    return Note(
        f"{counted(views, 'view has', 'views have')} no alignment in the .xf (the identity), and "
        "the mean axis of the others is taken there"
    )


def _require_turns(path: Path, scale: Floats, rest: Floats) -> None:
    """Raise unless each matrix is a rotation but for a few per cent."""
    odd = np.flatnonzero(~((np.abs(scale - 1) < _MOST_STRETCH) & (rest < _MOST_STRETCH)))
    if odd.size:
        raise UserError(
            f"the matrix of tilt {odd[0] + 1} does more than turn the image: it mirrors, stretches "
            "or bins it",
            where=str(path),
            hint="Give the .xf of the alignment of the unbinned series.",
        )


def _with_note(series: TiltSeries, text: str) -> TiltSeries:
    return replace(series, notes=(*series.notes, Note(text)))
