"""Read tilt series, and say how packages see them, how two relate, and which hand they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.tilt.compared import compared
from evenview.core.tilt.hand import Measured, Sides, hand_of
from evenview.core.tilt.packages import matrices_of
from evenview.core.tilt.relation import as_package, combinations, is_determined
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted
from evenview.formats.output import check_targets
from evenview.formats.tilt import open_series
from evenview.formats.tilt.defocus_table import in_angstroms, read_defocus, tilts_at
from evenview.tasks.tilt_particles import Moved, Step, move
from evenview.tasks.tilt_relation_words import matching_words
from evenview.tasks.tilt_request import TiltRequest
from evenview.tasks.tilt_result import TiltResult


def run(request: TiltRequest, progress: Progress = silent) -> TiltResult:
    """Read the files and answer what is asked.

    Raises
    ------
    UserError
        A file is no tilt series or damaged, tilts of two do not match, defocus is not of the
        series, or particles cannot be moved.
    """
    series = _series(request)
    first = series[0]
    _require_tilted(series)
    found = _defocus(request, first)
    towards = None if request.package is None else as_package(first, request.package)
    result = TiltResult(
        request=request,
        first=first,
        compared=tuple(compared(first, other) for other in series[1:]),
        combinations=tuple(combinations(first)),
        measured=found,
        hand=None if found is None else hand_of(first, found),
        towards=towards,
        moved=None,
    )
    return replace(result, moved=_moved(result, progress))


def _series(request: TiltRequest) -> list[TiltSeries]:
    if request.files:
        return open_series(request.files, request.given)
    if request.made is None:
        raise UserError("there is no tilt series", hint="Give a file, or type --axis and --tilts.")
    return [request.made.series()]


def _require_tilted(series: Sequence[TiltSeries]) -> None:
    for one in series:
        if not is_determined(matrices_of(one)):
            raise UserError(
                "the tilts of this series are all alike, and say nothing of its geometry",
                where=str(one.files[0]) if one.files else "",
                hint="Give the whole series.",
            )


def _defocus(request: TiltRequest, series: TiltSeries) -> Measured | Sides | None:
    if request.defocus is not None and request.typed is not None:
        raise UserError("both a table of defocus and values are given", hint="Give one of them.")
    if request.defocus is not None:
        return _read(request.defocus, series, request)
    typed = request.typed
    if typed is None:
        return None
    tilts = series.angles if typed.tilts is None else np.array(typed.tilts)
    if not len(typed.left) == len(typed.right) == len(tilts):
        raise UserError(
            f"left has {counted(len(typed.left), 'value')} and right has {len(typed.right):,}, for "
            f"{counted(len(tilts), 'tilt')}",
            hint="Give one of each for every tilt; 'nan' stands for one that is missing.",
        )
    both = in_angstroms(np.array([typed.left, typed.right]), request.micrometres)
    rows = np.arange(len(tilts)) if typed.tilts is None else tilts_at(series, tilts, once=True)
    return Sides(rows, both[0], both[1], typed.apart)


def _read(path: Path, series: TiltSeries, request: TiltRequest) -> Measured | Sides:
    """A table of defocus, with the distance between left and right that is given with it."""
    found = read_defocus(path, series, request.micrometres)
    if request.apart is None:
        return found
    if not isinstance(found, Sides):
        raise UserError(
            "a distance between left and right is given, and the table has places instead",
            where=str(path),
            hint="Leave out --apart.",
        )
    return replace(found, apart=request.apart)


def _moved(result: TiltResult, progress: Progress) -> Moved | None:
    wanted, relation, alone = result.request.particles, result.other, result.alone
    if wanted is None:
        return None
    if result.why_not is not None:
        raise result.why_not
    assert relation is not None
    read = [*result.request.files, *(file for s in result.series for file in s.files)]
    check_targets([wanted.output], read)
    package = result.request.package or result.series[1].package
    same = result.towards is not None
    step = Step(result.first, package, relation, result.offset, same)
    moved = move(wanted, step, progress)
    if alone is None or alone.is_sure:
        return moved
    return replace(moved, notes=(*moved.notes, *matching_words(result.first, alone)))
