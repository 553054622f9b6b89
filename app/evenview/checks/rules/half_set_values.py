"""Half-sets other than the two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    halves = subject.halves
    if halves is None or not subject.says_halves or not any(halves.counts()):
        return  # where none is in a half, half-set-missing says so
    odd = np.flatnonzero(~np.isin(halves.values, halves.codes))
    if not len(odd):
        return
    first, second = halves.codes
    rows = counted(len(odd), "row has", "rows have")
    yield Found(
        f"{rows} {halves.name} other than {first} or {second}",
        subject.where(odd, halves.name),
        len(odd),
    )


RULE = Rule(
    name="half-set-value",
    title="half-sets other than 1 and 2 (cryoSPARC: 0 and 1)",
    severity="error",
    causes={
        "relion": "RELION stops at a half-set other than 1 or 2, and where some are 0 and others "
        "are not; where all are 0 it makes new ones.",
        "cryosparc": "Such particles belong to neither half map.",
    },
    mend="Give these rows the half-set of the refinement, or leave them out.",
    look=_look,
)
