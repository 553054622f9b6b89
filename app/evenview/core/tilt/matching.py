"""Which tilts of two descriptions of a series are the same images.

Names of images tell, and sections where both files say them. Lines of files tell only where both
have as many, and even then a list may be in another order: of angles that are symmetric about 0,
one that is reversed is one that is negated. So the angles themselves are matched as well, and where
order and angles make two readings that fit, both are kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.tilt.packages import PACKAGES, matrices_of
from evenview.core.tilt.relation import is_determined, relate
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
#: What tells which tilts are the same images: the order of the files, or the one against the other;
#: the angles as they are, or those of the one negated.
By: TypeAlias = Literal["name", "section", "order", "reverse", "angle", "opposite angle"]

#: Degrees: how far apart angles of one image may be, and no more than half the smallest step.
NEAR = 0.5


@dataclass(frozen=True, eq=False)
class Matched:
    """The tilts of two series that are the same images.

    Attributes
    ----------
    pairs
        (K, 2) rows of the two.
    by
        What tells so.
    rival
        Another reading that fits, in which the second tomogram has the other hand.
    is_open
        Whether that is as likely.
    """

    pairs: Whole
    by: By
    rival: Matched | None = None
    is_open: bool = False


def matched(first: TiltSeries, second: TiltSeries) -> Matched:
    """Which tilts of two series are the same images: by name, section, order or angle.

    Raises `UserError` where nothing tells.
    """
    named = _alike(*_names(first, second))
    if named is not None:
        return Matched(named, "name")
    sections = _alike(*_sections(first, second))
    if sections is not None and _fits(first, second, sections):
        return Matched(sections, "section")
    angles = list(_by_angles(first, second))
    in_order = np.column_stack([np.arange(len(first))] * 2)
    if sections is None and len(first) == len(second):
        return _of_lines(first, second, Matched(in_order, "order"), angles)
    if angles:
        return _with_rival(*angles)
    if sections is not None:
        return Matched(sections, "section")
    raise UserError(
        f"{first.name} has {counted(len(first), 'tilt')} and {second.name} has {len(second):,}, "
        "and nothing tells which of them belong together",
        where=str(second.files[0]) if second.files else "",
        hint="Give files of the same tilts.",
    )


def _of_lines(
    first: TiltSeries, second: TiltSeries, in_order: Matched, angles: Sequence[Matched]
) -> Matched:
    """Of files with as many lines: by order, if angles do not speak against it."""
    same = next((k for k, a in enumerate(angles) if np.array_equal(in_order.pairs, a.pairs)), None)
    if same == 0 or not angles:
        return in_order
    if same is not None:  # one package negates the angles of the other, which is usual
        return Matched(in_order.pairs, in_order.by, angles[0])
    if _fits(first, second, in_order.pairs, further=NEAR):
        return _with_rival(in_order, *angles)
    return _with_rival(*angles)


def _with_rival(best: Matched, *others: Matched) -> Matched:
    return Matched(best.pairs, best.by, others[0], is_open=True) if others else best


def _fits(first: TiltSeries, second: TiltSeries, pairs: Whole, further: float = np.inf) -> bool:
    """Whether the tilts could be the same, turned by no more than `further` degrees besides."""
    ours, theirs = matrices_of(first)[pairs[:, 0]], matrices_of(second)[pairs[:, 1]]
    if not (is_determined(ours) and is_determined(theirs)):
        return True
    relation = relate(ours, theirs)
    return relation.fits and relation.rest <= further


def _alike(first: Sequence[Hashable], second: Sequence[Hashable]) -> Whole | None:
    """Rows (K, 2) of the same keys; None of fewer than two."""
    places = {key: k for k, key in enumerate(second)}
    pairs = [(k, places[key]) for k, key in enumerate(first) if key in places]
    return np.array(pairs, dtype=np.int64) if len(pairs) > 1 else None


def _sections(first: TiltSeries, second: TiltSeries) -> tuple[list[int], list[int]]:
    """Those of one stack, as far as the files say so: of another number of tilts that are counted
    from 1 in both files nothing tells whether the one stack has lost some."""
    if first.sections is None or second.sections is None or first.by_line or second.by_line:
        return [], []
    shorter, longer = sorted((first.sections, second.sections), key=len)
    if len(shorter) < len(longer) and int(shorter.max()) == len(shorter):
        return [], []
    return first.sections.tolist(), second.sections.tolist()


def _names(first: TiltSeries, second: TiltSeries) -> tuple[list[str], list[str]]:
    a, b = ([name.rpartition(".")[0] or name for name in s.images] for s in (first, second))
    unique = len(set(a)) == len(a) and len(set(b)) == len(b)
    return (a, b) if unique else ([], [])


def _by_angles(first: TiltSeries, second: TiltSeries) -> Iterator[Matched]:
    """Matches of all tilts of the series that has fewer: by the angles as they are, else negated;
    both of packages that tilt in opposite senses, whose files may have either sign."""
    opposite = PACKAGES[first.package].sign != PACKAGES[second.package].sign
    ways: tuple[tuple[By, float], ...] = (("angle", 1.0), ("opposite angle", -1.0))
    for by, sign in ways:
        pairs = _nearest(first.angles, sign * second.angles)
        if pairs is not None:
            yield Matched(pairs, "reverse" if _is_reversed(pairs, first, second) else by)
            if not opposite:
                return


def _is_reversed(pairs: Whole, first: TiltSeries, second: TiltSeries) -> bool:
    there_and_back = np.array_equal(pairs[:, 1], np.arange(len(second))[::-1])
    return len(first) == len(second) and there_and_back


def _nearest(first: Floats, second: Floats) -> Whole | None:
    """Rows (K, 2) of the same angles, in the order of the first; None unless each angle of the
    shorter list has one of its own in the other."""
    few, many = (first, second) if len(first) <= len(second) else (second, first)
    order = np.argsort(many, kind="stable")
    ranked = many[order]
    after = np.clip(np.searchsorted(ranked, few), 1, len(many) - 1)
    nearer = np.abs(ranked[after - 1] - few) <= np.abs(ranked[after] - few)
    found = order[np.where(nearer, after - 1, after)]
    steps = [np.diff(np.sort(angles)).min() for angles in (few, many)]
    limit = min(NEAR, min(steps) / 2.0)
    if not (np.abs(many[found] - few) < limit).all() or len(np.unique(found)) < len(few):
        return None
    rows = np.arange(len(few))
    pairs = (rows, found) if few is first else (found, rows)
    both = np.column_stack(pairs)
    sorted_rows: Whole = both[np.argsort(both[:, 0])]
    return sorted_rows
