"""Two particles of one uid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    if subject.cs is None:
        return
    uids = subject.cs.table.dataset.uids()
    order = np.argsort(uids, kind="stable")
    again = np.sort(order[1:][uids[order][1:] == uids[order][:-1]])
    if len(again):
        rows = counted(len(again), "row has", "rows have")
        yield Found(f"{rows} the uid of an earlier row", subject.where(again, "uid"), len(again))


RULE = Rule(
    name="duplicate-uid",
    title="a uid that stands more than once",
    severity="error",
    causes={
        "cryosparc": "cryoSPARC joins its files by uid: such rows cannot be told apart, and "
        "their fields can be mixed up."
    },
    mend="Join the particles in cryoSPARC (Particle Sets Tool, Remove Duplicates) and export them "
    "again.",
    look=_look,
)
