"""Two descriptions of one series side by side: how their tomograms lie, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenview.core.errors import UserError
from evenview.core.tilt.matching import Whole, matched
from evenview.core.tilt.offset import Offset, offset_of
from evenview.core.tilt.packages import PACKAGES, matrices_of
from evenview.core.tilt.relation import Kind, Relation, is_determined, relate
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted


@dataclass(frozen=True)
class Difference:
    """What two descriptions say differently.

    Attributes
    ----------
    senses
        Whether one package tilts by the angle and the other by minus the angle.
    angles
        Whether the angles of one file are minus those of the other.
    axis
        Whether the axes point in opposite directions.
    """

    senses: bool
    angles: bool
    axis: bool

    @property
    def kind(self) -> Kind:
        """How this lays the second tomogram to the first: each of the three mirrors it in z, and
        the axis turns it by 180 degrees about z besides."""
        mirrored = (self.senses + self.angles + self.axis) % 2 == 1
        if self.axis:
            return "mirrored and turned" if mirrored else "turned"
        return "mirrored" if mirrored else "same"


@dataclass(frozen=True, eq=False)
class Compared:
    """A further series against the first.

    Attributes
    ----------
    second
        The further series.
    relation
        How its tomogram lies to that of the first.
    offset
        How far its tomogram is shifted besides; None where the files do not tell.
    difference
        Why, where the two numbers and the two packages explain it; else None.
    in_both
        How many tilts both series have, which all else is of.
    """

    second: TiltSeries
    relation: Relation
    offset: Offset | None
    difference: Difference | None
    in_both: int

    def unread(self, first: TiltSeries) -> bool:
        """Whether one of the two files says its shifts in a way that is not read."""
        return first.unread_shifts or self.second.unread_shifts


def compared(first: TiltSeries, second: TiltSeries) -> Compared:
    """A series against the first one.

    Raises `UserError` where nothing tells which tilts of the two are the same images, or these are
    all alike.
    """
    pairs = matched(first, second)
    ours, theirs = matrices_of(first)[pairs[:, 0]], matrices_of(second)[pairs[:, 1]]
    if not (is_determined(ours) and is_determined(theirs)):
        raise UserError(
            f"the {counted(len(pairs), 'tilt')} that both series have are all alike, and say "
            "nothing of how the two relate",
            where=str(second.files[0]) if second.files else "",
            hint="Give files of the same tilts.",
        )
    relation = relate(ours, theirs)
    difference = _difference(first, second, pairs, relation)
    offset = offset_of(first, second, pairs)
    return Compared(second, relation, offset, difference, len(pairs))


def _difference(
    first: TiltSeries, second: TiltSeries, pairs: Whole, relation: Relation
) -> Difference | None:
    """What differs, if this makes the relation that the matrices have."""
    ours, theirs = first.angles[pairs[:, 0]], second.angles[pairs[:, 1]]
    apart = np.radians(second.axis - first.axis - relation.axis_difference)
    found = Difference(
        senses=PACKAGES[first.package].sign != PACKAGES[second.package].sign,
        angles=bool((ours - ours.mean()) @ (theirs - theirs.mean()) < 0.0),
        axis=bool(np.cos(apart) < 0.0),
    )
    return found if found.kind == relation.kind else None
