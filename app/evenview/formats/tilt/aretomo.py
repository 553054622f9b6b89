"""AreTomo's alignment (.aln): a row a tilt under the headings SEC ROT GMAG TX TY ... TILT."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given

_HEAD = re.compile(rb"#\s*AreTomo|^#\s*SEC\s+ROT\b", re.MULTILINE)
_DARK = re.compile(rb"#\s*DarkFrame\s*=")
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
            sections=_sections(table.get("SEC"), parts.dark),
            shifts=np.column_stack(shifts) if len(shifts) == 2 else None,
            notes=(*_notes(parts), *reading.axis_notes(axes, given)),
        )
        return reading.checked(found, given)


FORMAT = AreTomo()


@dataclass(frozen=True)
class _Parts:
    labels: tuple[str, ...]
    rows: list[list[float]]
    dark: int
    offsets: dict[str, float]
    local: bool

    @classmethod
    def of(cls, path: Path) -> _Parts:
        labels: tuple[str, ...] = ()
        rows: list[list[float]] = []
        offsets: dict[str, float] = {}
        dark, local = 0, False
        for k, line in enumerate(reading.lines_of(path)):
            where = reading.place(path, k)
            if _LOCAL.match(line):
                local = True
                break
            if line.startswith(b"#"):
                dark += bool(_DARK.match(line))
                labels = _labels(line) or labels
                offset = _OFFSET.match(line)
                if offset:
                    offsets[offset[1].decode()] = reading.number(offset[2], where)
            elif line.strip():
                rows.append(_row(line, labels, where))
        return cls(labels, rows, dark, offsets, local)


def _labels(line: bytes) -> tuple[str, ...]:
    words = line.decode("ascii", "replace").lstrip("#").split()
    return tuple(words) if "ROT" in words or words[:1] == ["SEC"] else ()


def _row(line: bytes, labels: tuple[str, ...], where: str) -> list[float]:
    words = line.split()
    if not labels or len(set(labels)) < len(labels) or len(words) != len(labels):
        raise MalformedFileError(
            f"this row has {len(words)} numbers for {counted(len(labels), 'heading')}",
            where=where,
            hint="The file may be cut off: copy it again, or write it again.",
        )
    return [reading.number(w, where, name) for w, name in zip(words, labels, strict=True)]


def _sections(said: reading.Floats | None, dark: int) -> np.ndarray | None:
    """Places in the stack; with dark frames left out it is not certain what SEC counts."""
    if said is None or dark or not (said >= 0).all() or not (said < 1e6).all():
        return None
    whole = said.astype(np.int64)
    return None if (whole != said).any() or len(set(whole.tolist())) < len(whole) else whole


def _notes(parts: _Parts) -> list[Note]:
    notes = []
    if parts.dark:
        notes.append(
            Note(f"{counted(parts.dark, 'dark frame')} of the stack are left out, as in the file")
        )
    said = [f"{name} {value:g}°" for name, value in parts.offsets.items() if value]
    if said:
        notes.append(
            Note(
                f"The file says {' and '.join(said)}",
                "The angles are used as TILT has them; whether an offset is in them is not known "
                "here.",
            )
        )
    return notes
