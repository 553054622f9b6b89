"""Poses that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    poses = subject.quaternions
    if poses is None:
        return
    missing = np.flatnonzero(~np.isfinite(poses[:, 0]))
    if len(missing):
        rows = counted(len(missing), "row has", "rows have")
        yield Found(f"{rows} no pose (an angle is no number)", subject.where(missing), len(missing))


RULE = Rule(
    name="missing-pose",
    title="angles that are missing or no numbers (nan)",
    severity="warning",
    causes={
        "relion": "RELION reads nan as 0 and puts the particle in the wrong view.",
        "cryosparc": "A pose of nan can spoil every map that it enters.",
        "any": "Evenview does not draw these particles and keeps them in what it writes.",
    },
    mend="Remove these rows, or align their particles again.",
    look=_look,
)
