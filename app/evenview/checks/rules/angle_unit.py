"""Radians where degrees belong, or degrees where radians do."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import ANY, WHOLE_FILE, Found, Rule
from evenview.checks.converted import like_degrees, like_radians
from evenview.checks.subject import Subject


def _look(subject: Subject) -> Iterator[Found]:
    angles = subject.angles
    if angles is None:
        return
    if subject.star is not None and like_radians(angles):
        yield Found(
            "all angles lie within ±2π and spread as whole turns in radians do",
            WHOLE_FILE,
            len(angles),
        )
    if subject.cs is not None and like_degrees(angles):
        yield Found(
            "the lengths of the poses spread as angles in degrees do, not in radians",
            WHOLE_FILE,
            len(angles),
        )


RULE = Rule(
    name="angle-unit",
    title="angles that seem to be in the wrong unit",
    severity="warning",
    causes={
        ANY: "RELION's angles are degrees and cryoSPARC's poses radians, whatever was meant: every "
        "view would be wrong."
    },
    mend="Convert the angles, or the whole file again from its source.",
    look=_look,
)
