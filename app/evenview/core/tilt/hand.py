"""The hand of a tilt series from defocus: which side of a tilted specimen is further from focus.

With P and the depth d of `core.tilt.packages`, ``defocus = that of the centre + h d``, h being 1 or
-1. In a geometry with ``P = Rz(axis) Ry(tilt)`` the point at x to the right of the axis has
``d = -x sin(tilt)``: the slope of defocus against ``x sin(tilt) = -d`` is 1 for h = -1 (the right
side is more underfocused at positive tilt, IMOD's rule) and -1 for h = 1. A tomogram of the other
hand has h of the other sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from evenview.core.tilt.packages import (
    PACKAGES,
    across_axis,
    are_edge_on,
    depth_in_plane,
    matrices_of,
)
from evenview.core.tilt.relation import Combination
from evenview.core.tilt.series import TiltSeries
from evenview.core.tilt.slope import Slope, robust_slope

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: A slope within so many standard errors of 0 decides nothing, nor does one that chance would give
#: as often: of few values it is to be more of them (Student's t).
SURE = 3.0
#: Of fewer tilts with values no hand is decided, however well they lie on a line.
MIN_TILTS = 4
#: Å: no defocus is measured better than to this.
BEST = 50.0
#: Where lengths are known, a slope that is further from 1 and -1 than this is odd, if its errors
#: leave that in no doubt.
ODD = 0.2
#: Where lengths are known, a slope nearer to 0 is that of neither hand, which have 1 and -1.
FLAT = 0.1


@dataclass(frozen=True, eq=False)
class Measured:
    """Defocus measured at places of tilted images.

    Attributes
    ----------
    tilts
        (K,) the tilt of each row, by its place in the series from 0.
    places
        (K, 2) in the image, about any one point of it; or (K, 3) in the tomogram.
    defocus
        (K,) Å, underfocus positive.
    unit
        Å per unit of `places`; None where that is not known, and the slope is not in proportion.
    note
        How they were read, where that was not the only way; "" for nothing to say.
    """

    tilts: Whole
    places: Floats
    defocus: Floats
    unit: float | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Sides:
    """Defocus (K,) Å of what lies left and right of the axis, in images with the axis upright.

    `apart` is how far the middles of the two parts are from each other in the image, Å, and `note`
    how they were read, where that was not the only way.
    """

    tilts: Whole
    left: Floats
    right: Floats
    apart: float | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Points:
    """What the slope is of, without what is not finite or at no known depth.

    Attributes
    ----------
    x
        (K,) x sin(tilt), x to the right of the axis: Å, or in proportion where lengths are not
        known.
    defocus
        (K,) Å; of `Sides` right minus left.
    groups
        (K,) from 0: values of a group have one level, which is not known.
    tilts
        (K,) the tilt of each by its place in the series from 0.
    scaled
        Whether x is in Å.
    edge_on
        How many values were left out as the middle plane is seen from its edge at their tilt, and
        places in the image tell no depth.
    """

    x: Floats
    defocus: Floats
    groups: Whole
    tilts: Whole
    scaled: bool
    edge_on: int = 0

    def levelled(self, slope: float | None) -> Floats:
        """The defocus (K,) with the level of each group taken off, as a line of `slope` has it."""
        rest = self.defocus - (slope or 0.0) * self.x
        levels = [float(np.median(rest[self.groups == g])) for g in range(self._n_groups)]
        found: Floats = self.defocus - np.array(levels)[self.groups]
        return found

    @property
    def _n_groups(self) -> int:
        return int(self.groups.max()) + 1 if len(self.groups) else 0


@dataclass(frozen=True)
class Hand:
    """What a slope of defocus says.

    Attributes
    ----------
    slope
        Of defocus against x sin(tilt), x to the right of the axis; None of too few values.
    tilts
        How many tilts were used.
    scaled
        Whether the slope is expected to be 1 or -1; if not only its sign means something.
    edge_on
        As of `Points`.
    """

    slope: Slope | None
    tilts: int
    scaled: bool
    edge_on: int = 0

    @property
    def needed(self) -> float:
        """How many standard errors decide: `SURE` of many values, more of few."""
        if self.slope is None:
            return SURE
        return float(-stdtrit(self.slope.free, ndtr(-SURE)))

    @property
    def depth_sign(self) -> Literal[1, -1] | None:
        """h of the module's formula in the geometry of the series; None where it is undecided."""
        if self.slope is None or self.doubt:
            return None
        return -1 if self.slope.value > 0 else 1

    @property
    def doubt(self) -> Literal["", "values", "tilts", "error", "few", "flat"]:
        """Why it is undecided: too few values or tilts, a slope within `SURE` errors of 0, within
        those that few values need, or far too flat; "" where it is decided."""
        if self.slope is None:
            return "values"
        value, error = abs(self.slope.value), self.slope.error
        if self.tilts < MIN_TILTS:
            return "tilts"
        if value <= self.needed * error:
            return "error" if value <= SURE * error else "few"
        return "flat" if self.scaled and value < FLAT else ""

    @property
    def odd(self) -> bool:
        """Whether a slope that decides is further from 1 and -1 than `ODD` and than the standard
        errors that are `needed`."""
        if self.slope is None or self.depth_sign is None or not self.scaled:
            return False
        return abs(abs(self.slope.value) - 1.0) > max(ODD, self.needed * self.slope.error)


