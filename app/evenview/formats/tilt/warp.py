"""Warp's tilt series (.tomostar): wrpAngleTilt and wrpAxisAngle of each image.

``Matrix3.Euler(0, angle, -axis)`` (``TiltSeries.cs``). Warp's import negates the angles of the
mdoc, unless it is told not to; those of the file are as Warp uses them. Offsets are in Å.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.formats.texts import shown
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given
from evenview.formats.tilt.stars import Columns, tables_of

_HEAD = re.compile(rb"^[ \t]*_wrp", re.MULTILINE)
_RELION = re.compile(rb"^[ \t]*_rln", re.MULTILINE)
_ANGLE, _AXIS, _MOVIE = "wrpAngleTilt", "wrpAxisAngle", "wrpMovieName"
_OFFSETS = ("wrpAxisOffsetX", "wrpAxisOffsetY")
_HINT = "Give the angle of the axis with --axis."


@dataclass(frozen=True)
class Tomostar:
    """One table, a row an image."""

    title: str = "Warp .tomostar"

    def sniff(self, head: bytes) -> bool:
        """Whether there is a label of Warp's and none of RELION's."""
        return bool(_HEAD.search(head)) and not _RELION.search(head)

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the table with the tilt angles."""
        tables = [table for table in tables_of(path) if table.has(_ANGLE)]
        if len(tables) != 1:
            what = "no table" if not tables else "more than one table"
            raise UserError(
                f"{what} of this file has the column {_ANGLE}",
                where=str(path),
                hint="Give a .tomostar of Warp.",
            )
        columns = Columns(tables[0])
        angles, axes = columns.numbers(_ANGLE), columns.optional(_AXIS)
        found = TiltSeries(
            name=path.stem,
            files=(path,),
            package="warp",
            angles=angles,
            axes=reading.axes_of(axes, given, len(angles), str(path), _HINT),
            x_tilts=np.zeros(len(angles)),
            images=_names(columns),
            shifts=columns.pair(_OFFSETS),
            shift_unit="Å",
            notes=reading.axis_notes(axes, given),
        )
        return reading.checked(found, given)


FORMAT = Tomostar()


def _names(columns: Columns) -> tuple[str, ...]:
    if not columns.table.has(_MOVIE):
        return ()
    return tuple(re.split(r"[\\/]", shown(name))[-1] for name in columns.texts(_MOVIE))
