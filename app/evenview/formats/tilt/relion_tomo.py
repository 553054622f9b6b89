"""RELION's tilt series: RELION 5's global star with one star a series, and RELION 4's matrices.

RELION 5: ``P = Rz(rlnTomoZRot) Ry(rlnTomoYTilt) Rx(rlnTomoXTilt)`` (``tomogram.cpp``), shifts in Å.
RELION 4: rlnTomoProjX, Y, Z and W are the rows of a 4 x 4 matrix from the tomogram's pixels to the
image's, both counted from a corner; the size of the images is in no file, and so the shifts are
not read. An optimisation set (optimisation_set.star) names its global star.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.packages import PACKAGES, angles_of
from evenview.core.tilt.series import TiltSeries
from evenview.formats.star.outline import StarTable
from evenview.formats.texts import shown
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given
from evenview.formats.tilt.stars import Columns, tables_of

Floats = NDArray[np.float64]

_HEAD = re.compile(rb"^[ \t]*_rln", re.MULTILINE)
_NAME, _FILE, _HAND = "rlnTomoName", "rlnTomoTiltSeriesStarFile", "rlnTomoHand"
_PIXEL = "rlnTomoTiltSeriesPixelSize"
_SET = "rlnTomoTomogramsFile"
_SIZES = ("rlnTomoSizeX", "rlnTomoSizeY", "rlnTomoSizeZ")
_X, _Y, _Z = "rlnTomoXTilt", "rlnTomoYTilt", "rlnTomoZRot"
_SHIFTS = ("rlnTomoXShiftAngst", "rlnTomoYShiftAngst")
_STAGE, _STAGE_AXIS = "rlnTomoNominalStageTiltAngle", "rlnTomoNominalTiltAxisAngle"
_MATRIX = ("rlnTomoProjX", "rlnTomoProjY", "rlnTomoProjZ", "rlnTomoProjW")
_DEFOCUS = ("rlnDefocusU", "rlnDefocusV")
_IMAGES = ("rlnMicrographName", "rlnMicrographMovieName")
_UNREAD = Note(
    "The shifts of the matrices (the last numbers of rlnTomoProjX and rlnTomoProjY) are not read",
    "They count from the corner of the tilt images, whose size the file does not say: particles "
    "are not taken between this tomogram and that of another series.",
)
_ORTHOGONAL = 1e-2
_SAME = 0.01


@dataclass(frozen=True)
class RelionTomo:
    """A global star, or the star of one series."""

    title: str = "RELION tilt-series star"

    def sniff(self, head: bytes) -> bool:
        """Whether there is a label of RELION's."""
        return bool(_HEAD.search(head))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read one series: that of `Given.tomogram` where there are several."""
        tables = tables_of(path)
        listed = next((t for t in tables if t.has(_SET) and len(t) == 1), None)
        if listed is not None:
            return self._of_set(path, Columns(listed).texts(_SET)[0], given)
        overall = next((t for t in tables if t.has(_NAME) and (t.has(_FILE) or t.has(_HAND))), None)
        if overall is None:
            return reading.checked(_series(_only(tables, path), path, given, {}), given)
        row = _row(overall, path, given)
        said = _said(overall, row)
        if overall.has(_FILE):
            file = _beside(path, Columns(overall).texts(_FILE)[row])
            return reading.checked(_series(_only(tables_of(file), file), path, given, said), given)
        named = tuple(t for t in tables if t.block == said["name"] and t is not overall)
        if not named:
            raise UserError(f"there is no table data_{said['name']} in this file", where=str(path))
        return reading.checked(_series(_only(named, path), path, given, said), given)

    def _of_set(self, path: Path, name: str, given: Given) -> TiltSeries:
        """What an optimisation set calls its tomograms."""
        file = _beside(path, name)
        if any(t.has(_SET) for t in tables_of(file)):
            raise UserError("one optimisation set names another", where=str(path))
        found = self.read(file, given)
        return replace(found, files=(path, *found.files))


FORMAT = RelionTomo()


def _row(overall: StarTable, path: Path, given: Given) -> int:
    names = [shown(name) for name in Columns(overall).texts(_NAME)]
    if given.tomogram is None and len(names) == 1:
        return 0
    if given.tomogram in names:
        return names.index(given.tomogram)
    known = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    what = (
        f"there are {len(names):,} tilt series in this file"
        if given.tomogram is None
        else f'there is no tilt series "{given.tomogram}" in this file'
    )
    raise UserError(what, where=str(path), hint=f"Choose one with --tomogram: {known}.")


def _said(overall: StarTable, row: int) -> dict[str, object]:
    """What the global table says of a series."""
    columns = Columns(overall)
    found: dict[str, object] = {"name": shown(columns.texts(_NAME)[row])}
    if overall.has(_HAND):
        hand = columns.numbers(_HAND)[row]
        if abs(hand) != 1:
            raise MalformedFileError(
                f"{_HAND} is {hand:g}, and only 1 and -1 mean something",
                where=columns.place(row, _HAND),
            )
        found["hand"] = int(hand)
    if overall.has(_PIXEL) and columns.numbers(_PIXEL)[row] > 0:
        found["pixel_size"] = float(columns.numbers(_PIXEL)[row])
    if overall.has(*_SIZES):
        found["size"] = tuple(float(columns.numbers(name)[row]) for name in _SIZES)
    return found


def _beside(path: Path, name: str) -> Path:
    """A file named relative to RELION's project, which is the folder of `path` or one above it."""
    try:
        tried = [folder / name for folder in (Path(), *path.absolute().parents)]
        found = next((file for file in tried if file.is_file()), None)
    except (OSError, ValueError):
        found = None
    if found is None:
        raise UserError(
            f'the star file of the series, "{shown(name)}", is not there',
            where=str(path),
            hint="It is looked for from this folder, and from that of the file and those above it.",
        )
    return found