def hand_of(series: TiltSeries, found: Measured | Sides) -> Hand:
    """The hand of a series from defocus, by `points_of`."""
    points = points_of(series, found)
    if not len(points.tilts):
        return Hand(None, 0, points.scaled, points.edge_on)
    slope = robust_slope(points.x, points.defocus, points.groups, _known_to(found))
    return Hand(slope, len(np.unique(points.tilts)), points.scaled, points.edge_on)


def _known_to(found: Measured | Sides) -> float:
    """Å of what the slope is of, at best: a difference of two values is known less well."""
    return BEST * np.sqrt(2.0) if isinstance(found, Sides) else BEST


def points_of(series: TiltSeries, found: Measured | Sides) -> Points:
    """Defocus against x sin(tilt).

    Rows that are not finite are left out, and places in images that have the middle plane from its
    edge.
    """
    if isinstance(found, Sides):
        return _of_sides(series, found)
    finite = np.isfinite(found.defocus) & np.isfinite(found.places).all(axis=1)
    rows, edge_on = np.flatnonzero(finite), 0
    in_images = found.places.shape[1] == 2
    if in_images:
        rows, edge_on = _seen_flat(series, found.tilts, finite)
    tilts, places = found.tilts[rows], found.places[rows]
    matrices = matrices_of(series)[tilts]
    if in_images:
        depths = depth_in_plane(matrices, places)
    else:
        depths = np.einsum("ni,ni->n", matrices[:, 2], places)
    _, groups = np.unique(tilts, return_inverse=True)
    x = -depths * (found.unit or 1.0)
    return Points(x, found.defocus[rows], groups, tilts, found.unit is not None, edge_on)


def _of_sides(series: TiltSeries, found: Sides) -> Points:
    finite = np.isfinite(found.left) & np.isfinite(found.right)
    rows, edge_on = _seen_flat(series, found.tilts, finite)
    tilts = found.tilts[rows]
    places = across_axis(series.axes[tilts]) * (found.apart or 1.0)
    rise = found.right[rows] - found.left[rows]
    x = -depth_in_plane(matrices_of(series)[tilts], places)
    groups = np.zeros(len(tilts), np.int64)
    return Points(x, rise, groups, tilts, found.apart is not None, edge_on)


def _seen_flat(series: TiltSeries, tilts: Whole, wanted: NDArray[np.bool_]) -> tuple[Whole, int]:
    """The wanted rows whose tilts do not have the middle plane from its edge, and how many do."""
    rows = np.flatnonzero(wanted)
    edge_on = are_edge_on(matrices_of(series))[tilts[rows]]
    return rows[~edge_on], int(np.count_nonzero(edge_on))


def depth_sign_of(combination: Combination, depth_sign: int) -> int:
    """h in a package's tomogram, of h in that of the series: mirrored, it is the opposite."""
    return -depth_sign if combination.relation.mirrors else depth_sign


def read_by(series_package: str, package: str, depth_sign: int) -> int:
    """h in the tomogram that another package makes of the same axis and angles."""
    same = PACKAGES[series_package].sign == PACKAGES[package].sign
    return depth_sign if same else -depth_sign


def right_side(package: str, depth_sign: int) -> Literal["more", "less"]:
    """Whether what is right of the axis is more or less underfocused at a positive angle."""
    matrix = PACKAGES[package].matrices(30.0, 0.0)
    depth = depth_in_plane(matrix, across_axis(0.0))[0]
    return "more" if depth_sign * depth > 0 else "less"
