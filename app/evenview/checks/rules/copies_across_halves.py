"""One image in both half-sets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    copies, halves = subject.copies, subject.halves
    if not copies or halves is None:
        return
    known = np.isin(halves.values, halves.codes)
    differs = halves.values[copies.rows] != halves.values[copies.first]
    crossed = np.sort(copies.rows[differs & known[copies.rows] & known[copies.first]])
    if len(crossed):
        rows = counted(len(crossed), "row is", "rows are")
        yield Found(
            f"{rows} of an image that stands in the other half-set too",
            subject.where(crossed, halves.name),
            len(crossed),
        )


RULE = Rule(
    name="image-in-both-halves",
    title="the same image in both half-sets",
    severity="error",
    causes={
        "relion": "The half maps share images, so that RELION's gold-standard FSC is too good.",
        "cryosparc": "The half maps share images, so that cryoSPARC's gold-standard FSC is too "
        "good.",
    },
    mend="Put all copies of an image into the half-set of its first.",
    look=_look,
)
