"""Shifts of the same particles, compared once the frames are known.

Where the centres of the two maps are apart by t, ``o_B = P o_A + (A_B t)``, in the image's plane,
with P what a mirror or turn of the images does to it. t is found by least squares over the
particles that agree, with weights that let no outlier count for much (Huber's).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare.comparison import Comparison

Array = NDArray[np.float64]

#: Particles that are fitted, rounds of weights, and Huber's constant in deviations.
_MOST, _ROUNDS, _HUBER = 50_000, 12, 1.345
_FEWEST = 6
#: A factor of the shifts is told where it is off by more, and by so many of its errors.
_FACTOR, _ERRORS = 0.05, 5.0


@dataclass(frozen=True, eq=False)
class Shifts:
    """How shifts compare.

    Attributes
    ----------
    translation, translation_error
        t (3,), Å, in B's frame, and the root mean square length of its error.
    offset
        (2,) Å, constant in all images; only of images that were mirrored or turned.
    residual
        (N, 2) or, of subtomograms, (N, 3) Å: ``o_B`` less what is expected of it.
    median
        Å: the median length of the residuals of particles that agree.
    factor, factor_error
        By what A's shifts would have to be multiplied to fit best; 1 where they compare.
    """

    translation: Array
    translation_error: float
    offset: Array
    residual: Array
    median: float
    factor: float
    factor_error: float

    def is_moved(self, errors: float) -> bool:
        """Whether t is longer than so many of its errors."""
        return float(np.linalg.norm(self.translation)) > errors * self.translation_error

    @property
    def told(self) -> str:
        """What is wrong with the sign or unit of the shifts, a sentence, or ""."""
        if abs(self.factor - 1.0) < max(_FACTOR, _ERRORS * self.factor_error):
            return ""
        if self.factor_error > 0.2:
            return ""
        if abs(self.factor + 1.0) < max(_FACTOR, _ERRORS * self.factor_error):
            return (
                "The shifts of B have the opposite sign of A's: it was changed, or the images were "
                "turned by a further 180° in their plane, which for poses is the map inverted."
            )
        return (
            f"The shifts of B are {self.factor:.3g} ± {self.factor_error:.1g} times those of A: "
            "look at the pixel sizes."
        )


def compare_shifts(found: Comparison, a: Array | None, b: Array | None) -> Shifts | None:
    """Compare origins (N, 2) or (N, 3), Å, of the particles of a comparison.

    None where a file has none, the two have not equally many dimensions, or too few agree.
    """
    if a is None or b is None or a.shape != b.shape:
        return None
    width = a.shape[1]
    expected = a.copy()
    expected[:, :2] = a[:, :2] @ np.array(found.hypothesis.change.plane).T
    known = np.isfinite(expected).all(axis=1) & np.isfinite(b).all(axis=1)
    rows = np.flatnonzero(known & (found.probability > 0.5))
    if len(rows) < _FEWEST:
        return None
    some = rows[:: max(1, -(-len(rows) // _MOST))]
    constant = found.hypothesis.change.moves_images and width == 2
    design = _design(found.b_poses[some], width, constant)
    solution, covariance = _robust(design, b[some] - expected[some])
    factor, error = _factor(design, expected[some], b[some])
    moved = rotation.to_matrix(found.b_poses)[:, :width] @ solution[:3]
    offset = solution[3:] if constant else np.zeros(width)
    residual = b - expected - moved - offset
    median = float(np.median(np.linalg.norm(residual[rows], axis=1)))
    unsure = float(np.sqrt(np.trace(covariance[:3, :3])))
    return Shifts(solution[:3], unsure, offset, residual, median, factor, error)


def _design(poses: Array, width: int, constant: bool) -> Array:
    """(N, width, 3 or 5): what t, and a constant, add to a shift."""
    rows = rotation.to_matrix(poses)[:, :width]
    if not constant:
        return rows
    return np.concatenate([rows, np.broadcast_to(np.eye(width), (len(rows), width, width))], axis=2)


def _robust(design: Array, values: Array) -> tuple[Array, Array]:
    """The solution (k,) and its covariance (k, k), by weighted least squares."""
    weights = np.ones(len(values))
    rows, flat = design.reshape(-1, design.shape[2]), values.reshape(-1)
    for _ in range(_ROUNDS):
        weighted = rows * np.repeat(weights, values.shape[1])[:, None]
        inverse = np.linalg.pinv(weighted.T @ rows, hermitian=True)
        solution = inverse @ (weighted.T @ flat)
        lengths = np.linalg.norm(values - design @ solution, axis=1)
        scale = max(float(np.median(lengths)) / 1.1774, 1e-9)
        weights = np.minimum(1.0, _HUBER * scale / np.maximum(lengths, 1e-12))
    return solution, inverse * scale**2


def _factor(design: Array, expected: Array, values: Array) -> tuple[float, float]:
    """The factor of the expected shifts that fits best, and its error."""
    whole = np.concatenate([design, expected[:, :, None]], axis=2)
    solution, covariance = _robust(whole, values)
    if not np.abs(expected).max() > 0.0:
        return 1.0, np.inf
    return float(solution[-1]), float(np.sqrt(max(covariance[-1, -1], 0.0)))
