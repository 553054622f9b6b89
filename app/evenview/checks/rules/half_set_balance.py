"""Half-sets of different size."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import ANY, WHOLE_FILE, Found, Rule
from evenview.checks.subject import Subject

_MOST = 0.02


def _look(subject: Subject) -> Iterator[Found]:
    if subject.halves is None:
        return
    first, second = subject.halves.counts()
    if not (first and second) or abs(first - second) <= _MOST * (first + second):
        return
    share = abs(first - second) / (first + second)
    one, two = subject.halves.codes
    yield Found(
        f"the half-sets differ by {share:.1%} of the particles ({one}: {first:,}, {two}: "
        f"{second:,})",
        WHOLE_FILE,
        abs(first - second),
    )


RULE = Rule(
    name="half-set-balance",
    title="half-sets that differ by more than 2 % of the particles",
    severity="warning",
    causes={
        "cryosparc": "cryoSPARC warns above 2 %.",
        ANY: "The half maps differ in noise, so that the FSC says less than it could.",
    },
    mend="Thin both halves alike (Evenview's half-sets alike), or balance them in the program that "
    "made them; never move particles from one half to the other.",
    look=_look,
)
