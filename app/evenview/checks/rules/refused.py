"""The file does not open."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import ANY, Found, Rule
from evenview.checks.subject import Subject


def _look(subject: Subject) -> Iterator[Found]:
    refusal = subject.refusal
    if refusal is not None:
        where = refusal.where or str(subject.path)
        yield Found(refusal.what, where, 1, mend=refusal.hint)


RULE = Rule(
    name="refused",
    title="the file cannot be opened",
    severity="error",
    causes={
        ANY: "Evenview does not show or rebalance this file; the other findings are what can be "
        "told of it all the same."
    },
    mend="Write the file again from the program that made it.",
    look=_look,
)
