"""What a tilted stage would do: the sampling of the same particles seen at another angle.

Tilting is the remedy for preferred views of Tan et al. 2017 (Nat. Methods 14, 793). A particle that
lies on its support as now, looked at with the stage at the angle τ, is seen along a direction at
the angle τ from the present view, turned about it by the particle's in-plane angle, which is
random. So each view becomes a ring around itself, and of the ring this part samples u:

    f(d) = (acos(-(e + d cos τ) / q) - acos((e - d cos τ) / q)) / π,   d = u · v,
    q = sin τ √(1 - d²),   e = 1 / (2k)   (acos of what lies beyond ±1 is that of ±1)

It depends on the view by d alone. So how many views lie at which d from each u is counted once;
a tilt is then one product with a table of f. Thicker ice and more radiation damage, which a tilt
costs, are not in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.sampling import (
    EMPTY_SAMPLING,
    ORDER,
    RADIUS,
    REFERENCE,
    Scores,
    even_directions,
    half_bins,
    in_unit,
    score,
)
from evenview.core.symmetry import PointGroup, parse_group

Floats = NDArray[np.float64]

#: SCF* that is as good as ideal side views, 8/π² (Baldwin & Lyumkis 2020), rounded as published.
GOOD = 0.81
#: Degrees that a curve is drawn at: beyond 60° a stage seldom goes.
ANGLES = tuple(float(angle) for angle in range(61))

_DIRECTIONS, _FEWEST = 2_000, 40
#: Steps of |u · v|, about.
_STEPS = 2_048
#: Places in a step, or across a bin, that f is the mean of.
_PLACES = 33
#: A random draw of so many times the views has the same share everywhere: S is then an expectation.
_MANY = 100
#: Degrees to which the smallest tilt is found.
_FINE = 0.1


@dataclass(frozen=True)
class Curve:
    """Scores against the tilt.

    Attributes
    ----------
    degrees
        Rising tilts of the stage.
    scores
        What the views would have there.
    smallest
        Degrees of the smallest tilt at which SCF* reaches `threshold`; None where none does.
    """

    degrees: tuple[float, ...]
    scores: tuple[Scores, ...]
    smallest: float | None
    threshold: float = GOOD


@dataclass(frozen=True, eq=False)
class Tilted:
    """Views that can be looked at as if the stage were tilted.

    Attributes
    ----------
    particles
        N.
    radius
        k.
    profiles
        (R, T) views of all copies by ``|u · v|``, in steps of `width`.
    blur
        Radians: the radius of the bins that the views were in; 0 for views by themselves.
    """

    particles: int
    radius: int
    profiles: Floats
    width: float
    blur: float

    def sampled(self, degrees: float) -> Floats:
        """S (R,), as expected, at a tilt."""
        return np.asarray(self.profiles @ self._parts(math.radians(degrees)))

    def scores(
        self,
        degrees: float,
        empty_sampling: float = EMPTY_SAMPLING,
        reference: int = REFERENCE,
    ) -> Scores:
        """The scores at a tilt.

        Without a tilt every view is where it is; with one each lies somewhere on its ring by
        chance, so that S varies about what is expected as Poisson says.
        """
        return self._scores(degrees, self.sampled(degrees), empty_sampling, reference)

    def _scores(
        self, degrees: float, sampled: Floats, empty_sampling: float, reference: int
    ) -> Scores:
        n = self.particles
        if not degrees:
            return score(sampled, n, self.radius, empty_sampling, reference)
        quoted, whole = (
            score(_MANY * sampled, _MANY * n, self.radius, empty_sampling, wanted)
            for wanted in (min(n, reference), n)
        )
        return replace(quoted, particles=n, effective_particles=n * whole.scf_star)

    def curve(
        self,
        degrees: Sequence[float] = ANGLES,
        threshold: float = GOOD,
        empty_sampling: float = EMPTY_SAMPLING,
    ) -> Curve:
        """The scores at rising tilts, and the smallest that reaches a threshold of SCF*."""
        parts = np.column_stack([self._parts(math.radians(angle)) for angle in degrees])
        found = tuple(
            self._scores(angle, sampled, empty_sampling, REFERENCE)
            for angle, sampled in zip(degrees, (self.profiles @ parts).T, strict=True)
        )
        good = [i for i, scores in enumerate(found) if scores.scf_star >= threshold]
        smallest = None
        if good:
            low = degrees[max(good[0] - 1, 0)]
            smallest = self._reached(low, degrees[good[0]], threshold, empty_sampling)
        return Curve(tuple(degrees), found, smallest, threshold)

    def _reached(self, low: float, high: float, threshold: float, empty_sampling: float) -> float:
        """Where the threshold is reached between a tilt that falls short and one that does not."""
        while high - low > _FINE:
            middle = 0.5 * (low + high)
            if self.scores(middle, empty_sampling).scf_star >= threshold:
                high = middle
            else:
                low = middle
        return high

    def _parts(self, tilt: float) -> Floats:
        """(T,) the part of a view's ring that samples u, by steps, averaged over step and bin."""
        half = 0.5 / self.radius
        across = (np.arange(_PLACES) + 0.5) / _PLACES
        steps = np.arange(self.profiles.shape[1])[:, None]
        if not self.blur:
            places = np.minimum((steps + across) * self.width, 1.0)
            return np.asarray(_ring_part(places, tilt, half).mean(axis=1))
        offsets = 2.0 * across - 1.0
        weights = np.sqrt(1.0 - offsets**2)
        middle = np.arcsin(np.minimum((steps + 0.5) * self.width, 1.0))
        parts = _ring_part(np.sin(middle + self.blur * offsets), tilt, half)
        return np.asarray(parts @ (weights / weights.sum()))


