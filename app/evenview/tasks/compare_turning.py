"""The command that brings A's poses into B's frame, as it can be pasted."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare.changes import NONE
from evenview.core.compare.comparison import Comparison
from evenview.core.compare.shifts import Shifts

if TYPE_CHECKING:
    from evenview.tasks.compare_result import CompareResult

#: Digits of a quaternion (1e-7 is 2e-7 radians) and of Å; what is 0 to these is not told.
_TURN_DIGITS, _SHIFT_DIGITS = 7, 4
#: A turn or shift of fewer of its errors is none.
_ERRORS = 3.0


def options(found: Comparison, shifts: Shifts | None) -> list[str]:
    """Of 'evenview transform'; empty where A need not be moved, or no motion of the map does it."""
    if not found.related or found.hypothesis.change is not NONE:
        return []
    words = ["--mirror", "z", "--mirror-about", "voxel"] if found.hypothesis.flipped else []
    quaternion = rotation.from_matrix(found.matrix)
    turned = float(rotation.angle_between(quaternion[None], np.eye(4)[:1])[0])
    turn = _rounded(quaternion, _TURN_DIGITS)
    if turned > _ERRORS * found.uncertainty and any(part.strip("-0.") for part in turn[1:]):
        words += ["--quaternion", *turn]
    if shifts is not None and not shifts.told and shifts.is_moved(_ERRORS):
        shift = _rounded(shifts.translation, _SHIFT_DIGITS)
        words += ["--shift", *shift] if any(part.strip("-0.") for part in shift) else []
    return words


def command(result: CompareResult) -> str:
    """All of it, "" where there are no options, or A was read with columns of the user's own."""
    request, words = result.request, options(result.found, result.shifts)
    if not words or request.reading_a.columns is not None:
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


def _rounded(values: NDArray[np.float64], digits: int) -> list[str]:
    """Without an exponent, zeros at the end or a minus at 0."""
    return [np.format_float_positional(x + 0.0, trim="-") for x in np.round(values, digits)]
