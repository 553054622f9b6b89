"""The same image twice."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import ANY, Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted


def _look(subject: Subject) -> Iterator[Found]:
    copies = subject.copies
    if not copies:
        return
    extra = copies.same_pose if copies.group else copies.extra
    if not len(extra):
        return
    rows = counted(len(extra), "row is", "rows are")
    what = f"{rows} of an image that stands in an earlier row"
    same = len(copies.same_pose)
    if copies.turns is not None:
        poses = "the same pose" if same == len(extra) else f"the same pose in {same:,} of them"
        what += f", with {poses}" if same else ", with another pose"
    yield Found(what, subject.where(extra, copies.name), len(extra))


RULE = Rule(
    name="duplicate-image",
    title="the same particle image more than once",
    severity="warning",
    causes={
        ANY: "Such a particle counts twice in every view, map and FSC; a view can look crowded "
        "only because of it."
    },
    mend="Keep one of each (relion_star_handler --check_duplicates, cryoSPARC's Remove "
    "Duplicates).",
    look=_look,
)
