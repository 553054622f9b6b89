"""The command that brings A's poses into B's frame, as it can be pasted, or why there is none."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import changes, naming

if TYPE_CHECKING:
    from evenview.tasks.compare_result import CompareResult

#: Digits of a quaternion (1e-7 is 2e-7 radians) and of Å; what is 0 to these is not told.
_TURN_DIGITS, _SHIFT_DIGITS = 7, 4
#: Å: an offset of the images that is as near to one pixel is that.
_NEAR = 0.01
_FLIPS = {changes.FLIP_Y.kind: ("flip-y", 1), changes.FLIP_X.kind: ("flip-x", 0)}
_HALF_TURN = changes.half_turned(changes.NONE)


def options(result: CompareResult) -> list[str]:
    """Of 'evenview transform'; empty where A need not be moved, or no motion does it."""
    kind = result.found.hypothesis.change.kind
    if not result.found.related or _why_none(result):
        return []
    images = _of_images(result, *_FLIPS[kind]) if kind in _FLIPS else []
    return [*images, *_of_map(result)]


def command(result: CompareResult) -> str:
    """All of it, "" where there are no options."""
    request, words = result.request, options(result)
    if not words:
        return ""
    a, b = result.a.table.path, result.b.table.path
    said = {
        "--class": request.reading_a.chosen_class,
        "--pixel-size": request.pixel_size if result.a.pixel_size is None else None,
        "--box": request.box if result.a.box is None else None,
    }
    told = [part for name, value in said.items() if value is not None for part in (name, value)]
    out = f"{a.stem}_as_in_{b.stem}{a.suffix}"
    return shlex.join(map(str, ["evenview", "transform", a, "-o", out, *words, *told]))


def why_none(result: CompareResult) -> str:
    """Why no command does it, without a full stop; "" where one does, or A need not be moved."""
    return _why_none(result) if result.found.related else ""


def _why_none(result: CompareResult) -> str:
    change = result.found.hypothesis.change
    if result.request.reading_a.columns is not None:
        return "no command, as A is a table whose columns were said"
    if change in changes.RADIANS:
        return f"no command: multiply the angles of {change.of} by 180/π, then compare again"
    if change in changes.TRANSPOSED:
        return f"no command inverts rotations: write {change.of} once more with the inverse ones"
    if result.is_of_subtomograms and result.found.hypothesis.flipped:
        return "no command, as the data of subtomograms cannot be mirrored by their poses"
    if change.offset and change.kind == (_HALF_TURN.kind if _HALF_TURN else ""):
        if change.offset == 180.0:
            rest = shlex.join(_of_map(result))
            more = f", then once more with {rest}" * bool(rest)
            return (
                "'evenview transform' does it in two steps, with --images flip-x and then with "
                f"--images flip-y{more}"
            )
        return "no command turns images in their plane by other than 180°"
    if change.offset:
        return "no command turns images in their plane as well as mirroring them"
    return ""


def _of_images(result: CompareResult, flip: str, along: int) -> list[str]:
    """How images are mirrored; about the middle of an even box where their shifts say so."""
    pixel_size = result.a.pixel_size or result.request.pixel_size
    about = "voxel"
    if result.shifts is not None and pixel_size is not None:
        apart = result.shifts.offset - pixel_size * np.eye(len(result.shifts.offset))[along]
        about = "box" if np.linalg.norm(apart) <= _NEAR else "voxel"
    return ["--images", flip, "--images-about", about]


def _of_map(result: CompareResult) -> list[str]:
    """How the map is mirrored, turned and moved."""
    found, shifts = result.found, result.shifts
    words = ["--mirror", "z", "--mirror-about", "voxel"] if found.hypothesis.flipped else []
    if naming.is_turned(found):
        turn = _rounded(rotation.from_matrix(naming.exact_turn(found)), _TURN_DIGITS)
        words += ["--quaternion", *turn] if any(part.strip("-0.") for part in turn[1:]) else []
    if shifts is not None and not shifts.told and shifts.is_moved(naming.ERRORS):
        shift = _rounded(shifts.translation, _SHIFT_DIGITS)
        words += ["--shift", *shift] if any(part.strip("-0.") for part in shift) else []
    return words


def _rounded(values: NDArray[np.float64], digits: int) -> list[str]:
    """Without an exponent, zeros at the end or a minus at 0."""
    return [np.format_float_positional(x + 0.0, trim="-") for x in np.round(values, digits)]
