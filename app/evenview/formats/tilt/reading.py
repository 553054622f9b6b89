"""What all readers of tilt series share: the text of a file, its numbers, checks of a series."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import decimal
from evenview.formats.star.cells import number_of
from evenview.formats.texts import shown
from evenview.formats.tilt.base import Given

Floats = NDArray[np.float64]

#: Bytes of the largest file that is read, and the most tilts that a series has.
LARGEST, MOST_TILTS = 1 << 26, 10_000
#: No angle, length or defocus of a tilt series is larger, in whatever unit.
LARGEST_NUMBER = 1e12
_MOST_DEGREES = 90.0
#: A place in a text that has no cells.
_LINE = re.compile(r", line [\d,]+$")
_MOST_AXIS = 720.0
_DAMAGED = "The file seems to be damaged: copy it again, or write it again."


def bytes_of_file(path: Path) -> bytes:
    """The whole of a small file. Raises `UserError` where it cannot be read or is no such file."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "this is a folder" if stat.S_ISDIR(mode) else "this is a pipe or a device"
            raise UserError(f"{what}, not a file", where=str(path), hint="Give a file inside it.")
        if path.stat().st_size > LARGEST:
            raise UserError("the file is too large for a tilt series", where=str(path))
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError("there is no such file", where=str(path), hint="Check its name.") from None
    except PermissionError:
        raise UserError(
            "the file may not be read by you", where=str(path), hint="Ask its owner for access."
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"the file could not be read ({error})", where=str(path)) from error
    if not data.strip():
        raise UserError(
            "the file is empty", where=str(path), hint="Was the program that wrote it stopped?"
        )
    return data


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file without their ends."""
    return bytes_of_file(path).removeprefix(b"\xef\xbb\xbf").splitlines()


def place(path: Path, line: int) -> str:
    """The file and line (from 0), for an error."""
    return f"{path}, line {line + 1:,}"


def number(word: bytes | str, where: str, what: str = "") -> float:
    """A number up to `LARGEST_NUMBER`. Raises `MalformedFileError` for any other word."""
    found = number_of(word if isinstance(word, bytes) else word.encode("utf-8", "replace"))
    if found is None or not abs(found) <= LARGEST_NUMBER:
        named = f" ({what})" if what else ""
        finite = found is not None and np.isfinite(found)
        wrong = "is too large to be true" if finite else "is not a number"
        raise MalformedFileError(
            f'"{shown(word)}" {wrong}{named}',
            where=where,
            hint="Mend this line." if _LINE.search(where) else "Mend this value.",
        )
    return found


def checked(series: TiltSeries, given: Given) -> TiltSeries:
    """A series with what the user said, if it can be one.

    Raises `UserError` where there are no tilts, too many, or angles that no stage has.
    """
    where = str(series.files[0])
    if not 0 < len(series) <= MOST_TILTS:
        what = "no tilts" if not len(series) else f"more than {MOST_TILTS:,} tilts"
        raise UserError(f"there are {what} in this file", where=where, hint=_DAMAGED)
    worst = int(np.abs(series.angles).argmax())
    if not abs(series.angles[worst]) <= _MOST_DEGREES:
        raise UserError(
            f"tilt {worst + 1} has an angle of {decimal(series.angles[worst])}°, and no stage "
            "tilts by more than 90°",
            where=where,
            hint="Are these tilt angles, in degrees?",
        )
    if not (np.abs(series.x_tilts) <= _MOST_DEGREES).all():
        raise UserError("a tilt about x is more than 90°", where=where, hint=_DAMAGED)
    if not (np.abs(series.axes) <= _MOST_AXIS).all():
        raise UserError("an angle of the tilt axis is beyond all turns", where=where, hint=_DAMAGED)
    if given.pixel_size is not None:
        series = replace(series, pixel_size=given.pixel_size)
    return series


def axes_of(said: Floats | None, given: Given, n: int, where: str, hint: str) -> Floats:
    """The axis of each tilt (n,): as the user says, else as the file does.

    Raises `UserError` where neither does.
    """
    if given.axis is not None:
        return np.full(n, given.axis)
    if said is None:
        raise UserError(
            "the file does not say how the tilt axis lies in the images", where=where, hint=hint
        )
    return said


def axis_notes(said: Floats | None, given: Given) -> tuple[Note, ...]:
    """A note where the user's axis takes the place of another one."""
    if said is None or given.axis is None or not len(said):
        return ()
    apart = (said - given.axis + 180.0) % 360.0 - 180.0
    if np.abs(apart).max() < 0.01:
        return ()
    own, other = decimal(said[0]), decimal(given.axis)
    return (Note(f"The file says an axis of {own}°; {other}° was given instead"),)


def columns(rows: Sequence[Sequence[float]], n: int) -> Floats:
    """Rows of numbers as columns (n, N)."""
    return np.array(rows, dtype=np.float64).reshape(-1, n).T
