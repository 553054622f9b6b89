"""Line endings of Windows."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import Found, Rule
from evenview.checks.edits import Edits
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    if subject.star is None or not subject.star.is_relion:
        return
    begins, ends = subject.star.returns
    if len(begins):
        lines = counted(len(begins), "line ends", "lines end")
        yield Found(
            f"{lines} as on Windows (CR+LF)",
            subject.lines(begins),
            len(begins),
            fix=Edits(begins, ends),
        )


RULE = Rule(
    name="carriage-return",
    title="line endings of Windows (CR+LF)",
    severity="error",
    causes={"relion": "RELION stops: it does not read CR+LF line endings."},
    mend="Write the file with LF line endings (dos2unix does it too).",
    look=_look,
    fix="every CR before an LF is removed",
)
