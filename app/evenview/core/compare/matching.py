"""Which row of one file is the same particle as which row of another.

By cryoSPARC's uid; by the image, its number and its stack, whose folders, suffix and leading number
may differ; by the micrograph (or tomogram) and the place in it; or row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evenview.core.compare.images import by_image
from evenview.core.compare.keys import paired
from evenview.core.compare.matched import TOLERANCE, WAYS, Matches, Side, Way
from evenview.core.compare.places import MATCHING, by_place
from evenview.core.errors import UserError
from evenview.core.progress import Progress, share, silent
from evenview.core.record import Record

#: A way is taken without trying the next where it finds this part of the smaller file.
_ENOUGH = 0.5


__all__ = ["TOLERANCE", "WAYS", "Matches", "Side", "Way", "match"]


def match(
    a: Side,
    b: Side,
    way: Way | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress = silent,
) -> Matches:
    """Match the rows of two files.

    Parameters
    ----------
    way
        None takes the first of `WAYS` that both files allow and that finds half of the smaller one
        or, if none does, the one that finds most. Row by row is only taken where the files have
        equally many rows and nothing in common to tell particles by.
    tolerance
        Å (pixels where they have no size) for "micrograph+coordinates".

    Raises
    ------
    UserError
        The files do not say what `way` needs, have no particle in common, or are not equally long
        where rows are to be matched.
    """
    if way is not None:
        found = _one_way(a, b, way, tolerance, progress)
        if isinstance(found, str):
            raise UserError(found, hint="Choose another way with --match.")
        return replace(_some([found], a, b), why="as was asked for")
    tried: list[Matches] = []
    passed: list[str] = []
    for number, one in enumerate(WAYS[:-1]):
        found = _one_way(a, b, one, tolerance, share(progress, number, len(WAYS) - 1))
        if isinstance(found, str):
            passed.append(found)
            continue
        if len(found) >= _ENOUGH * min(a.rows, b.rows):
            return replace(found, why=_why(found, tried, passed))
        tried.append(found)
        passed.append(f"{one} finds {len(found):,}")
    if tried:
        found = _some(tried, a, b)
        return replace(found, why=_why(found, tried, passed))
    return replace(_by_row_at_last(a, b), why="as nothing else tells the particles apart")


def _why(found: Matches, tried: Sequence[Matches], passed: Sequence[str]) -> str:
    """Why one way was taken, where none was asked for."""
    if any(found.way == other.way for other in tried):
        return "as no way finds more: " + ", ".join(passed)
    return f"as {', '.join(passed)}" if passed else "the first way to try"


def _some(tried: Sequence[Matches], a: Side, b: Side) -> Matches:
    """The one that finds most; raises `UserError` with a name of each side where that is none."""
    found = max(tried, key=len)
    if len(found):
        return found
    ways = " or ".join(one.way for one in tried)
    names = [_example(side, tried[0].way) for side in (a, b)]
    such = f": A has {names[0]}, B has {names[1]}" if all(names) else ""
    raise UserError(
        f"no particle of the one file is in the other by {ways}{such}",
        hint="If their rows are in the same order, say --match row.",
    )


def _example(side: Side, way: Way) -> str:
    """By what the first particle of a file could have been matched, "" if there is nothing."""
    record = side.record
    if record is None or not len(record):
        return ""
    if way == "uid" and record.uids is not None:
        return f"uid {record.uids[0]}"
    if way == "image" and record.images is not None:
        names = record.images.stacks
        stack = "" if names is None else names.of_rows(np.array([0])).texts()[0]
        return f'"{record.images.index[0]:06d}@{stack}"'
    names = record.tomograms if record.subtomograms else record.micrographs
    if names is None or record.coordinates is None:
        return ""
    place = ", ".join(f"{x:.6g}" for x in record.coordinates.values[0].tolist())
    return f'"{names.of_rows(np.array([0])).texts()[0]}" at ({place})'


def _by_row_at_last(a: Side, b: Side) -> Matches:
    found = _by_row(a, b)
    if isinstance(found, str):
        raise UserError(
            "the files say nothing that tells which particles are the same (uid, image, micrograph "
            f"and coordinates), and have {a.rows:,} and {b.rows:,} rows",
            hint="Rows can be matched in order only where there are equally many.",
        )
    return found


def _one_way(a: Side, b: Side, way: Way, tolerance: float, progress: Progress) -> Matches | str:
    """The matches, or why there cannot be any."""
    progress(0.0, MATCHING)
    if way == "row":
        return _by_row(a, b)
    for name, side in (("A", a), ("B", b)):
        if side.record is None:
            why = side.why_not or "its columns are not understood"
            return f"{name} cannot be matched by {way}: {why}"
    assert a.record is not None
    assert b.record is not None
    if way == "uid":
        return _by_uid(a.record, b.record)
    if way == "image":
        return by_image(a.record, b.record)
    return by_place(a.record, b.record, tolerance, progress)


def _by_row(a: Side, b: Side) -> Matches | str:
    if a.rows != b.rows:
        return f"rows cannot be matched in order: A has {a.rows:,} and B has {b.rows:,}"
    rows = np.arange(a.rows)
    note = "Row by row: nothing in the files was looked at to see that the particles are the same."
    return Matches(rows, rows, "row", "row by row, in the order of the files", (note,))


def _by_uid(a: Record, b: Record) -> Matches | str:
    if a.uids is None and b.uids is None:
        return "neither file has uids"
    for name, record in (("A", a), ("B", b)):
        if record.uids is None:
            return f"{name} has no uids"
    rows_a, rows_b, notes = paired(np.asarray(a.uids), np.asarray(b.uids), "uid")
    return Matches(rows_a, rows_b, "uid", "by cryoSPARC's uid", notes)
