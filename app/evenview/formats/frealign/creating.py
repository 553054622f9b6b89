"""New FREALIGN files of version 9."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.core.record import CTF_FIELDS, FIELDS, Created, Record
from evenview.core.words import counted
from evenview.formats.facts import require_images, unposed_words, without_gaps
from evenview.formats.frealign.described import frealign_angles
from evenview.formats.frealign.labels import (
    ANGLES,
    DEFOCUS_1,
    DEFOCUS_2,
    DEFOCUS_ANGLE,
    FILM,
    LAYOUTS,
    MAGNIFICATION,
    NUMBER,
    OCCUPANCY,
    PHASE_SHIFT,
    SHIFTS,
)
from evenview.formats.numbering import image_words, numbers_of_names, particle_numbers
from evenview.formats.output import atomic_writer
from evenview.formats.text.creating import write_rows

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Width and decimals of each column, so that a row is as long as FREALIGN takes it to be (136 or
#: 144): ``FORMAT(I7,3F8.2,2F10.2,I8,I6,2F9.1,2F8.2,I10,F11.4,2F8.2)`` of ``src/rsample.f``, with
#: 3F8.2 where there is a phase shift. The first of a width is a blank, as cisTEM leaves one.
_SHAPES: Mapping[str, tuple[int, int]] = {
    NUMBER: (7, 0),
    "PSI": (8, 2),
    "THETA": (8, 2),
    "PHI": (8, 2),
    "SHX": (10, 2),
    "SHY": (10, 2),
    MAGNIFICATION: (8, 0),
    FILM: (6, 0),
    DEFOCUS_1: (9, 1),
    DEFOCUS_2: (9, 1),
    DEFOCUS_ANGLE: (8, 2),
    PHASE_SHIFT: (8, 2),
    OCCUPANCY: (8, 2),
    "LOGP": (10, 0),
    "SIGMA": (11, 4),
    "SCORE": (8, 2),
    "CHANGE": (8, 2),
}
_SAYABLE = ("origins", "images", "micrographs", "defocus_u", "defocus_v", "angle", "phase_shift")
_NEUTRAL = {MAGNIFICATION: 10_000, OCCUPANCY: 100, "LOGP": 0, "SIGMA": 1, "SCORE": 0, "CHANGE": 0}
_MAGNIFICATION_TOLD = (
    "MAG: 10000, with which FREALIGN's detector step (DSTEP, µm) is the pixel size in Å"
)
_COMMENT = "C"


def create(path: Path, record: Record, progress: Progress) -> Created:
    """Write a new file; see `Creatable.create`.

    Raises `UserError` for subtomograms, and where a number does not fit its column.
    """
    require_images(record, "FREALIGN")
    values, filled, dropped = _values(record)
    dropped += record.not_said_by(_SAYABLE)
    dropped += image_words(record.images, values[NUMBER].astype(np.int64))
    labels = LAYOUTS[17 if PHASE_SHIFT in values else 16]
    for label in labels:
        if label in values:
            _require_room(label, values[label], path)
    with atomic_writer(path) as file:
        file.write(_heading(labels).encode())
        columns = [values[label] for label in labels if label in values]
        write_rows(file, _row(labels, values), columns, progress)
    progress(1.0, "Written")
    filled += [_MAGNIFICATION_TOLD, "OCC: 100, SIGMA: 1; LogP, SCORE and CHANGE: 0"]
    return Created((path,), tuple(dropped), tuple(filled))


def _values(record: Record) -> tuple[dict[str, Floats | Whole], list[str], list[str]]:
    """The columns that a record fills, words for what it does not, and for what is lost."""
    values: dict[str, Floats | Whole] = {}
    values[NUMBER], told = particle_numbers(record, NUMBER)
    filled = list(told)
    values |= dict(zip(ANGLES, frealign_angles(record.quaternions).T, strict=True))
    origins = record.origins_of(2)
    filled += [] if origins is not None else ["SHX, SHY: 0"]
    origins = np.zeros((len(record), 2)) if origins is None else origins
    known, told = without_gaps(origins, 0, "shifts")
    filled += told
    values |= dict(zip(SHIFTS, 0.0 - known.T, strict=True))
    films, told = numbers_of_names(record.micrographs, FILM)
    filled += told if films is not None else [f"{FILM}: 1"]
    values[FILM] = np.ones(len(record), np.int64) if films is None else films
    lost = [FIELDS["micrographs"]] if films is not None and told else []
    defocus, told = _defocus(record)
    marks, unposed = _occupancies(record)
    return values | defocus | marks, [*filled, *told, *unposed], lost


def _occupancies(record: Record) -> tuple[dict[str, Whole], tuple[str, ...]]:
    """OCC 0 for particles without a pose, so that they are in no map, and words for it."""
    told = unposed_words(record, ANGLES)
    if not told:
        return {}, ()
    rows = counted(int(np.count_nonzero(~record.placed)), "particle")
    marks = np.where(record.placed, _NEUTRAL[OCCUPANCY], 0)
    return {OCCUPANCY: marks}, (*told, f"{OCCUPANCY}: 0 for {rows} without a pose")


def _defocus(record: Record) -> tuple[dict[str, Floats], tuple[str, ...]]:
    ctf = record.ctf
    said = {
        DEFOCUS_1: (ctf.defocus_u, "defocus_u"),
        DEFOCUS_2: (ctf.defocus_u if ctf.defocus_v is None else ctf.defocus_v, "defocus_v"),
        DEFOCUS_ANGLE: (ctf.angle, "angle"),
    }
    if ctf.phase_shift is not None:
        said[PHASE_SHIFT] = (np.radians(ctf.phase_shift), "phase_shift")
    values: dict[str, Floats] = {}
    gaps: list[str] = []
    for label, (column, name) in said.items():
        whole = np.zeros(len(record)) if column is None else column
        values[label], told = without_gaps(whole, 0, CTF_FIELDS[name])
        gaps += told
    second = f"{DEFOCUS_2}: as {DEFOCUS_1}" if ctf.defocus_v is None else ""
    filled = (
        f"{DEFOCUS_1}, {DEFOCUS_2}: 0" if ctf.defocus_u is None else second,
        f"{DEFOCUS_ANGLE}: 0" if ctf.angle is None else "",
    )
    return values, tuple(words for words in (*filled, *gaps) if words)


def _require_room(label: str, values: Floats | Whole, path: Path) -> None:
    """Raise where the longest numbers, the largest and the least, leave no blank before them.

    None is needed before the first column.
    """
    width, decimals = _SHAPES[label]
    room = width if label == NUMBER else width - 1
    known = np.where(np.isfinite(values), values, 0)
    for row in (int(np.argmax(known)), int(np.argmin(known))):
        if len(f"{known[row]:.{decimals}f}") > room:
            raise UserError(
                f"{known[row]:.15g} does not fit the {width} places of {label} in FREALIGN's files",
                where=f"{path}, row {row + 1:,}",
                hint="Leave this row out, or choose another format.",
            )


def _row(labels: tuple[str, ...], values: Mapping[str, Floats | Whole]) -> str:
    """The %-format of a row, with what is the same in all rows written out."""
    cells = (
        f"%{_SHAPES[label][0]}.{_SHAPES[label][1]}f"
        if label in values
        else f"{_NEUTRAL[label]:{_SHAPES[label][0]}.{_SHAPES[label][1]}f}"
        for label in labels
    )
    return "".join(cells) + "\n"


def _heading(labels: tuple[str, ...]) -> str:
    names = ("LogP" if label == "LOGP" else label for label in labels[1:])
    cells = (f"{name:>{_SHAPES[label][0]}}" for name, label in zip(names, labels[1:], strict=True))
    return f"{_COMMENT:<7}{''.join(cells)}\n"
