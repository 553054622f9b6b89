"""E_od: how alike the point spread of a set of views is in all directions.

Naydenova & Russo 2017 (Nat. Commun. 8, 629), equation 1: ``E_od = 1 - 2 sd(R) / mean(R)``, R(u) the
distance along u at which the point spread function falls to e⁻² of its peak. With the envelope
``exp(-B s² / 4)`` a view along v adds ``exp(-4π² |x - (x·v) v|² / B)``, so along u at the distance
r the function is the mean over the views of ``exp(-a (1 - (u·v)²))``, ``a = 4π² r² / B``.

Views spread evenly have 1, side views alone 0.283; above 0.5 is called desirable. It does not
depend on B or on the number of views. The authors' own program was not to be had: these numbers
agree with a point spread function made of slices in a grid, and with theirs as far as published.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.sampling import coarser, even_directions, half_bins, in_unit
from evenview.core.symmetry import PointGroup, parse_group

Floats = NDArray[np.float64]

#: Å²; it scales R and not E_od.
B_FACTOR = 160.0
#: HEALPix order of the views: nside 16.
ORDER = 4
_DIRECTIONS, _FEWEST = 600, 20
#: Strengths a: below the least no view set falls to e⁻², beyond the largest R is called that.
_STRENGTHS = np.geomspace(1.9, 3000.0, 24)


@dataclass(frozen=True)
class Spread:
    """E_od and the distances R in Å, over all directions: mean, sd, least (best) and largest."""

    e_od: float
    mean: float
    sd: float
    best: float
    worst: float


@dataclass(frozen=True, eq=False)
class PointSpread:
    """The point spread functions of views of one symmetry, as a matrix on `half_bins`."""

    group: PointGroup

    @cached_property
    def points(self) -> Floats:
        """(R, 3) directions u, spread evenly over the asymmetric unit; opposite ones are one."""
        n = max(_DIRECTIONS, _FEWEST * self.group.order)
        return in_unit(self.group, even_directions(n))

    @cached_property
    def matrix(self) -> NDArray[np.float32]:
        """(A · R, B): along each u, at each strength a, what a view in each bin adds."""
        from evenview.core.kernels import sampling

        u = np.stack(list(self.group.expand(self.points)), axis=1)
        rows = sampling.spread(u, half_bins(ORDER).centers, _STRENGTHS)
        rows /= self.group.order
        return rows.reshape(-1, rows.shape[-1])

    def distances(self, views: Floats) -> Floats:
        """R (R,) in Å for (B,) numbers of views in `half_bins(ORDER)`."""
        share = (views / views.sum()).astype(np.float32)
        profile = (self.matrix @ share).reshape(len(_STRENGTHS), -1).astype(np.float64)
        logs = np.log(np.maximum(np.minimum.accumulate(profile, axis=0), 1e-12))
        return np.asarray(np.sqrt(_crossing(logs, -2.0) * B_FACTOR) / (2.0 * math.pi))

    def spread(self, views: Floats) -> Spread:
        """E_od of (B,) numbers of views in `half_bins(ORDER)`."""
        r = self.distances(views)
        mean, sd = float(r.mean()), float(r.std())
        return Spread(1.0 - 2.0 * sd / mean, mean, sd, float(r.min()), float(r.max()))

    def of(self, views: Floats) -> Spread:
        """E_od of (F,) numbers of views in the finer `half_bins(sampling.ORDER)`."""
        return self.spread(coarser(views, ORDER))


@cache
def point_spread(group: str = "C1") -> PointSpread:
    """The point spread functions of a group by its name, made once."""
    return PointSpread(parse_group(group))


def _crossing(logs: Floats, level: float) -> Floats:
    """(R,) strengths at which falling profiles (A, R) first lie below `level`, log-log between."""
    below = logs < level
    last = len(logs) - 1
    k = np.clip(np.where(below.any(axis=0), below.argmax(axis=0), last), 1, last)
    columns = np.arange(logs.shape[1])
    high, low = logs[k - 1, columns], logs[k, columns]
    part = np.clip((level - high) / np.minimum(low - high, -1e-9), 0.0, 1.0)
    a = np.log(_STRENGTHS)
    return np.asarray(np.exp(a[k - 1] + part * (a[k] - a[k - 1])))
