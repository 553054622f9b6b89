"""EMAN2's info file of a tomogram (info/..._info.json): tlt_params, a row a tilt.

A row is tx, ty, rot, ytilt, xtilt: shifts in pixels of the unbinned images, and a Transform "xyz"
with ztilt = rot (``e2tomogram.py``). The axis that EMAN2 prints, tltax, is -rot.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given

Floats = NDArray[np.float64]

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_COLUMNS = ("tx", "ty", "rot", "ytilt", "xtilt")
_MICROMETRE = 1e4


@dataclass(frozen=True)
class Eman2Info:
    """One object with the entry tlt_params."""

    title: str = "EMAN2 info .json"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins as JSON does, or an .mdoc's title would not."""
        return bool(_HEAD.match(head)) and not head.lstrip().startswith((b"[T", b"[Z", b"[F"))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the tilt parameters."""
        info = _object(path)
        rows = info.get("tlt_params")
        if rows is None:
            raise UserError(
                "there is no tlt_params in this file",
                where=str(path),
                hint="Give the info file of a tomogram that EMAN2 has reconstructed (e2tomogram).",
            )
        tx, ty, rot, ytilt, xtilt = _table(rows, path)
        axes, n = 0.0 - rot, len(rot)
        defocus, notes = _defocus(info.get("defocus"), n, path)
        found = TiltSeries(
            name=path.stem.removesuffix("_info"),
            files=(path,),
            package="eman2",
            angles=ytilt,
            axes=reading.axes_of(axes, given, n, str(path), ""),
            x_tilts=xtilt,
            sections=np.arange(1, n + 1),
            by_line=True,
            shifts=np.column_stack([tx, ty]),
            defocus=defocus,
            pixel_size=_positive(info.get("apix_unbin")),
            notes=(*notes, *reading.axis_notes(axes, given)),
        )
        return reading.checked(found, given)


FORMAT = Eman2Info()


def _object(path: Path) -> dict[str, Any]:
    data = reading.bytes_of_file(path).removeprefix(b"\xef\xbb\xbf")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno:,}" if isinstance(error, json.JSONDecodeError) else ""
        raise MalformedFileError(
            "this is not sound JSON",
            where=f"{path}{line}",
            hint="The file may be cut off: copy it again, or write it again from EMAN2.",
        ) from error
    return found if isinstance(found, dict) else {"tlt_params": None}


def _table(rows: Any, path: Path) -> Floats:
    """tlt_params as columns (5, N)."""
    if not isinstance(rows, list):
        raise MalformedFileError("tlt_params is not a list of rows", where=str(path))
    for k, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(_COLUMNS):
            raise MalformedFileError(
                f"row {k + 1} of tlt_params does not have five numbers",
                where=str(path),
                hint=f"They are {', '.join(_COLUMNS)}.",
            )
        for name, value in zip(_COLUMNS, row, strict=True):
            if _finite(value) is None:
                raise MalformedFileError(
                    f"{name} in row {k + 1} of tlt_params is not a number", where=str(path)
                )
    return reading.columns(rows, len(_COLUMNS))


def _defocus(found: Any, n: int, path: Path) -> tuple[Floats | None, tuple[Note, ...]]:
    """Å, of µm that are positive under focus."""
    if not isinstance(found, list) or not found:
        return None, ()
    values = [_finite(value) for value in found]
    if len(values) != n or any(value is None for value in values):
        return None, (Note(f"defocus in {path.name} is not one number a tilt, and is not used"),)
    return np.array(values, dtype=np.float64) * _MICROMETRE, ()


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) <= reading.LARGEST_NUMBER else None


def _positive(value: Any) -> float | None:
    found = _finite(value)
    return found if found is not None and found > 0 else None
