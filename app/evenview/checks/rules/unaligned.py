"""Poses that were never found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    angles = subject.angles
    if angles is None or not len(angles):
        return
    boxes = subject.star.box_angles() if subject.star is not None else None
    still = ~np.any(angles if boxes is None else np.hstack([angles, boxes]), axis=1)
    rows = np.flatnonzero(still)
    if not len(rows):
        return
    every = len(rows) == len(angles)
    few = counted(len(rows), "row has", "rows have")
    yield Found(
        "every pose is (0, 0, 0)" if every else f"{few} the pose (0, 0, 0)",
        subject.where(rows),
        len(rows),
        "error" if every else "warning",
    )


RULE = Rule(
    name="unaligned",
    title="poses of (0, 0, 0)",
    severity="warning",
    causes={
        "relion": "RELION takes them for aligned to the view along Z.",
        "cryosparc": "That is what cryoSPARC writes before alignment; such particles count for "
        "the view along Z.",
    },
    mend="Align these particles in 3-D first, or leave them out.",
    look=_look,
)
