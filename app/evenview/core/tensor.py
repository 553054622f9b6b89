"""The orientation tensor: along which axes views crowd, and in which shape.

T is the mean of v vᵀ over all views and their symmetry copies. Its eigenvalues λ1 ≥ λ2 ≥ λ3 add up
to 1; opposite views are the same to it. It knows nothing finer than an ellipsoid: the views of a
tetrahedral, octahedral or icosahedral group always look even, and so does a crowd at each corner of
a cube.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.symmetry import PointGroup

Floats = NDArray[np.float64]
Shape = Literal["polar", "girdle", "even"]

#: R above which a shape is called even. Vollmer's triangle has no borders; this one is ours.
EVEN = 0.8
#: A departure from even that chance makes more often than this is called even, too.
CHANCE = 0.01


@dataclass(frozen=True, eq=False)
class OrientationTensor:
    """Eigenvalues and axes of the orientation tensor.

    Attributes
    ----------
    eigenvalues
        λ1 ≥ λ2 ≥ λ3, adding up to 1.
    axes
        (3, 3), a row an axis as a unit vector, with z ≥ 0, in the order of the eigenvalues.
    chance
        The probability that even views give a tensor as uneven as this one: Bingham's test
        (Mardia & Jupp 2000, Directional Statistics, section 10.7.1).
    """

    eigenvalues: tuple[float, float, float]
    axes: Floats
    chance: float

    @property
    def polar(self) -> float:
        """P = λ1 - λ2, 1 where all views lie along an axis (Vollmer 1990, Geol. Soc. Am. Bull.
        102, 786)."""
        return self.eigenvalues[0] - self.eigenvalues[1]

    @property
    def girdle(self) -> float:
        """G = 2 (λ2 - λ3), 1 where all views lie evenly about a great circle (Vollmer 1990)."""
        return 2.0 * (self.eigenvalues[1] - self.eigenvalues[2])

    @property
    def random(self) -> float:
        """R = 3 λ3, 1 where no axis is preferred; P + G + R = 1 (Vollmer 1990)."""
        return 3.0 * self.eigenvalues[2]

    @property
    def shape(self) -> Shape:
        """Even, or the larger of P and G."""
        if self.random >= EVEN or self.chance > CHANCE:
            return "even"
        return "polar" if self.polar > self.girdle else "girdle"

    @property
    def words(self) -> str:
        """The shape in a sentence, with the axis that it has."""
        if self.shape == "even":
            return "Views crowd along no axis."
        axis = self.axes[0] if self.shape == "polar" else self.axes[2]
        x, y, z = (round(float(value), 2) + 0.0 for value in axis)
        where = f"({x:g}, {y:g}, {z:g})"
        if self.shape == "polar":
            return f"Views crowd along the axis {where}."
        return f"Views crowd about the great circle perpendicular to {where}."


def orientation_tensor(second_moment: Floats, n: int, group: PointGroup) -> OrientationTensor:
    """The tensor of n views with their copies.

    Parameters
    ----------
    second_moment
        (3, 3), the sum of v vᵀ over the views, without copies.
    n
        Their number; none give 1/3 along each axis.
    group
        Whose copies count.
    """
    from scipy.stats import chi2

    mean = second_moment / n if n else np.eye(3) / 3.0
    tensor = np.mean([s.T @ mean @ s for s in group.matrices], axis=0)
    values, vectors = np.linalg.eigh(tensor)
    axes = vectors.T[::-1].copy()
    axes[axes[:, 2] < 0] *= -1.0
    statistic = 7.5 * n * float(np.square(values - 1.0 / 3.0).sum())
    free = _free(group)
    chance = float(chi2.sf(statistic, free)) if free else 1.0
    low, middle, high = np.clip(values, 0.0, 1.0).tolist()
    return OrientationTensor((high, middle, low), axes, chance)


def _free(group: PointGroup) -> int:
    """How many numbers a traceless tensor has left that a group's operators do not change.

    5 in C1, 1 about one axis, 0 in the cubic groups: the mean of the character of second order,
    t² - t - 1 of a rotation with the trace t.
    """
    traces = np.trace(group.matrices, axis1=1, axis2=2)
    return round(float((traces * traces - traces - 1.0).mean()))
