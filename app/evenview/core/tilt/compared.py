"""Two descriptions of one series side by side: how their tomograms lie, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenview.core.errors import UserError
from evenview.core.tilt.matching import By, Matched, Whole, matched
from evenview.core.tilt.offset import Offset, offset_of
from evenview.core.tilt.packages import PACKAGES, matrices_of
from evenview.core.tilt.relation import Kind, Relation, is_determined, relate
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted

#: Pixels rms: shifts of tilts that differ by more, and by so much more than those of another
#: reading, are not of the same images.
_UNLIKE, _CLEARLY = 2.0, 0.25


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
class Reading:
    """How the tomograms lie if tilts are the same images by something else."""

    by: By
    relation: Relation


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
    by
        What tells which tilts are the same images.
    rival
        Another reading of the files that fits, with the other hand; None where there is none.
    is_open
        Whether that is as likely.
    told_by_shifts
        Whether the shifts of the tilts told this reading from another one.
    """

    second: TiltSeries
    relation: Relation
    offset: Offset | None
    difference: Difference | None
    in_both: int
    by: By
    rival: Reading | None = None
    is_open: bool = False
    told_by_shifts: bool = False

    @property
    def readings(self) -> tuple[Reading, ...]:
        """All that fit, the likeliest first."""
        own = Reading(self.by, self.relation)
        return (own,) if self.rival is None else (own, self.rival)

    @property
    def is_sure(self) -> bool:
        """Whether the files themselves say which tilts are the same images."""
        return self.by in ("name", "section")

    @property
    def is_known(self) -> bool:
        """Whether the tilts fit, and one reading of the files only."""
        return self.relation.fits and not self.is_open

    @property
    def guesses_a_turn(self) -> bool:
        """Whether the tomogram is turned further by what only order or angles tell, which one tilt
        more or less would do as well."""
        return self.relation.turns_further and not self.is_sure

    def unread(self, first: TiltSeries) -> bool:
        """Whether one of the two files says its shifts in a way that is not read."""
        return first.unread_shifts or self.second.unread_shifts


def compared(first: TiltSeries, second: TiltSeries) -> Compared:
    """A series against the first one.

    Raises `UserError` where nothing tells which tilts of the two are the same images, or these are
    all alike.
    """
    both = matched(first, second)
    found = _told_by_shifts(first, second, both)
    relation = _related(first, second, found.pairs)
    rival = found.rival
    return Compared(
        second,
        relation,
        offset_of(first, second, found.pairs),
        _difference(first, second, found.pairs, relation),
        len(found.pairs),
        found.by,
        None if rival is None else Reading(rival.by, _related(first, second, rival.pairs)),
        found.is_open,
        told_by_shifts=found is not both,
    )


def _related(first: TiltSeries, second: TiltSeries, pairs: Whole) -> Relation:
    ours, theirs = matrices_of(first)[pairs[:, 0]], matrices_of(second)[pairs[:, 1]]
    if not (is_determined(ours) and is_determined(theirs)):
        raise UserError(
            f"the {counted(len(pairs), 'tilt')} that both series have are all alike, and say "
            "nothing of how the two relate",
            where=str(second.files[0]) if second.files else "",
            hint="Give files of the same tilts.",
        )
    return relate(ours, theirs)


def _told_by_shifts(first: TiltSeries, second: TiltSeries, found: Matched) -> Matched:
    """The one of two readings in which the shifts of the tilts agree, if in one only they do."""
    if found.rival is None:
        return found
    readings = [Matched(each.pairs, each.by) for each in (found, found.rival)]
    left = [offset_of(first, second, each.pairs) for each in readings]
    if left[0] is None or left[1] is None:
        return found
    rms = [left[0].rms, left[1].rms]
    better = int(rms[1] < rms[0])
    if max(rms) < _UNLIKE or min(rms) > _CLEARLY * max(rms):
        return found
    return readings[better]


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
