"""Tables of measured defocus: per tilt left and right of the axis, or at places of the images.

A star file with RELION's labels, or a text with headings: the tilt of a row is told by "tilt" (its
angle as the file of the series has it), "section" (from 1) or "image" (a name), and then either
"left" and "right", or "defocus" (or "defocus_u" and "defocus_v") with "x" and "y" in the image, or
"x", "y" and "z" in the tomogram; in pixels, or Å as "x_angst" and so on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.tilt.hand import Measured, Sides
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted, decimal, listed
from evenview.formats.star.cells import number_of
from evenview.formats.texts import shown
from evenview.formats.tilt import reading
from evenview.formats.tilt.cells import cells_of, heading_of
from evenview.formats.tilt.stars import Columns, tables_of

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Our names of columns, and RELION's.
_NAMES = {
    "angle": "tilt",
    "tilt_angle": "tilt",
    "rlntomonominalstagetiltangle": "tilt",
    "rlntomoytilt": "tilt",
    "micrograph": "image",
    "rlnmicrographname": "image",
    "rlndefocusu": "defocus_u",
    "rlndefocusv": "defocus_v",
    "rlncoordinatex": "x",
    "rlncoordinatey": "y",
    "rlncoordinatez": "z",
    "rlncenteredcoordinatexangst": "x_angst",
    "rlncenteredcoordinateyangst": "y_angst",
    "rlncenteredcoordinatezangst": "z_angst",
}
#: All that is read.
_KNOWN = {*_NAMES.values(), "section", "left", "right", "apart", "defocus"}
#: RELION's angles of tilts after and before alignment.
_ALIGNED, _STAGE = "rlnTomoYTilt", "rlnTomoNominalStageTiltAngle"
_PIXELS, _ANGSTROMS = ("x", "y", "z"), ("x_angst", "y_angst", "z_angst")
_STAR = re.compile(rb"^[ \t]*data_", re.MULTILINE)
#: Degrees: how far off an angle may be said, and tilts that it cannot tell apart.
_NEAREST, _EQUAL = 1.0, 1e-6
_MICROMETRE = 1e4
#: Å: no defocus is nearer to 0, and no number of micrometres is larger.
_LEAST = 100.0
_HINT = (
    'The headings "tilt,left,right" or "tilt,x,y,defocus" are looked for, or RELION\'s '
    "rlnDefocusU, rlnCoordinateX, ..."
)


@dataclass(frozen=True)
class _Table:
    """Columns of texts (K,) by their names here, and where their rows stand."""

    path: Path
    texts: Mapping[str, Sequence[str]]
    lines: Sequence[int]
    note: str = ""

    def has(self, *names: str) -> bool:
        return all(name in self.texts for name in names)

    def place(self, row: int) -> str:
        return f"{self.path}, line {self.lines[row]:,}" if self.lines else f"{self.path}"

    def numbers(self, name: str) -> Floats:
        """A column (K,); NaN where a cell says that there is none."""
        return np.array([self._number(row, name, t) for row, t in enumerate(self.texts[name])])

    def _number(self, row: int, name: str, text: str) -> float:
        if text in ("", "-", "<NA>", "None"):
            return np.nan
        found = number_of(text.encode("utf-8", "replace"))
        if found is None:
            raise MalformedFileError(
                f'"{shown(text)}" is not a number ({name})',
                where=self.place(row),
                hint="Mend this cell, or leave it empty.",
            )
        return found if np.isfinite(found) else np.nan


def read_defocus(path: Path, series: TiltSeries, micrometres: bool = False) -> Measured | Sides:
    """What a table says of the defocus of a series. Raises `UserError` where it says nothing."""
    table = _star(path, series) if _STAR.search(reading.bytes_of_file(path)) else _text(path)
    tilts = _tilts(table, series)
    if table.has("left", "right"):
        left, right = (
            in_angstroms(table.numbers(name), micrometres, str(path)) for name in ("left", "right")
        )
        return Sides(tilts, left, right, _apart(table), table.note)
    defocus = in_angstroms(_defocus(table), micrometres, str(path))
    for names, unit in ((_ANGSTROMS, 1.0), (_PIXELS, series.pixel_size)):
        if table.has(*names[:2]):
            used = names if table.has(*names) else names[:2]
            places = np.column_stack([table.numbers(name) for name in used])
            return Measured(tilts, places, defocus, unit, table.note)
    raise UserError(
        "the table does not say where the defocus was measured", where=str(path), hint=_HINT
    )


def tilts_at(series: TiltSeries, angles: Floats, where: str = "", *, once: bool = False) -> Whole:
    """The tilts (K,) of a series that have some angles, to a degree.

    Tilts of one angle are told apart by their order, where `once` says that no tilt comes twice
    and all of them are there. Raises `UserError` where nothing tells, or there is no such tilt.
    """
    apart = np.abs(angles[:, None] - series.angles)
    found: Whole = apart.argmin(axis=1)
    off = apart[np.arange(len(angles)), found]
    if not (off <= _NEAREST).all():
        odd = angles[int(np.flatnonzero(~(off <= _NEAREST))[0])]
        raise UserError(
            f"no tilt of the series has an angle of {decimal(odd)}°",
            where=where,
            hint="Angles are those of the file of the series, with its sign.",
        )
    for place in np.unique(found).tolist():
        alike = np.flatnonzero(np.abs(series.angles - series.angles[place]) < _EQUAL)
        asked = np.flatnonzero(found == place)
        if len(alike) > 1 and once and len(asked) == len(alike):
            found[asked] = alike
        elif len(alike) > 1:
            raise UserError(
                f"{len(alike)} tilts of the series have an angle of "
                f"{decimal(series.angles[place])}°, and nothing tells which of them is meant",
                where=where,
                hint="Give values of all of them in their order, or a table with the headings "
                '"section" or "image".',
            )
    return found


def in_angstroms(values: Floats, micrometres: bool, where: str = "") -> Floats:
    """Å of values in Å or µm. Raises `UserError` where they can hardly be what they are said."""
    finite = np.abs(values[np.isfinite(values)])
    middle = float(np.median(finite)) if finite.size else _LEAST
    if micrometres != (middle < _LEAST) and finite.size:
        unit, other = ("µm", "Å") if micrometres else ("Å", "µm")
        raise UserError(
            f"the defocus is about {decimal(middle)}, which cannot be {unit}",
            where=where,
            hint=f"Say --defocus-unit {'A' if micrometres else 'um'} if these are {other}.",
        )
    return values * _MICROMETRE if micrometres else values


def _star(path: Path, series: TiltSeries) -> _Table:
    tables = [table for table in tables_of(path) if table.has("rlnDefocusU")]
    if len(tables) != 1:
        what = "no table" if not tables else "more than one table"
        raise UserError(f"{what} of this file has rlnDefocusU", where=str(path), hint=_HINT)
    columns = Columns(tables[0])
    labels = dict.fromkeys(tables[0].labels)
    angle, other = (_STAGE, _ALIGNED) if series.nominal else (_ALIGNED, _STAGE)
    note = ""
    if angle in labels and other in labels:
        del labels[other]
        note = f"The table has {_ALIGNED} and {_STAGE}; the tilts are told by {angle}."
    wanted = {label: _NAMES.get(label.lower(), "") for label in labels}
    texts = {name: columns.texts(label) for label, name in wanted.items() if name}
    return _Table(path, texts, (), note)


def _text(path: Path) -> _Table:
    lines = [line.decode("utf-8", "replace") for line in reading.lines_of(path)]
    rows = [(k + 1, line) for k, line in enumerate(lines)]
    rows = [(k, line) for k, line in rows if line.strip() and not line.lstrip().startswith("#")]
    if not rows:
        raise UserError("the table has no rows", where=str(path), hint=_HINT)
    names = [_NAMES.get(name, name) for name in heading_of(rows[0][1])]
    doubled = [name for name in names if names.count(name) > 1]
    if doubled or len(rows) < 2:
        what = f'the heading "{doubled[0]}" is there twice' if doubled else "the table has no rows"
        raise UserError(what, where=f"{path}, line {rows[0][0]:,}", hint=_HINT)
    if not set(names) & _KNOWN:
        said = listed([f'"{shown(name)}"' for name in names[:8]])
        what = f"the headings {said} are not known" if len(names) > 1 else f"{said} is no heading"
        raise UserError(what, where=f"{path}, line {rows[0][0]:,}", hint=_HINT)
    cells = cells_of([line for _, line in rows[1:]], str(path))
    for (k, _), row in zip(rows[1:], cells, strict=True):
        if len(row) != len(names):
            raise MalformedFileError(
                f"this row has {counted(len(row), 'cell')} for {counted(len(names), 'heading')}",
                where=f"{path}, line {k:,}",
                hint="Mend or remove this line.",
            )
    columns = zip(*cells, strict=True)
    return _Table(path, dict(zip(names, columns, strict=True)), [k for k, _ in rows[1:]])


def _tilts(table: _Table, series: TiltSeries) -> Whole:
    """The tilt of each row, by its image, its section or its angle."""
    where = str(table.path)
    if table.has("section") and series.sections is not None:
        known = {str(section): k for k, section in enumerate(series.sections.tolist())}
        return _looked_up(table, [f"{x:g}" for x in table.numbers("section")], known, "section")
    names = [re.split(r"[\\/]", name)[-1] for name in table.texts.get("image", ())]
    known = {name: k for k, name in enumerate(series.images)}
    told = table.has("image") and all(name in known for name in names)
    if table.has("tilt") and not told:
        return tilts_at(series, table.numbers("tilt"), where, once=table.has("left", "right"))
    if table.has("image") and series.images:
        return _looked_up(table, names, known, "image")
    raise UserError("the table does not say of which tilt its rows are", where=where, hint=_HINT)


def _looked_up(table: _Table, names: Sequence[str], places: Mapping[str, int], what: str) -> Whole:
    for row, name in enumerate(names):
        if name not in places:
            raise UserError(
                f'the series has no {what} "{shown(name)}"',
                where=table.place(row),
                hint="Give a table of this series.",
            )
    return np.array([places[name] for name in names], dtype=np.int64)


def _defocus(table: _Table) -> Floats:
    if table.has("defocus"):
        return table.numbers("defocus")
    if table.has("defocus_u"):
        u = table.numbers("defocus_u")
        return (u + table.numbers("defocus_v")) / 2.0 if table.has("defocus_v") else u
    raise UserError("the table has no defocus", where=str(table.path), hint=_HINT)


def _apart(table: _Table) -> float | None:
    if not table.has("apart"):
        return None
    values = np.unique(table.numbers("apart"))
    if len(values) != 1 or not values[0] > 0:
        raise UserError(
            '"apart", Å between the middles of the left and the right part, is one number above 0',
            where=str(table.path),
        )
    return float(values[0])
