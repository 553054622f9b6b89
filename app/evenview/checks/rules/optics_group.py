"""Particles without an optics group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evenview.checks.base import Found, Rule
from evenview.checks.star_sheet import StarSheet
from evenview.checks.subject import Subject
from evenview.core.words import counted
from evenview.formats.relion.labels import GROUP


def _look(subject: Subject) -> Iterator[Found]:
    star = subject.star
    if star is None or not star.is_relion:
        return
    groups = star.groups()
    if star.optics is None:
        if groups is not None:
            yield Found(
                "the particles name optics groups, and the file has no data_optics",
                star.column(GROUP),
                len(star),
            )
    elif groups is None:
        yield Found(
            f"the particles have no column {GROUP}, though there is a data_optics",
            f"data_{star.table.block}, {subject.lines(np.array([star.table.offset]))}",
            len(star),
        )
    elif star.optics.has(GROUP):
        yield from _undefined(subject, star, groups)


def _undefined(subject: Subject, star: StarSheet, groups: NDArray[np.float64]) -> Iterator[Found]:
    known = star.optics_numbers(GROUP)
    lost = np.flatnonzero(~np.isin(groups, known))
    if len(lost):
        names = ", ".join(f"{name:g}" for name in np.unique(groups[lost])[:3])
        rows = counted(len(lost), "row names", "rows name")
        yield Found(
            f"{rows} an optics group that data_optics does not have ({names})",
            subject.where(lost, GROUP),
            len(lost),
        )
    if (known < 1).any():
        yield Found(
            "an optics group has a number below 1",
            f"data_optics, column {GROUP}",
            int((known < 1).sum()),
            "note",
            "RELION numbers it anew, from 1; nothing needs to be done.",
        )
    if len(np.unique(known)) < len(known):
        yield Found(
            "two optics groups have the same number", f"data_optics, column {GROUP}", len(known)
        )


RULE = Rule(
    name="optics-group",
    title="optics groups that are missing or not defined",
    severity="error",
    causes={
        "relion": "RELION 3.1 and later stop: they cannot tell the pixel size and microscope of "
        "such particles."
    },
    mend="Add the group to data_optics, or give the rows a group that is there.",
    look=_look,
)