def _only(tables: tuple[StarTable, ...], path: Path) -> StarTable:
    found = [t for t in tables if t.has(_Y) or t.has(*_MATRIX) or t.has(_STAGE)]
    if len(found) == 1:
        return found[0]
    if any(t.has("rlnAngleRot") for t in tables):
        raise UserError(
            "these are particles, not a tilt series",
            where=str(path),
            hint="Give them with --particles, beside the files of the series.",
        )
    what = "no table" if not found else "more than one table"
    raise UserError(
        f"{what} of this file has tilt angles ({_Y}), matrices ({_MATRIX[0]}) or the angles of the "
        f"stage ({_STAGE})",
        where=str(path),
        hint="Give the star file of a tilt series, or the global one (tomograms.star).",
    )


def _series(table: StarTable, path: Path, given: Given, said: dict[str, object]) -> TiltSeries:
    columns = Columns(table)
    own = table.source.path
    files = (path,) if own == path else (path, own)
    blank = np.zeros(len(table))
    found = TiltSeries(table.block or path.stem, files, "relion", blank, blank, blank)
    found = replace(found, images=_images(columns), defocus=_defocus(columns))
    found = _with_angles(found, columns, given)
    return replace(found, **said)  # type: ignore[arg-type]


def _with_angles(series: TiltSeries, columns: Columns, given: Given) -> TiltSeries:
    table, n, where = columns.table, len(columns.table), str(columns.table.source.path)
    hint = "Give the angle of the axis with --axis."
    if table.has(_Y, _Z):
        axes, x = columns.numbers(_Z), columns.optional(_X)
        notes = _doubted(columns, axes, series) if table.has(*_MATRIX) else ()
        shifts = columns.pair(_SHIFTS)
        unread = shifts is None and table.has(*_MATRIX)
        return replace(
            series,
            angles=columns.numbers(_Y),
            axes=reading.axes_of(axes, given, n, where, hint),
            x_tilts=np.zeros(n) if x is None else x,
            shifts=shifts,
            shift_unit="Å",
            unread_shifts=unread,
            notes=(*notes, *((_UNREAD,) if unread else ()), *reading.axis_notes(axes, given)),
        )
    if table.has(*_MATRIX):
        angles, axes, x_tilts = angles_of(_matrices(columns))
        axes_now = reading.axes_of(axes, given, n, where, hint)
        return replace(
            series,
            angles=angles,
            axes=axes_now,
            x_tilts=x_tilts,
            unread_shifts=True,
            notes=(_UNREAD, *reading.axis_notes(axes, given)),
        )
    name = _Y if table.has(_Y) else _STAGE
    said = columns.optional(_STAGE_AXIS)
    note = Note(
        "The series is not aligned: these are the angles of the stage",
        f"{name} and {_STAGE_AXIS}; RELION itself sets rlnTomoYTilt and rlnTomoZRot.",
    )
    return replace(
        series,
        angles=columns.numbers(name),
        axes=reading.axes_of(said, given, n, where, hint),
        nominal=True,
        notes=(note, *reading.axis_notes(said, given)),
    )


def _doubted(columns: Columns, axes: Floats, series: TiltSeries) -> tuple[Note, ...]:
    """A note where a file has both angles and matrices, and they disagree."""
    x = columns.optional(_X)
    angles = PACKAGES[series.package].matrices(
        columns.numbers(_Y), axes, np.zeros(len(axes)) if x is None else x
    )
    try:
        off = np.abs(_matrices(columns) - angles).max()
    except UserError:
        return ()
    if off < _SAME:
        return ()
    return (Note(f"{_MATRIX[0]} and the angles disagree", "The angles are used, as by RELION 5."),)


def _matrices(columns: Columns) -> Floats:
    """P (N, 3, 3). Raises `MalformedFileError` where a row is no rotation."""
    rows = []
    for name in _MATRIX[:3]:
        texts = columns.texts(name)
        rows.append([_vector(t, columns.place(k, name)) for k, t in enumerate(texts)])
    whole = np.array(rows, dtype=np.float64).reshape(3, -1, 4).transpose(1, 0, 2)[:, :, :3]
    scale = np.sqrt((whole**2).sum(axis=(1, 2)) / 3.0)
    scaled = whole / np.where(scale > 0, scale, 1.0)[:, None, None]
    off = np.abs(scaled @ scaled.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2), initial=0.0)
    proper = np.linalg.det(scaled) > 0
    for k in np.flatnonzero(~((off < _ORTHOGONAL) & proper))[:1].tolist():
        how = "mirrors" if off[k] < _ORTHOGONAL else "does more than turn"
        raise MalformedFileError(
            f"the matrix of this tilt {how}, so that it has no tilt angles",
            where=columns.place(k, _MATRIX[0]),
            hint="Import the alignment again, or give the files it was imported from.",
        )
    u, _, vt = np.linalg.svd(scaled)
    turned: Floats = u @ vt
    return turned


def _vector(text: str, where: str) -> list[float]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != 4:
        raise MalformedFileError(
            f'"{shown(text)}" is not four numbers in brackets', where=where, hint="Mend this cell."
        )
    return [reading.number(str(value), where) for value in found]


def _defocus(columns: Columns) -> Floats | None:
    if not columns.table.has(*_DEFOCUS):
        return None
    u, v = (columns.numbers(name) for name in _DEFOCUS)
    return (u + v) / 2.0


def _images(columns: Columns) -> tuple[str, ...]:
    for name in _IMAGES:
        if columns.table.has(name):
            return tuple(re.split(r"[\\/]", shown(t))[-1] for t in columns.texts(name))
    return ()
