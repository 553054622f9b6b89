"""Degrees that were converted to degrees once more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import ANY, Found, Rule
from evenview.checks.converted import converted_twice
from evenview.checks.subject import Subject
from evenview.core.words import listed
from evenview.formats.relion.labels import ANGLES


def _look(subject: Subject) -> Iterator[Found]:
    if subject.star is None or subject.angles is None:
        return
    columns = [k for k in range(3) if converted_twice(subject.angles[:, k])]
    if not columns:
        return
    first = subject.angles[:, columns[0]]
    seem = "seems" if len(columns) == 1 else "seem"
    rows = np.flatnonzero(np.abs(first) > 360)
    example = float(first[rows[0]])
    yield Found(
        f"{listed([ANGLES[k] for k in columns])} {seem} to have been multiplied by 180/π twice: "
        f"{example:.7g} stands for {np.radians(example):.6g}",
        subject.where(rows, ANGLES[columns[0]]),
        len(first),
    )


RULE = Rule(
    name="angles-converted-twice",
    title="angles that were converted from radians to degrees twice",
    severity="error",
    causes={
        ANY: "Programs take such angles modulo 360° without a word, and every view is wrong: "
        "3867.465 is not 267.465° but 67.5°."
    },
    mend="Divide the column by 57.29577951 (180/π), or convert the file again from its source.",
    look=_look,
)
