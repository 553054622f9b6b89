"""Poses that only the file beside it has."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import Found, Rule
from evenview.checks.subject import Subject
from evenview.core.words import counted
from evenview.formats.cs.companion import POSE


def _look(subject: Subject) -> Iterator[Found]:
    table = subject.cs.table if subject.cs is not None else None
    if table is None or table.companion is None or POSE in table.dataset.names:
        return
    name = table.companion.dataset.path.name
    yield Found(f"the poses are not in this file but in {name}", POSE, len(table))
    if missing := table.companion.n_missing:
        rows = counted(missing, "row is", "rows are")
        yield Found(
            f"{rows} not in {name} and have no pose",
            subject.where((table.companion.rows < 0).nonzero()[0], "uid"),
            missing,
            "warning",
        )


RULE = Rule(
    name="passthrough-poses",
    title="poses that are only in the passthrough beside the file",
    severity="note",
    causes={
        "cryosparc": "Both files must go on together: alone, this one has no alignments3D.",
        "relion": "A converter that is given this file alone writes no angles.",
    },
    mend="Keep the two files side by side, and give both to converters (csparc2star.py takes the "
    "passthrough as a second file).",
    look=_look,
)
