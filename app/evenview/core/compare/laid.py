"""Places that one program has laid out otherwise: upside down, in other pixels, from elsewhere.

Of two particles in one micrograph the places ``p`` in A and ``p'`` in B are related by
``p' = s Q p + c``: Q mirrors axes or exchanges x and y, s is a ratio of pixel sizes, c where the
counting begins (the height of the micrograph where y is turned round). Every particle of A with
every one of B in the same micrograph votes for its c; the true one collects all particles that are
in both, the others are spread over the whole micrograph.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Pairs of places that vote, and the fewest votes that are more than chance.
_PAIRS, _FEWEST = 60_000, 6
#: Tolerances: an offset that is smaller is none.
_STILL = 0.25
#: Ratios of pixel sizes are ratios of such small numbers, to within this part of the extents.
_MOST, _NEAR = 8, 0.06


@dataclass(frozen=True, eq=False)
class Laid:
    """How places of B follow from those of A: ``p' = matrix p + offset``.

    Attributes
    ----------
    matrix
        (k, k): mirrors and exchanges axes and scales them.
    offset
        (k,) in the unit of the places.
    """

    matrix: Floats
    offset: Floats

    def back(self, points: Floats) -> Floats:
        """Places of B (N, k) as A would have them."""
        moved: Floats = (points - self.offset) @ np.linalg.inv(self.matrix).T
        return moved

    def told(self, unit: str) -> tuple[str, ...]:
        """What was done to the places, a sentence; none where nothing was."""
        k = len(self.offset)
        scale = float(np.abs(self.matrix[0]).sum())
        q = np.round(self.matrix / scale)
        terms = [
            _term(i, q[i], scale, float(self.offset[i]))
            for i in range(k)
            if scale != 1.0 or q[i, i] != 1.0 or self.offset[i]
        ]
        if not terms:
            return ()
        words = f"Places in B are those in A with {', '.join(terms)} ({unit})"
        upside_down = k == 2 and (q == np.diag([1.0, -1.0])).all()
        return (f"{words}: B's micrographs are upside down." if upside_down else f"{words}.",)


def _term(axis: int, row: Floats, scale: float, offset: float) -> str:
    """One coordinate of B: "y_B = 4092 − y_A"."""
    of = int(np.argmax(np.abs(row)))
    factor = "" if scale == 1.0 else f"{scale:.4g} "
    own, name = f"{'xyz'[axis]}_B", f"{'xyz'[of]}_A"
    if row[of] < 0:
        return f"{own} = {offset:.5g} \N{MINUS SIGN} {factor}{name}"
    sign = "\N{MINUS SIGN}" if offset < 0 else "+"
    rest = f" {sign} {abs(offset):.5g}" if offset else ""
    return f"{own} = {factor}{name}{rest}"


def as_it_is(k: int) -> Laid:
    """The places of both files are the same."""
    return Laid(np.eye(k), np.zeros(k))


def laid_out(
    codes: tuple[Whole, Whole], points: tuple[Floats, Floats], tolerance: float
) -> Laid | None:
    """The way in which most particles of B would be at places of A; None where none stands out.

    Parameters
    ----------
    codes
        (N,) and (M,): equal where the micrograph is, -1 for none.
    points
        (N, k) and (M, k).
    tolerance
        In the unit of the places: how near is the same.
    """
    first, second = _pairs(*codes, *points)
    if not len(first):
        return None
    places, others = points[0][first], points[1][second]
    best, most = None, _FEWEST - 1
    for scale in _scales(places, others):
        for q in _layouts(places.shape[1]):
            turned = scale * places @ q.T
            offset, votes = _voted(others - turned, tolerance)
            # A simpler way is only given up for one that clearly more are for.
            if votes > 1.1 * most:
                moved = (q < 0).any(axis=1) | (np.abs(offset) > _STILL * tolerance)
                best, most = Laid(scale * q, np.where(moved, offset, 0.0)), votes
    return best


def _pairs(codes_a: Whole, codes_b: Whole, a: Floats, b: Floats) -> tuple[Whole, Whole]:
    """Rows of A and of B in the same micrograph, every one with every one, of some micrographs."""
    rows_a = np.flatnonzero((codes_a >= 0) & np.isfinite(a).all(axis=1))
    rows_b = np.flatnonzero((codes_b >= 0) & np.isfinite(b).all(axis=1))
    rows_a, rows_b = (
        rows[np.argsort(codes[rows], kind="stable")]
        for codes, rows in ((codes_a, rows_a), (codes_b, rows_b))
    )
    in_a, in_b = codes_a[rows_a], codes_b[rows_b]
    common = np.intersect1d(in_a, in_b)
    from_a, from_b = np.searchsorted(in_a, common), np.searchsorted(in_b, common)
    many_a, many_b = (
        np.searchsorted(codes, common, "right") - start
        for codes, start in ((in_a, from_a), (in_b, from_b))
    )
    ends = np.cumsum(many_a * many_b)
    # The pairs are numbered through all micrographs, so that only those that count are made.
    pair = np.arange(min(int(ends[-1]), _PAIRS) if len(ends) else 0)
    where = np.searchsorted(ends, pair, "right")
    within = pair - (ends - many_a * many_b)[where]
    each = many_b[where]
    return rows_a[from_a[where] + within // each], rows_b[from_b[where] + within % each]


def _scales(a: Floats, b: Floats) -> list[float]:
    """1, and the ratio of small numbers that is next to that of how far the places spread."""
    spread_a, spread_b = (
        np.percentile(some, 98, axis=0) - np.percentile(some, 2, axis=0) for some in (a, b)
    )
    if not (spread_a.max() > 0 and spread_b.max() > 0):
        return [1.0]
    ratio = float(spread_b.max() / spread_a.max())
    small = range(1, _MOST + 1)
    nearest = min((p / q for p, q in product(small, small)), key=lambda x: abs(x / ratio - 1.0))
    if nearest == 1.0 or abs(nearest / ratio - 1.0) > _NEAR:
        return [1.0]
    return [1.0, nearest]


def _layouts(k: int) -> list[Floats]:
    """The axes as they are, turned round (y first), and with x and y exchanged."""
    exchanged = np.eye(k)[[1, 0, *range(2, k)]]
    signs = sorted(product((1.0, -1.0), repeat=k), key=lambda s: (s.count(-1.0), s[1] > 0))
    return [np.diag(s) @ axes for axes in (np.eye(k), exchanged) for s in signs]


def _voted(offsets: Floats, tolerance: float) -> tuple[Floats, int]:
    """The offset (k,) that most pairs (P, k) have, within the tolerance, and how many."""
    keys = _keys(np.floor(offsets / tolerance))
    found, counts = np.unique(keys, return_counts=True)
    middle = np.median(offsets[keys == found[np.argmax(counts)]], axis=0)
    for _ in range(2):
        near = (np.abs(offsets - middle) <= tolerance).all(axis=1)
        middle = np.median(offsets[near], axis=0)
    near = (np.abs(offsets - middle) <= 0.5 * tolerance).all(axis=1)
    return middle, int(np.count_nonzero(near))


def _keys(cells: Floats) -> Whole:
    """A number for each cell (P, k), the same for the same ones.

    Cells are numbered by their rank along each axis: far fewer are taken than there are, and of
    those a product of the sizes of small cells can exceed all whole numbers.
    """
    ranks = [np.unique(axis, return_inverse=True) for axis in cells.T]
    sizes = tuple(len(values) for values, _ in ranks)
    return np.asarray(np.ravel_multi_index(tuple(rank for _, rank in ranks), sizes))
