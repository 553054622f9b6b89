"""IMOD's tilt.com beside the angles: what its reconstruction adds to them.

``tilt.f90`` of IMOD 4: OFFSET is added to every tilt angle. XAXISTILT is how far the specimen is
tilted about x, and is subtracted from the tilts about x of XTILTFILE; the specimen is turned by
minus it, in rows that count -z, so that ``P = Rz(axis) Ry(angle + OFFSET) Rx(xtilt - XAXISTILT)``.
RELION's own import (``imod_import.cpp``) leaves both out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Note
from evenview.core.words import counted, decimal
from evenview.formats.texts import shown
from evenview.formats.tilt import reading

Floats = NDArray[np.float64]

_NAMES = ("tilt.com", "tilta.com", "tiltb.com")
_EXCLUDE = ("EXCLUDELIST", "EXCLUDELIST2", "EXCLUDE")


@dataclass(frozen=True, eq=False)
class Added:
    """Degrees to add to the angles (one number) and to the tilts about x (N,), and what is told."""

    angle: float
    x_tilts: Floats
    notes: tuple[Note, ...]


def added_to(angles: Path, n: int) -> Added:
    """What the tilt.com beside a file of n angles adds; nothing where there is none of its own.

    Raises `UserError` where that file says it in no numbers.
    """
    none = Added(0.0, np.zeros(n), ())
    files = [angles.parent / name for name in _NAMES if (angles.parent / name).is_file()]
    if not files:
        return none
    said = {file: _entries(file) for file in files}
    own = next((f for f, entries in said.items() if entries.get("TILTFILE") == angles.name), None)
    if own is None:
        # A .rawtlt is not what the reconstruction goes by: there is nothing to say.
        other = said[files[0]].get("TILTFILE", "")
        if angles.suffix.lower() != ".tlt" or not other:
            return none
        return Added(
            0.0, none.x_tilts, (Note(f"{files[0].name} beside it is for {other}: it is not used"),)
        )
    return _read(own, said[own], n)


def _entries(path: Path) -> dict[str, str]:
    """The values of a command file by their names in capitals, the last of each."""
    found = {}
    for line in reading.lines_of(path):
        words = shown(line).split(None, 1)
        if words[:1] == ["DONE"]:
            break
        if words and not words[0].startswith(("#", "$")):
            found[words[0].upper()] = words[1].strip() if len(words) > 1 else ""
    return found


def _read(path: Path, entries: dict[str, str], n: int) -> Added:
    offset, x_axis = (_number(path, entries, name) for name in ("OFFSET", "XAXISTILT"))
    named = entries.get("XTILTFILE", "")
    x_tilts = _x_tilts(path, named, n)
    notes = []
    if named and not (path.parent / named).is_file():
        notes.append(
            Note(
                f"{path.name} names {shown(named)} for the tilts about x, which is not there",
                "They are taken to be 0.",
            )
        )
    applied = [f"{name} {decimal(value)}°" for name, value in (("OFFSET", offset),) if value]
    applied += [f"XAXISTILT {decimal(x_axis)}°"] if x_axis else []
    applied += ["XTILTFILE"] if x_tilts.any() else []
    if applied:
        notes.append(
            Note(
                f"{path.name} beside it says {', '.join(applied)}: the geometry is that of IMOD's "
                "reconstruction with it",
                "RELION's import from IMOD leaves these out.",
            )
        )
    shift = [float(x) for x in entries.get("SHIFT", "").replace(",", " ").split()[:2] if _plain(x)]
    if any(shift):
        words = " and ".join(map(decimal, shift))
        notes.append(
            Note(
                f"{path.name} moves the tomogram by SHIFT {words} pixels (x and z)",
                "This is not taken along: places of particles are about the tomogram's centre.",
            )
        )
    excluded = next((entries[name] for name in _EXCLUDE if entries.get(name)), "")
    if excluded:
        notes.append(Note(f"{path.name} leaves views out ({excluded}), which are kept here"))
    return Added(offset, x_tilts - x_axis, tuple(notes))


def _number(path: Path, entries: dict[str, str], name: str) -> float:
    words = entries.get(name, "").replace(",", " ").split()
    return reading.number(words[0], str(path), name) if words else 0.0


def _plain(word: str) -> bool:
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False


def _x_tilts(path: Path, name: str, n: int) -> Floats:
    """The tilts about x of a file that is named, zeros where it is not there."""
    file = path.parent / name
    if not name or not file.is_file():
        return np.zeros(n)
    words = [(k, w) for k, line in enumerate(reading.lines_of(file)) for w in line.split()]
    found = np.array([reading.number(w, reading.place(file, k), "x tilt") for k, w in words])
    if len(found) != n:
        raise UserError(
            f"{name} has {counted(len(found), 'angle')} about x, and the series has "
            f"{counted(n, 'tilt')}",
            where=str(path),
            hint="Give the files of one series.",
        )
    return found
