"""Blank lines between the rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import Found, Rule
from evenview.checks.edits import Edits
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    if subject.star is None or not subject.star.is_relion:
        return
    from evenview.core.kernels import cells

    starts, ends, below = subject.star.gap_lines(cells.BLANK)
    if not len(starts):
        return
    lines = counted(len(starts), "blank line stands", "blank lines stand")
    rows = counted(below[0], "row")
    yield Found(
        f"{lines} between rows of a table, with {rows} below the first",
        subject.lines(starts),
        len(starts),
        fix=Edits(starts, ends),
    )


RULE = Rule(
    name="blank-line",
    title="a blank line between the rows of a table",
    severity="error",
    causes={
        "relion": "RELION takes a blank line for the end of the table and drops all rows below it "
        "without a word."
    },
    mend="Remove these lines.",
    look=_look,
    fix="these lines are removed",
)
