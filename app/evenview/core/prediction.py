"""What a thinning will do to the conical FSC of half-maps, before a new refinement says so.

The noise of a voxel is the inverse of its Fourier sampling S, so the signal-to-noise ratio
f / (1 - f) of a cone goes with the harmonic mean of S in it, and is scaled by the ratio of that
after and before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from evenview.core.directional import DirectionalScores, crossing_shells, moment, robust_areas
from evenview.core.sampling import EMPTY_SAMPLING, FourierShell

Floats = NDArray[np.float64]

_NEVER_ONE = 1.0 - 1e-6
#: Axes that are looked at together, which limits the memory.
_CHUNK = 256


@dataclass(frozen=True, eq=False)
class Prediction:
    """The conical FSCs to expect, and what they come to.

    Attributes
    ----------
    cones
        (D, S) along the axes of the scores that it was made from.
    side
        Of the box, Å.
    threshold
        The FSC at which an area ends and a resolution is read.
    group
        The symmetry whose copies were counted.
    """

    cones: Floats
    side: float
    threshold: float
    group: str

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What has to hold for it to come true, a sentence each."""
        return (
            "The half-maps were made of these particles.",
            f"They were refined with the symmetry of the plan, {self.group}.",
            "The alignment does not change.",
            "All views are of equal quality.",
            "One Fourier shell stands for all.",
        )

    @cached_property
    def mean(self) -> Floats:
        """(S,) the mean of the conical FSCs; NaN in shell 0."""
        return moment(self.cones, 1)

    @cached_property
    def cfar_robust(self) -> float:
        """Least over largest robust area under the conical FSCs."""
        return robust_areas(self.cones, self.threshold).ratio

    @cached_property
    def resolutions(self) -> Floats:
        """(D,) Å along each axis."""
        return self.side / crossing_shells(self.cones, self.threshold)


@dataclass(frozen=True, eq=False)
class Predictor:
    """The conical FSCs of half-maps, and which directions of a Fourier shell each cone holds.

    Attributes
    ----------
    cones
        (D, S) conical FSC now.
    side, threshold, group
        As of `Prediction`.
    inside
        (D, R) sparse: how many equivalents of each direction of the shell lie in each cone.
    empty_sampling
        The S of directions with less.
    """

    cones: Floats
    side: float
    threshold: float
    group: str
    inside: csr_array
    empty_sampling: float = EMPTY_SAMPLING

    @classmethod
    def of(cls, scores: DirectionalScores, shell: FourierShell) -> Predictor:
        """For half-maps of particles whose S is known at `shell.points`."""
        used = scores.settings
        inside = directions_in_cones(scores.axes, shell, used.half_angle)
        return cls(scores.cones, scores.side, used.threshold, shell.group.name, inside)

    def after(self, before: Floats, after: Floats) -> Prediction:
        """After a thinning; S (R,) of the particles of the half-maps, and of those that are left.

        It assumes that the maps were refined with the symmetry whose copies S counts, that the
        alignment does not change, that all views are of equal quality, and that S on one shell
        stands for all.
        """
        old, new = self._noise(before), self._noise(after)
        # A cone so narrow that none of the directions lies in it is left as it is.
        ratio = np.divide(old, new, out=np.ones(len(new)), where=new > 0)[:, None]
        ssnr = ratio * self._ssnr
        curves = np.where(self.cones > 0.0, ssnr / (1.0 + ssnr), self.cones)
        return Prediction(curves, self.side, self.threshold, self.group)

    @cached_property
    def _ssnr(self) -> Floats:
        """(D, S) of the cones now, 0 where their FSC is negative."""
        known = np.clip(self.cones, 0.0, _NEVER_ONE)
        return np.asarray(known / (1.0 - known))

    def _noise(self, sampled: Floats) -> Floats:
        """(D,) of each cone, in parts that are the same before and after."""
        return np.asarray(self.inside @ (1.0 / np.maximum(sampled, self.empty_sampling)))


def directions_in_cones(axes: Floats, shell: FourierShell, half_angle: float) -> csr_array:
    """(D, R) sparse: how many equivalents of `shell.points` lie within `half_angle`, in degrees, of
    each of `axes` (D, 3) or its opposite."""
    least = math.cos(math.radians(half_angle))
    copies = shell.copies.reshape(-1, 3).T
    points = len(shell.points)
    parts = []
    for start in range(0, len(axes), _CHUNK):
        inside = np.abs(axes[start : start + _CHUNK] @ copies) >= least
        parts.append(csr_array(inside.reshape(len(inside), points, -1).sum(axis=2, dtype=float)))
    return csr_array(vstack(parts))
