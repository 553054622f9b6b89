"""Which row of one file is the same particle as which row of another.

By cryoSPARC's uid; by the image, its number and its stack, whose folders, suffix and leading number
may differ; by the micrograph (or tomogram) and the place in it; or row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenview.core.compare.keys import READINGS, codes_of, in_common, paired
from evenview.core.errors import UserError
from evenview.core.record import Coordinates, Images, Record

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Way = Literal["uid", "image", "micrograph+coordinates", "row"]
WAYS: tuple[Way, ...] = get_args(Way)

#: Å, or pixels where they have no size: how far apart the same particle may have been picked.
TOLERANCE = 20.0
#: A looser way to read names is taken where it finds more by this part.
_MORE = 0.01
#: A way is taken without trying the next where it finds this part of the smaller file.
_ENOUGH = 0.5


@dataclass(frozen=True, eq=False)
class Side:
    """One of the files: its rows, and what it says of them, None where it says no more than poses.

    `why_not` says why, for people.
    """

    rows: int
    record: Record | None = None
    why_not: str = "its columns are not understood"


@dataclass(frozen=True, eq=False)
class Matches:
    """Rows (M,) of A, ascending, and the rows (M,) of B that are the same particles.

    Attributes
    ----------
    way, words
        How they were matched, the second for people.
    notes
        What else is to be known, a sentence each.
    """

    rows_a: Whole
    rows_b: Whole
    way: Way
    words: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows_a)


def match(a: Side, b: Side, way: Way | None = None, tolerance: float = TOLERANCE) -> Matches:
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
        found = _one_way(a, b, way, tolerance)
        if isinstance(found, str):
            raise UserError(found, hint="Choose another way with --match.")
        return _some(found, [way])
    tried: list[Matches] = []
    for one in WAYS[:-1]:
        found = _one_way(a, b, one, tolerance)
        if isinstance(found, str):
            continue
        if len(found) >= _ENOUGH * min(a.rows, b.rows):
            return found
        tried.append(found)
    if tried:
        return _some(max(tried, key=len), [found.way for found in tried])
    return _by_row_at_last(a, b)


def _some(found: Matches, tried: Sequence[str]) -> Matches:
    if len(found):
        return found
    raise UserError(
        f"no particle of the one file is in the other by {' or '.join(tried)}",
        hint="If their rows are in the same order, say --match row.",
    )


def _by_row_at_last(a: Side, b: Side) -> Matches:
    found = _by_row(a, b)
    if isinstance(found, str):
        raise UserError(
            "the files say nothing that tells which particles are the same (uid, image, micrograph "
            f"and coordinates), and have {a.rows:,} and {b.rows:,} rows",
            hint="Rows can be matched in order only where there are equally many.",
        )
    return found


def _one_way(a: Side, b: Side, way: Way, tolerance: float) -> Matches | str:
    """The matches, or why there cannot be any."""
    if way == "row":
        return _by_row(a, b)
    for name, side in (("A", a), ("B", b)):
        if side.record is None:
            return f"{name} cannot be matched by {way}: {side.why_not}"
    assert a.record is not None
    assert b.record is not None
    if way == "uid":
        return _by_uid(a.record, b.record)
    if way == "image":
        return _by_image(a.record, b.record)
    return _by_place(a.record, b.record, tolerance)


def _by_row(a: Side, b: Side) -> Matches | str:
    if a.rows != b.rows:
        return f"rows cannot be matched in order: A has {a.rows:,} and B has {b.rows:,}"
    rows = np.arange(a.rows)
    note = "Row by row: nothing in the files was looked at to see that the particles are the same."
    return Matches(rows, rows, "row", "row by row, in the order of the files", (note,))


def _by_uid(a: Record, b: Record) -> Matches | str:
    for name, record in (("A", a), ("B", b)):
        if record.uids is None:
            return f"{name} has no uids"
    rows_a, rows_b, notes = paired(np.asarray(a.uids), np.asarray(b.uids), "uid")
    return Matches(rows_a, rows_b, "uid", "by cryoSPARC's uid", notes)


def _by_image(a: Record, b: Record) -> Matches | str:
    for name, record in (("A", a), ("B", b)):
        if record.images is None:
            return f"{name} does not say which images its particles are"
    images = (_from_one(a.images), _from_one(b.images))
    (first, note_a), (second, note_b) = images
    notes = tuple(
        f"{name} counts images from 0." for name, n in (("A", note_a), ("B", note_b)) if n
    )
    if not _named(first) or not _named(second):
        if _stacks(first) > 1 or _stacks(second) > 1:
            return "only one of the files names the stacks that its images are in"
        return _by_number(first, second, notes)
    return _by_stack(first, second, notes)


def _by_number(a: Images, b: Images, notes: tuple[str, ...]) -> Matches:
    rows_a, rows_b, more = paired(_known(a.index), _known(b.index), "image number")
    return Matches(rows_a, rows_b, "image", "by the number of the image", (*notes, *more))


def _by_stack(a: Images, b: Images, notes: tuple[str, ...]) -> Matches:
    assert a.stacks is not None
    assert b.stacks is not None
    best: Matches | None = None
    for words, short in READINGS:
        codes_a, codes_b = codes_of(a.stacks, b.stacks, short)
        if best is not None and in_common(codes_a, codes_b) <= len(best) * (1 + _MORE):
            continue
        found = _at_any_base(codes_a, a.index, codes_b, b.index, words, notes)
        if best is None or len(found) > len(best) * (1 + _MORE):
            best = found
    assert best is not None
    return best


def _at_any_base(
    codes_a: Whole, index_a: Whole, codes_b: Whole, index_b: Whole, words: str, notes: Sequence[str]
) -> Matches:
    """The matches with the numbers as they stand, or one apart where that finds more."""
    best: Matches | None = None
    for step in (0, 1, -1):
        # Single images that are files of their own have no numbers, but their name.
        one, other = _image_keys(codes_a, index_a, 0), _image_keys(codes_b, index_b, step)
        rows_a, rows_b, more = paired(one, other, "image")
        told = f"by image, number and {words} of the stack"
        if step:
            low = "B" if step > 0 else "A"
            more = (f"{low} counts images from 0, the other file from 1.", *more)
        found = Matches(rows_a, rows_b, "image", told, (*notes, *more))
        if best is None or len(found) > len(best) * (1 + _MORE):
            best = found
        if len(best) >= (1 - _MORE) * min(len(one), len(other)):
            break
    assert best is not None
    return best


def _image_keys(codes: Whole, index: Whole, step: int) -> Whole:
    return np.where(codes < 0, -1, (codes << 32) + np.where(index > 0, index + step, 0))


def _known(index: Whole) -> Whole:
    return np.where(index > 0, index, -1)


def _named(images: Images) -> bool:
    return images.stacks is not None and bool((images.stacks.codes >= 0).any())


def _stacks(images: Images) -> int:
    return 0 if images.stacks is None else len(np.unique(images.stacks.codes))


def _from_one(images: Images | None) -> tuple[Images, bool]:
    """Images whose numbers count from 1, and whether they counted from 0.

    A number of 0 means "none" where all are 0 (images that are files of their own); among others it
    is the first of a stack that is counted from 0.
    """
    assert images is not None
    of_stacks = images.index if images.stacks is None else images.index[images.stacks.codes >= 0]
    from_zero = bool((of_stacks == 0).any() and (of_stacks > 0).any())
    return (Images(images.index + 1, images.stacks), True) if from_zero else (images, False)


def _by_place(a: Record, b: Record, tolerance: float) -> Matches | str:
    if not (np.isfinite(tolerance) and tolerance > 0):
        raise UserError(f"a tolerance of {tolerance:g} cannot be")
    places = []
    for name, record in (("A", a), ("B", b)):
        names = record.tomograms if record.subtomograms else record.micrographs
        if names is None or record.coordinates is None:
            kind = "tomogram" if record.subtomograms else "micrograph"
            return f"{name} does not say in which {kind} its particles are, and where"
        places.append((names, record.coordinates))
    (names_a, first), (names_b, second) = places
    if first.values.shape[1] != second.values.shape[1] or first.unit != second.unit:
        return "the coordinates of the two files are not of one kind"
    points_a, points_b, unit = _in_one_unit(first, second)
    best: Matches | None = None
    for words, short in READINGS:
        codes = codes_of(names_a, names_b, short)
        if best is not None and in_common(*codes) <= len(best) * (1 + _MORE):
            continue
        rows = _mutually_nearest(codes, (points_a, points_b), tolerance)
        told = f"by micrograph ({words}) and place within {tolerance:g} {unit}"
        if best is None or len(rows[0]) > len(best) * (1 + _MORE):
            best = Matches(*rows, "micrograph+coordinates", told)
    assert best is not None
    return best


def _in_one_unit(a: Coordinates, b: Coordinates) -> tuple[Floats, Floats, str]:
    """Places (N, k) in Å where the pixels of both have a size, else in pixels as they are."""
    if a.unit == "centred":
        return a.values, b.values, "Å"
    sizes = (a.pixel_size, b.pixel_size)
    if any(size is None or not np.isfinite(size).all() for size in sizes):
        return a.values, b.values, "pixels"
    return a.values * np.asarray(sizes[0])[:, None], b.values * np.asarray(sizes[1])[:, None], "Å"


def _mutually_nearest(
    codes: tuple[Whole, Whole], points: tuple[Floats, Floats], tolerance: float
) -> tuple[Whole, Whole]:
    """Rows of points of the same code that are each other's nearest, within a tolerance."""
    rows = [
        np.flatnonzero((c >= 0) & np.isfinite(p).all(axis=1))
        for c, p in zip(codes, points, strict=True)
    ]
    # Codes are so far apart along an axis of their own that no other micrograph is in reach.
    spread = [
        np.column_stack([4.0 * tolerance * c[r], p[r]])
        for c, p, r in zip(codes, points, rows, strict=True)
    ]
    if not len(rows[0]) or not len(rows[1]):
        return rows[0][:0], rows[1][:0]
    to_b = _nearest(spread[0], spread[1], tolerance)
    to_a = _nearest(spread[1], spread[0], tolerance)
    near = np.flatnonzero(to_b < len(rows[1]))
    mutual = near[to_a[to_b[near]] == near]
    return rows[0][mutual], rows[1][to_b[mutual]]


def _nearest(points: Floats, others: Floats, tolerance: float) -> Whole:
    """The row of `others` nearest to each point (N,); one too many where none is in reach."""
    rows = cKDTree(others).query(points, distance_upper_bound=tolerance)[1]
    return np.asarray(rows, dtype=np.int64)