@dataclass(frozen=True, eq=False)
class Tilting:
    """The directions of Fourier space of one symmetry that tilted views are counted in."""

    group: PointGroup
    radius: int = RADIUS

    @cached_property
    def points(self) -> Floats:
        """(R, 3) directions u, spread evenly over the asymmetric unit; opposite ones are one."""
        n = max(_DIRECTIONS, _FEWEST * self.group.order)
        return in_unit(self.group, even_directions(n))

    def of_bins(self, views: Floats) -> Tilted:
        """(B,) numbers of views in `half_bins(sampling.ORDER)`."""
        bins = half_bins(ORDER)
        held = np.flatnonzero(views)
        return self._tilted(bins.centers[held], np.asarray(views[held], np.float64), bins.radius)

    def of_views(self, views: Floats) -> Tilted:
        """Views (N, 3) by themselves."""
        return self._tilted(views, np.ones(len(views)), 0.0)

    def _tilted(self, views: Floats, weights: Floats, blur: float) -> Tilted:
        from evenview.core.kernels import sampling

        half = 0.5 / self.radius
        width = half / math.ceil(half * _STEPS)  # so that a step ends where the plane does
        copies = np.stack(list(self.group.expand(self.points)), axis=1)
        found = sampling.profiles(copies, views, weights, width, math.ceil(1.0 / width))
        return Tilted(round(float(weights.sum())), self.radius, found, width, blur)


@cache
def tilting(group: str = "C1", radius: int = RADIUS) -> Tilting:
    """The directions of a group by its name, made once."""
    return Tilting(parse_group(group), radius)


def _ring_part(d: Floats, tilt: float, half: float) -> Floats:
    q = np.maximum(math.sin(tilt) * np.sqrt(np.maximum(1.0 - d * d, 0.0)), 1e-12)
    middle = d * math.cos(tilt)
    first = np.arccos(np.clip((half - middle) / q, -1.0, 1.0))
    last = np.arccos(np.clip((-half - middle) / q, -1.0, 1.0))
    return np.asarray((last - first) / math.pi)
