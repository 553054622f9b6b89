"""Shifts of the same particles, compared once the frames are known.

Where the centres of the two maps are apart by t, ``o_B = P o_A + (A_B t) + c``, in the image's
plane, with P what a mirror or turn of the images does to it and c an offset that is the same in all
images (another centre of the box). t and c are found by least squares over the particles that
agree, with weights that let no outlier count for much (Huber's).
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
#: Rows at a time: 7 MB of matrices.
_CHUNK = 100_000
#: A factor of the shifts is told where it is off by more, and by so many of its errors.
_FACTOR, _ERRORS = 0.05, 5.0
#: A factor with a larger error tells nothing.
_UNSURE = 0.2
#: Å: a constant offset of all images that is smaller, or has fewer than `_ERRORS` errors, is none.
_OFFSET = 0.01


@dataclass(frozen=True, eq=False)
class Shifts:
    """How shifts compare.

    Attributes
    ----------
    translation, translation_error
        t (3,), Å, in B's frame, and the root mean square length of its error.
    offset, offset_error
        (2,) Å, constant in all images, 0 where that is not clear; and the root mean square length
        of its error.
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
    offset_error: float
    residual: Array
    median: float
    factor: float
    factor_error: float

    def is_moved(self, errors: float) -> bool:
        """Whether t is longer than so many of its errors."""
        return float(np.linalg.norm(self.translation)) > errors * self.translation_error

    @property
    def is_opposite(self) -> bool:
        """Whether the shifts of B have the opposite sign of A's."""
        near = max(_FACTOR, _ERRORS * self.factor_error)
        return self.factor_error <= _UNSURE and abs(self.factor + 1.0) < near

    @property
    def is_same(self) -> bool:
        """Whether the shifts of B are those of A for sure, sign and unit."""
        near = max(_FACTOR, _ERRORS * self.factor_error)
        return self.factor_error <= _UNSURE and abs(self.factor - 1.0) < near

    @property
    def told(self) -> str:
        """What is wrong with the sign or unit of the shifts, a sentence, or ""."""
        if self.is_same or self.factor_error > _UNSURE:
            return ""
        if self.is_opposite:
            return (
                "The shifts of B have the opposite sign of A's: it was changed, or the images were "
                "turned by 180° in their plane and the map mirrored besides."
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
    constant = width == 2
    design = _design(found.b_poses[some], width, constant)
    solution, covariance = _robust(design, b[some] - expected[some])
    offset_error = _length(covariance[3:, 3:])
    if constant and np.linalg.norm(solution[3:]) <= max(_OFFSET, _ERRORS * offset_error):
        constant = False
        design = design[:, :, :3]
        solution, covariance = _robust(design, b[some] - expected[some])
    factor, error = _factor(design, expected[some], b[some])
    offset = solution[3:] if constant else np.zeros(width)
    residual = b - expected - _moved(found.b_poses, solution[:3], width) - offset
    median = float(np.median(np.linalg.norm(residual[rows], axis=1)))
    unsure = _length(covariance[:3, :3])
    return Shifts(solution[:3], unsure, offset, offset_error, residual, median, factor, error)


def _length(covariance: Array) -> float:
    """The root mean square length of an error with this covariance."""
    return float(np.sqrt(np.trace(covariance)))


def _design(poses: Array, width: int, constant: bool) -> Array:
    """(N, width, 3 or 5): what t, and a constant of all images, add to a shift."""
    rows = rotation.to_matrix(poses)[:, :width]
    if not constant:
        return rows
    return np.concatenate([rows, np.broadcast_to(np.eye(width), (len(rows), width, width))], axis=2)


def _moved(poses: Array, translation: Array, width: int) -> Array:
    """(N, width): by how much t moves each image, or subtomogram."""
    found = np.empty((len(poses), width))
    for start in range(0, len(poses), _CHUNK):
        some = slice(start, start + _CHUNK)
        found[some] = rotation.to_matrix(poses[some])[:, :width] @ translation
    return found


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
    return solution, np.asarray(inverse * scale**2, dtype=np.float64)


def _factor(design: Array, expected: Array, values: Array) -> tuple[float, float]:
    """The factor of the expected shifts that fits best, and its error."""
    whole = np.concatenate([design, expected[:, :, None]], axis=2)
    solution, covariance = _robust(whole, values)
    if not np.abs(expected).max() > 0.0:
        return 1.0, np.inf
    return float(solution[-1]), float(np.sqrt(max(covariance[-1, -1], 0.0)))
