"""Which tilts of two descriptions of a series are the same images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted

Whole = NDArray[np.int64]


def matched(first: TiltSeries, second: TiltSeries) -> Whole:
    """The tilts (K, 2) of two series that are the same images: by section, name, or row.

    Raises `UserError` where nothing tells.
    """
    for a, b in (_sections(first, second), _names(first, second)):
        places = {key: k for k, key in enumerate(b)}
        pairs = [(k, places[key]) for k, key in enumerate(a) if key in places]
        if len(pairs) > 1:
            return np.array(pairs, dtype=np.int64)
    if len(first) != len(second):
        raise UserError(
            f"{first.name} has {counted(len(first), 'tilt')} and {second.name} has {len(second):,},"
            " and nothing tells which of them belong together",
            where=str(second.files[0]),
            hint="Give files of the same tilts.",
        )
    return np.column_stack([np.arange(len(first))] * 2)


def _sections(first: TiltSeries, second: TiltSeries) -> tuple[list[int], list[int]]:
    if first.sections is None or second.sections is None:
        return [], []
    return first.sections.tolist(), second.sections.tolist()


def _names(first: TiltSeries, second: TiltSeries) -> tuple[list[str], list[str]]:
    a, b = ([name.rpartition(".")[0] or name for name in s.images] for s in (first, second))
    unique = len(set(a)) == len(a) and len(set(b)) == len(b)
    return (a, b) if unique else ([], [])
