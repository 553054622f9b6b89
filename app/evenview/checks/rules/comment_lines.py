"""Comments between the rows of a table."""

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

    starts, ends, _ = subject.star.gap_lines(cells.COMMENT)
    if len(starts):
        lines = counted(len(starts), "line")
        yield Found(
            f'{lines} between rows of a table with nothing but a comment ("#")',
            subject.lines(starts),
            len(starts),
            fix=Edits(starts, ends),
        )


RULE = Rule(
    name="comment-line",
    title='a "#" line between the rows of a table',
    severity="error",
    causes={"relion": "RELION stops with an error at such a line."},
    mend="Remove these lines, or put the comments above data_.",
    look=_look,
    fix="these lines are removed",
)
