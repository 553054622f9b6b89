"""Shifts and images of different pixel size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted

_IMAGE, _SHIFT = "blob/psize_A", "alignments3D/psize_A"
_SAME = 1e-4


def _look(subject: Subject) -> Iterator[Found]:
    cs = subject.cs
    if cs is None or not cs.has(_IMAGE, _SHIFT):
        return
    image, shift = cs.numbers(_IMAGE), cs.numbers(_SHIFT)
    if image.ndim != 1 or shift.ndim != 1:
        return
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(np.abs(image - shift) > _SAME * image)
    if len(rows):
        few = counted(len(rows), "row is", "rows are")
        yield Found(
            f"{few} aligned at another pixel size ({shift[rows[0]]:.5g} Å) than that of the images "
            f"({image[rows[0]]:.5g} Å)",
            subject.where(rows, _SHIFT),
            len(rows),
        )


RULE = Rule(
    name="pixel-sizes",
    title="alignments3D/psize_A other than blob/psize_A",
    severity="warning",
    causes={
        "relion": "The shifts are in pixels of the alignment: a converter that multiplies them by "
        "blob/psize_A (csparc2star.py does) makes them wrong by the ratio of the two.",
    },
    mend="Multiply alignments3D/shift by alignments3D/psize_A when converting; views do not depend "
    "on it.",
    look=_look,
)
