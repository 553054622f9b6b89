"""AreTomo's alignment (.aln): a row a tilt under the headings SEC ROT GMAG TX TY ... TILT.

As AreTomo 2 and 3 write it (``CSaveAlignFile.cpp``). AlphaOffset is how much was added to the
angles, so it is in TILT already (``CAlignParam::AddAlphaOffset``); BetaOffset is only remembered,
for the defocus (``AddBetaOffset``). SEC counts the sections of the raw stack from 1, in older
versions from 0 (``CLoadAlignFile::mToOneBased``). Some versions of AreTomo 3 write a line of words
before the first heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted, decimal
from evenview.formats.star.cells import number_of
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given

Whole = NDArray[np.int64]

_HEAD = re.compile(rb"#\s*AreTomo|^#\s*SEC\s+ROT\b", re.MULTILINE)
_DARK = re.compile(rb"#\s*DarkFrame\s*=\s*(\d{1,6})\s+(\d{1,6})?")
_OFFSET = re.compile(rb"#\s*(AlphaOffset|BetaOffset)\s*=\s*(\S+)")
_LOCAL = re.compile(rb"#\s*Local\s+Alignment", re.IGNORECASE)
_NEEDED = ("ROT", "TILT")


@dataclass(frozen=True)
class AreTomo:
    """The global alignment; its axis and angles mean what IMOD's do.

    Dark frames are left out as they are there, and the local alignment is not read.
    """

    title: str = "AreTomo .aln"

    def sniff(self, head: bytes) -> bool:
        """Whether it says so, or has the headings."""
        return bool(_HEAD.search(head))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the rows up to the local alignment."""
        parts = _Parts.of(path)
        labels = parts.labels
        missing = [name for name in _NEEDED if name not in labels]
        if missing:
            raise UserError(
                f"the headings of the table do not have {missing[0]}",
                where=str(path),
                hint='The line "# SEC ROT GMAG TX TY SMEAN SFIT SCALE BASE TILT" is looked for.',
            )
        table = dict(zip(labels, reading.columns(parts.rows, len(labels)), strict=True))
        n = len(parts.rows)
        axes = table["ROT"]
        shifts = [table[name] for name in ("TX", "TY") if name in labels]
        found = TiltSeries(
            name=path.stem,
            files=(path,),
            package="aretomo",
            angles=table["TILT"],
            axes=reading.axes_of(axes, given, n, str(path), ""),
            x_tilts=np.zeros(n),
            sections=_sections(table.get("SEC"), parts),
            shifts=np.column_stack(shifts) if len(shifts) == 2 else None,
            notes=(*_notes(parts), *reading.axis_notes(axes, given)),
        )
        return reading.checked(found, given)


FORMAT = AreTomo()


@dataclass(frozen=True)
class _Parts:
    labels: tuple[str, ...]
    rows: list[list[float]]
    dark: list[tuple[int, int]]
    offsets: dict[str, float]
    local: bool

    @classmethod
    def of(cls, path: Path) -> _Parts:
        labels: tuple[str, ...] = ()
        rows: list[list[float]] = []
        offsets: dict[str, float] = {}
        dark: list[tuple[int, int]] = []
        local = False
        for k, line in enumerate(reading.lines_of(path)):
            where = reading.place(path, k)
            if _LOCAL.match(line):
                local = True
                break
            if line.startswith(b"#"):
                if found := _DARK.match(line):
                    dark.append((int(found[1]), int(found[2] or found[1])))
                labels = _labels(line) or labels
                offset = _OFFSET.match(line)
                if offset:
                    offsets[offset[1].decode()] = reading.number(offset[2], where)
            elif line.strip() and (labels or rows or _begins_with_a_number(line)):
                rows.append(_row(line, labels, where))
        return cls(labels, rows, dark, offsets, local)


def _labels(line: bytes) -> tuple[str, ...]:
    words = line.decode("ascii", "replace").lstrip("#").split()
    return tuple(words) if "ROT" in words or words[:1] == ["SEC"] else ()


def _row(line: bytes, labels: tuple[str, ...], where: str) -> list[float]:
    words = line.split()
    if not labels or len(set(labels)) < len(labels) or len(words) != len(labels):
        raise MalformedFileError(
            f"this row has {counted(len(words), 'number')} for {counted(len(labels), 'heading')}",
            where=where,
            hint="The file may be cut off: copy it again, or write it again.",
        )
    return [reading.number(w, where, name) for w, name in zip(words, labels, strict=True)]


def _begins_with_a_number(line: bytes) -> bool:
    return number_of(line.split()[0]) is not None


def _sections(said: reading.Floats | None, parts: _Parts) -> Whole | None:
    """Places in the raw stack from 1; None where they cannot be told.

    With dark frames they are those of the raw stack where both together count all of it.
    """
    if said is None or not (said >= 0).all() or not (said < 1e6).all():
        return None
    whole: Whole = said.astype(np.int64)
    if (whole != said).any() or len(set(whole.tolist())) < len(whole):
        return None
    if not parts.dark:
        first_is_0 = bool((whole == 0).any())
        return whole + np.int64(first_is_0)
    for column in (0, 1):
        dark = [pair[column] for pair in parts.dark]
        everything = sorted([*whole.tolist(), *dark])
        for first in (0, 1):
            if everything == list(range(first, first + len(everything))):
                return whole + np.int64(1 - first)
    return None


def _notes(parts: _Parts) -> list[Note]:
    notes = []
    if parts.dark:
        some = counted(len(parts.dark), "dark frame is", "dark frames are")
        notes.append(Note(f"{some} left out, as in the file"))
    alpha, beta = (parts.offsets.get(name, 0.0) for name in ("AlphaOffset", "BetaOffset"))
    if alpha:
        notes.append(
            Note(
                f"AlphaOffset {decimal(alpha)}° is in the angles already",
                "AreTomo adds it to TILT before it writes the file.",
            )
        )
    if beta:
        notes.append(
            Note(
                f"BetaOffset {decimal(beta)}° is not applied, as AreTomo does not turn the "
                "tomogram by it",
                "It is a tilt about x that AreTomo takes for its defocus only.",
            )
        )
    return notes
