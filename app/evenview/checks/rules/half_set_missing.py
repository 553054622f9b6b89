"""No half-sets, or one alone."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import WHOLE_FILE, Found, Rule, Severity
from evenview.checks.subject import Subject


def _look(subject: Subject) -> Iterator[Found]:
    if subject.quaternions is None:
        return
    if subject.halves is None:
        severity: Severity = "warning" if subject.says_halves else "note"
        yield Found("the file has no half-sets", WHOLE_FILE, 1, severity)
        return
    first, second = subject.halves.counts()
    if first and second:
        return
    codes = " and ".join(str(code) for code in subject.halves.codes)
    name = subject.halves.name
    if first or second:
        lacking = subject.halves.codes[1 if first else 0]
        yield Found(
            f"only one of the half-sets has particles: {name} is nowhere {lacking}",
            WHOLE_FILE,
            first + second,
            "error",
        )
    else:
        yield Found(f"no row is in a half-set: {name} is nowhere {codes}", WHOLE_FILE, 1, "warning")


RULE = Rule(
    name="half-set-missing",
    title="half-sets missing, or one of them empty",
    severity="warning",
    causes={
        "relion": "RELION's auto-refine stops where one half is empty, and divides the particles "
        "anew at random where there is no rlnRandomSubset: halves that were refined together are "
        "then compared as if they were independent.",
        "cryosparc": "cryoSPARC's import leaves out the poses of particles without "
        "rlnRandomSubset.",
    },
    mend="Take the half-sets from the refinement the poses come from; a new division at random is "
    "only sound if everything is refined again from the start.",
    look=_look,
)
