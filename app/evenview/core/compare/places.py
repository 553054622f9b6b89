"""Which rows are at the same place of the same micrograph or tomogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.compare.keys import PLACE_READINGS, Reading, codes_of, in_common, most_in_common
from evenview.core.compare.laid import as_it_is, laid_out
from evenview.core.compare.matched import MORE, Matches
from evenview.core.errors import UserError
from evenview.core.progress import Progress, share, silent
from evenview.core.record import Coordinates, Names, Record

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Pair = tuple[Whole, Whole]

#: Where fewer than this part of the particles that share a micrograph match as they are, other
#: ways to lay the places out are looked for.
_ENOUGH = 0.5
#: Tolerances that places are moved by to see how many are near by chance, and how many times as
#: many must be.
_ASIDE, _CLEARLY = 5.0, 2.0
#: Rows whose nearest is looked for at a time.
_CHUNK = 100_000
MATCHING = "Matching the particles"


def by_place(a: Record, b: Record, tolerance: float, progress: Progress = silent) -> Matches | str:
    """Rows that are each other's nearest in the same micrograph; or why there cannot be any.

    Parameters
    ----------
    tolerance
        Å; pixels where these have no size.

    Raises
    ------
    UserError
        The tolerance is none.
    """
    if not (np.isfinite(tolerance) and tolerance > 0):
        raise UserError(f"a tolerance of {tolerance:g} cannot be")
    sides = []
    for name, record in (("A", a), ("B", b)):
        names = record.tomograms if record.subtomograms else record.micrographs
        if names is None or record.coordinates is None:
            kind = "tomogram" if record.subtomograms else "micrograph"
            return f"{name} does not say in which {kind} its particles are, and where"
        sides.append((names, record.coordinates))
    (names_a, first), (names_b, second) = sides
    if first.values.shape[1] != second.values.shape[1]:
        return "one of the files has places in micrographs, the other in tomograms"
    points_a, points_b, unit = _in_one_unit(first, second)
    places = _Places((points_a, points_b), tolerance, unit)
    found = _nearest_of_any_reading((names_a, names_b), places, progress)
    if found is None:
        return Matches(*_none(), "micrograph+coordinates", "by micrograph and place")
    return found


@dataclass(frozen=True, eq=False)
class _Places:
    """Places (N, k) and (M, k) of A and B, and how near is the same, in a unit."""

    points: tuple[Floats, Floats]
    tolerance: float
    unit: str


def _none() -> Pair:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


def _nearest_of_any_reading(
    names: tuple[Names, Names], places: _Places, progress: Progress
) -> Matches | None:
    """The matches under the strictest reading of the names that finds as many as any other."""
    best: Matches | None = None
    tried: Pair | None = None
    for number, reading in enumerate(PLACE_READINGS):
        part = share(progress, number, len(PLACE_READINGS))
        part(0.0, MATCHING)
        if best is not None and most_in_common(*names) <= len(best) * (1 + MORE):
            break
        codes = codes_of(*names, reading.short)
        common = in_common(*codes)
        if not common or (best is not None and common <= len(best) * (1 + MORE)):
            continue
        if tried is not None and all(map(np.array_equal, codes, tried)):
            continue  # it tells the same names apart as the one before
        if reading.one_to_one and not all(reading.is_one_to_one(some) for some in names):
            continue
        tried = codes
        found = _nearest(codes, places, reading, part)
        if best is None or len(found) > len(best) * (1 + MORE):
            best = found
    return best


def _nearest(codes: Pair, places: _Places, reading: Reading, progress: Progress) -> Matches:
    (first, second), tolerance = places.points, places.tolerance
    parts = [share(progress, i, 3) for i in range(3)]
    laid = as_it_is(first.shape[1])
    rows = mutually_nearest(codes, (first, second), tolerance, parts[0])
    if len(rows[0]) < _ENOUGH * in_common(*codes):
        # What is near by chance is as near to places that are all moved aside.
        aside = second + _ASIDE * tolerance
        chance = len(mutually_nearest(codes, (first, aside), tolerance, parts[1])[0])
        other = laid_out(codes, (first, second), tolerance)
        if other is not None:
            again = mutually_nearest(codes, (first, other.back(second)), tolerance, parts[2])
            if len(again[0]) > 2 * len(rows[0]):
                rows, laid = again, other
        if len(rows[0]) <= _CLEARLY * chance:
            rows = _none()
    told = f"by micrograph ({reading.words}) and place within {tolerance:g} {places.unit}"
    notes = (*laid.told(places.unit), *(_numbers_note(reading)))
    return Matches(*rows, "micrograph+coordinates", told, notes)


def _numbers_note(reading: Reading) -> tuple[str, ...]:
    if not reading.one_to_one:
        return ()
    return ("Of the names of micrographs or tomograms only a number is the same in both files.",)


def _in_one_unit(a: Coordinates, b: Coordinates) -> tuple[Floats, Floats, str]:
    """Places (N, k) in Å where the pixels of both have a size, else as they are."""
    both = [_in_angstroms(one) for one in (a, b)]
    if both[0] is None or both[1] is None:
        return a.values, b.values, "pixels"
    return both[0], both[1], "Å"


def _in_angstroms(some: Coordinates) -> Floats | None:
    if some.unit == "centred":
        return some.values
    sizes = some.pixel_size
    if sizes is None or not np.isfinite(sizes).all():
        return None
    return np.asarray(some.values * sizes[:, None])


def mutually_nearest(
    codes: Pair,
    points: tuple[Floats, Floats],
    tolerance: float,
    progress: Progress = silent,
) -> Pair:
    """Rows of points of the same code that are each other's nearest, within a tolerance."""
    rows = [
        np.flatnonzero((c >= 0) & np.isfinite(p).all(axis=1))
        for c, p in zip(codes, points, strict=True)
    ]
    if not len(rows[0]) or not len(rows[1]):
        return rows[0][:0], rows[1][:0]
    # Codes are so far apart along an axis of their own that no other micrograph is in reach.
    spread = [
        np.column_stack([4.0 * tolerance * c[r], p[r]])
        for c, p, r in zip(codes, points, rows, strict=True)
    ]
    to_b = _row_of_nearest(spread[0], spread[1], tolerance, share(progress, 0, 2))
    to_a = _row_of_nearest(spread[1], spread[0], tolerance, share(progress, 1, 2))
    near = np.flatnonzero(to_b < len(rows[1]))
    mutual = near[to_a[to_b[near]] == near]
    return rows[0][mutual], rows[1][to_b[mutual]]


def _row_of_nearest(points: Floats, others: Floats, tolerance: float, progress: Progress) -> Whole:
    """The row of `others` nearest to each point (N,); one too many where none is in reach."""
    from scipy.spatial import cKDTree  # late: slow to import, and few comparisons need it

    progress(0.0, MATCHING)
    tree = cKDTree(others)
    rows = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), _CHUNK):
        progress(start / len(points), MATCHING)
        some = points[start : start + _CHUNK]
        rows[start : start + _CHUNK] = tree.query(some, distance_upper_bound=tolerance)[1]
    return rows
