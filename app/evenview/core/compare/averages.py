"""Distances and means of some of the particles that were compared (Hartley et al. 2013)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import means, rotation
from evenview.core.compare.comparison import Comparison, relative_turns
from evenview.core.means import METRICS, Metric

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Particles that means are taken of, and radians that these are precise to.
_MOST, _PRECISE, _SEED = 4_000, 1e-6, 20130415
POWERS = (1, 2)


@dataclass(frozen=True, eq=False)
class Mean:
    """A mean of particles' own frames: G (3, 3) by them alone, and degrees to that of all."""

    matrix: Array
    apart: float


@dataclass(frozen=True, eq=False)
class Averages:
    """Of a selection of particles.

    Attributes
    ----------
    number
        How many there are.
    median, average
        Of the distances, by metric: the geodesic one in radians, the others without a unit.
    means
        By metric and power, as "chordal_l1".
    """

    number: int
    median: dict[Metric, float]
    average: dict[Metric, float]
    means: dict[str, Mean]

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "particles": self.number,
            "distances": {
                metric: {"median": self.median[metric], "mean": self.average[metric]}
                for metric in self.median
            },
            "means": {
                name: {"degrees_from_rotation": one.apart, "rotation": one.matrix.tolist()}
                for name, one in self.means.items()
            },
        }


def averages(found: Comparison, a: Array, b: Array, which: Bools | None = None) -> Averages:
    """The distances between the poses of some particles, and the means of their own frames.

    A particle's own frame is ``(S^T A_A^T A_B)^T``, with the S that was found under the frame of
    all; of many particles a random sample is averaged.

    Parameters
    ----------
    a, b
        (N, 4), the poses that were compared.
    which
        (N,), the selection; all where left out.
    """
    rows = np.arange(len(a)) if which is None else np.flatnonzero(which)
    if not len(rows):
        return Averages(0, {}, {}, {})
    angle = found.angle[rows]
    apart = {metric: means.distance(angle, metric) for metric in METRICS}
    some = rows
    if len(rows) > _MOST:
        some = np.random.default_rng(_SEED).choice(rows, _MOST, replace=False)
    of_some = replace(found, operator=found.operator[some])
    turns = relative_turns(of_some, a[some], b[some])
    return Averages(
        len(rows),
        {metric: float(np.median(values)) for metric, values in apart.items()},
        {metric: float(np.mean(values)) for metric, values in apart.items()},
        {
            f"{metric}_l{power}": _mean(turns, metric, power, found.matrix)
            for metric in METRICS
            for power in POWERS
        },
    )


def _mean(turns: Array, metric: Metric, power: int, frame: Array) -> Mean:
    own = means.mean(turns, metric, 1 if power == 1 else 2, precision=_PRECISE)
    matrix = rotation.to_matrix(own).T
    apart = rotation.angle_between(own[None], rotation.from_matrix(frame.T)[None])
    return Mean(matrix, float(apart[0]))
