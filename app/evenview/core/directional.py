"""Scores of how much the FSC of half-maps depends on direction: cFAR, tFAR, directional resolution.

- cFAR: the least over the largest area under the conical FSCs, each up to the first shell at or
  below 0.143, shells weighted by their area (the recipe that SIMPLE publishes for cryoSPARC's).
- The robust variant of it lets no single noisy shell end an area.
- tFAR: the same of the toroidal FSCs, which are indexed by the viewing direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.halfmaps import DirectionSums, Settings, axes_of

Floats = NDArray[np.float64]

#: The robust variant looks at the mean of so many shells, and not at the first ones.
RUNNING, FIRST_SHELL = 3, 3


@dataclass(frozen=True, eq=False)
class Areas:
    """The area under each directional FSC up to where it falls to the threshold.

    Attributes
    ----------
    area
        (D,) sums of shell² · FSC.
    shell
        (D,) the shell that ended it; S where none did.
    """

    area: Floats
    shell: NDArray[np.int64]

    @property
    def ratio(self) -> float:
        """The least over the largest; 0 where there is none."""
        largest = float(self.area.max(initial=0.0))
        return max(0.0, float(self.area.min(initial=np.inf)) / largest) if largest > 0 else 0.0


def areas(curves: Floats, threshold: float) -> Areas:
    """Of (D, S): up to, not including, the first shell at or below the threshold, as in SIMPLE."""
    inner = curves[:, 1:]
    below = np.nan_to_num(inner, nan=np.inf) <= threshold
    stop = np.where(below.any(axis=1), below.argmax(axis=1), inner.shape[1])
    shell = np.arange(1, curves.shape[1])
    counted = np.arange(inner.shape[1])[None] < stop[:, None]
    area = (np.nan_to_num(inner) * counted * shell**2).sum(axis=1)
    return Areas(area, stop + 1)


def robust_areas(curves: Floats, threshold: float) -> Areas:
    """`areas` that no single noisy shell decides.

    The first shells are left out, an area ends where the mean of three shells is at or below the
    threshold, and shells below 0 count as 0.
    """
    known, means = _known(curves), _means(curves)
    stop = _first_below(means, threshold)
    shell = np.arange(curves.shape[1])
    counted = (shell[None] < stop[:, None]) & (shell >= FIRST_SHELL)
    area = (np.clip(known, 0.0, 1.0) * counted * shell**2).sum(axis=1)
    return Areas(area, stop)


def crossing_shells(curves: Floats, threshold: float) -> Floats:
    """(D,) where the mean over three shells first falls to the threshold, between the shells.

    The first shells are left out. The last shell where a curve (D, S) stays above.
    """
    means = _means(curves)
    stop = _first_below(means, threshold)
    last = curves.shape[1] - 1
    rows = np.arange(len(curves))
    # The mean over shells s, s + 1, s + 2 belongs to the middle one.
    before = means[rows, np.clip(stop - 1, 0, last)]
    after = means[rows, np.clip(stop, 0, last)]
    step = np.divide(before - threshold, before - after, out=np.ones(len(rows)), where=stop <= last)
    return np.asarray(np.minimum(stop + step, last))


def moment(curves: Floats, power: int) -> Floats:
    """(S,) the mean over the axes of a power of (D, S); NaN where no curve is known."""
    there = np.isfinite(curves)
    total = (np.nan_to_num(curves) ** power).sum(axis=0)
    n = there.sum(axis=0)
    return np.asarray(np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0))


def _known(curves: Floats) -> Floats:
    known = np.nan_to_num(curves, nan=1.0).copy()
    known[:, :FIRST_SHELL] = 1.0
    return known


def _means(curves: Floats) -> Floats:
    """(D, S) means over each shell and the two after it."""
    padded = np.pad(_known(curves), ((0, 0), (0, RUNNING - 1)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, RUNNING, axis=1)
    return np.asarray(windows.mean(axis=2))


def _first_below(means: Floats, threshold: float) -> NDArray[np.int64]:
    below = means <= threshold
    return np.asarray(np.where(below.any(axis=1), below.argmax(axis=1), means.shape[1]))


@dataclass(frozen=True, eq=False)
class DirectionalScores:
    """The curves of half-maps by direction, and what they come to.

    Attributes
    ----------
    settings
        The cone, the axes and the threshold.
    side
        Of the box, Å: shell s is the resolution side / s.
    axes
        (D, 3) of the cones and toruses.
    fsc
        (S,) over all directions.
    cones, tori
        (D, S) conical FSC along, toroidal FSC across each axis; NaN where no voxel lies.
    """

    settings: Settings
    side: float
    axes: Floats
    fsc: Floats
    cones: Floats
    tori: Floats

    @classmethod
    def of(cls, sums: DirectionSums, voxel_size: float, settings: Settings) -> DirectionalScores:
        """Those of maps with voxels of `voxel_size` Å."""
        axes, angle = axes_of(settings), settings.half_angle
        cones, tori = (sums.directional(axes, region, angle) for region in ("cone", "torus"))
        return cls(settings, sums.box * voxel_size, axes, sums.fsc(), cones, tori)

    @property
    def cfar(self) -> float:
        """Least over largest area under the conical FSCs."""
        return areas(self.cones, self.settings.threshold).ratio

    @property
    def cfar_robust(self) -> float:
        """The same of `robust_areas`."""
        return robust_areas(self.cones, self.settings.threshold).ratio

    @property
    def tfar(self) -> float:
        """Least over largest area under the toroidal FSCs."""
        return areas(self.tori, self.settings.threshold).ratio

    @property
    def relative_signal(self) -> Floats:
        """(D,) of the view along each axis: its area under the toroidal FSC, 1 for the largest."""
        area = areas(self.tori, self.settings.threshold).area
        return area / max(float(area.max()), 1e-12)

    @cached_property
    def mean(self) -> Floats:
        """(S,) the mean of the conical FSCs; NaN in shell 0."""
        return moment(self.cones, 1)

    @cached_property
    def sd(self) -> Floats:
        """(S,) their standard deviation."""
        return np.sqrt(np.maximum(moment(self.cones, 2) - self.mean**2, 0.0))

    @cached_property
    def resolutions(self) -> Floats:
        """(D,) Å along each axis; twice the voxel size where the curve stays above."""
        return self._resolution(self.cones)

    @property
    def resolution(self) -> float:
        """Å, of the FSC over all directions."""
        return float(self._resolution(self.fsc[None])[0])

    @property
    def resolution_range(self) -> tuple[float, float]:
        """Å, of the mean conical FSC plus and minus one standard deviation."""
        better, worse = self._resolution(np.stack([self.mean + self.sd, self.mean - self.sd]))
        return float(better), float(worse)

    @property
    def early(self) -> int:
        """Along how many axes one of the first shells ends the plain area."""
        return int((areas(self.cones, self.settings.threshold).shell < FIRST_SHELL).sum())

    @property
    def to_the_end(self) -> int:
        """Along how many axes the FSC stays above the threshold up to the last shell."""
        last = self.cones.shape[1] - 1
        return int((crossing_shells(self.cones, self.settings.threshold) >= last).sum())

    def _resolution(self, curves: Floats) -> Floats:
        return self.side / crossing_shells(curves, self.settings.threshold)
