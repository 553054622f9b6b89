"""Names of tomograms that look like numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted

_LABEL = "rlnTomoName"


def _look(subject: Subject) -> Iterator[Found]:
    star = subject.star
    if star is None or not star.has(_LABEL) or not len(star):
        return
    rows = np.flatnonzero(np.isfinite(star.numbers(_LABEL)))
    if not len(rows):
        return
    name = star.table.cells(int(rows[0]))[star.table.labels.index(_LABEL)]
    few = counted(len(rows), "row has", "rows have")
    yield Found(
        f'{few} a tomogram name that reads as a number, such as "{name}"',
        subject.where(rows, _LABEL),
        len(rows),
    )


RULE = Rule(
    name="tomogram-name",
    title="a tomogram name (rlnTomoName) that reads as a number",
    severity="warning",
    causes={
        "relion": "RELION 5's Python programs and other readers take it for a number, so that "
        "00255 becomes 255 and the tomogram is not found (RELION issue 1079)."
    },
    mend="Rename the tomograms so that their names begin with a letter, in every file of the "
    "project.",
    look=_look,
)
