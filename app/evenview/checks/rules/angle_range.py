"""Angles beyond a turn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import ANY, Found, Rule, Severity
from evenview.checks.converted import converted_twice, like_degrees
from evenview.checks.sheet import Floats
from evenview.checks.subject import Subject
from evenview.core.conventions.twice import like_twice, twice_in_words
from evenview.core.words import counted
from evenview.formats.cs.companion import POSE
from evenview.formats.relion.labels import ANGLES

_TURN = 360.001  # a whole turn in 32 bits may come out a little longer
_ABSURD = 1e4
_IF_TWICE = (
    "Divide such angles by 57.29577951 (180/π) if they were converted twice; else write the rows "
    "again, or remove them."
)


def _look(subject: Subject) -> Iterator[Found]:
    angles = subject.angles
    if angles is None:
        return
    if subject.cs is not None:
        if not like_degrees(angles):
            yield from _beyond(subject, np.degrees(np.linalg.norm(angles, axis=1)), POSE)
        return
    sound = [k for k in range(3) if not converted_twice(angles[:, k])]
    size = np.nan_to_num(np.abs(angles[:, sound]), nan=0.0, posinf=np.inf)
    if size.size:
        worst = sound[int(size.max(axis=0).argmax())]
        yield from _beyond(subject, size.max(axis=1), ANGLES[worst], _twice(angles[:, sound]))


def _beyond(subject: Subject, degrees: Floats, column: str, remark: str = "") -> Iterator[Found]:
    rows = np.flatnonzero(degrees > _TURN)  # not nan
    if not len(rows):
        return
    worst = int(degrees[rows].argmax())
    largest = float(degrees[rows[worst]])
    few = counted(len(rows), "row has", "rows have")
    yield Found(
        f"{few} an angle beyond a whole turn, up to {largest:.7g}°{remark}",
        subject.where(np.concatenate([rows[worst : worst + 1], np.delete(rows, worst)]), column),
        len(rows),
        _severity(largest),
        mend=_IF_TWICE if remark else "",
    )


def _twice(angles: Floats) -> str:
    """Words for the largest of the angles that may have been converted twice, "" for none."""
    found = angles[like_twice(angles)]
    return f"; {twice_in_words(found[np.abs(found).argmax()])}" if len(found) else ""


def _severity(largest: float) -> Severity:
    if largest > _ABSURD:
        return "error"
    return "warning" if largest > 2 * _TURN else "note"


RULE = Rule(
    name="angle-range",
    title="angles beyond a whole turn",
    severity="warning",
    causes={
        ANY: "An angle a little beyond 360° is legal and means the same without the turn; one of "
        "many turns, or infinity, is a damaged number that programs wrap to any view."
    },
    mend="Leave angles of a turn or two as they are; write rows with larger ones again, or remove "
    "them.",
    look=_look,
)
