"""Rows of the wrong number of cells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import ANY, Found, Rule
from evenview.checks.subject import Subject
from evenview.formats.star.lenient import MOST_FAULTS, Fault


def _look(subject: Subject) -> Iterator[Found]:
    faults = subject.star.faults if subject.star is not None else ()
    for words, kind in _KINDS:
        found = [fault for fault in faults if kind == _kind(fault)]
        if found:
            least = "at least " if len(faults) >= MOST_FAULTS else ""
            offsets = np.array([fault.offset for fault in found])
            what = words.format(n=f"{least}{len(found):,}", s="" if len(found) == 1 else "s")
            yield Found(what, subject.lines(offsets), len(found))


_KINDS = (
    ("{n} row{s} of fewer cells than columns", "few"),
    ("{n} row{s} of more cells than columns", "many"),
    ("{n} line{s} with a quote that is not closed", "quote"),
    ("{n} line{s} outside of any table", "stray"),
)


def _kind(fault: Fault) -> str:
    if fault.columns == 0:
        return "stray"
    if fault.cells < 0:
        return "quote"
    return "few" if fault.cells < fault.columns else "many"


RULE = Rule(
    name="ragged-row",
    title="rows that do not have one cell a column",
    severity="error",
    causes={
        "relion": "RELION stops at a row of fewer or more cells than labels.",
        ANY: "Which cell belongs to which column is not known.",
    },
    mend="Mend or remove these lines, or copy the file again if it was cut off.",
    look=_look,
)
