"""The last tenths of a degree: what the maps do not share is left out of the reference.

A soft mask W is put around what either map shows, and weakened where the two differ. It stays with
the reference: the moving map is turned and multiplied by it anew before each step, so that the
answer is where the masked difference W (v1 - c v2) cannot be made smaller. A mask on one map alone
would draw density into it, and one that is carried along would hold the maps where they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.pose import Pose
from evenview.core.align.prepare import (
    Complexes,
    Frame,
    Grid,
    Singles,
    between_lattice,
    grid_of,
    resized,
    to_fourier,
    to_real,
)
from evenview.core.align.refine import Fit, further, next_step

Floats = NDArray[np.float64]

#: Fourier points that decide the pose.
POINTS = 120_000
_ROUNDS, _STEPS = 2, 3
#: Å: the finest that is looked at for where maps agree, the mask's room around the molecule, and
#: the width of its edge.
_FINEST, _ROOM, _EDGE = 10.0, 6.0, 8.0
#: The mask begins at so much of the highest densities, or so many deviations of the solvent.
_PART, _DEVIATIONS = 0.25, 5.0
_ALIKE = 0.5
#: Radians and sides of the box that no longer matter.
_ENOUGH = 3e-5
_STILL = Pose(np.eye(3), np.zeros(3))
#: Local differences, as parts of the power, that are none.
_SAME = 0.05


def polish(reference: Singles, grid: Grid, whole: Grid, fit: Fit, frame: Frame) -> Fit:
    """Refine a fit on what both maps share.

    Parameters
    ----------
    reference
        (n, n, n) in the frame.
    grid, whole
        The moving map, with its mask if it has one, and without it.
    """
    pose, half = fit.pose, frame.size // 2 - 1
    reference = to_real(to_fourier(reference, half) * _sphere(half, frame.limit), frame.size)
    for _ in range(_ROUNDS):
        mask = shared(reference, grid, pose, fit.fsc, frame)
        samples = between_lattice(grid_of(reference * mask, frame.limit), frame.limit, POINTS)
        for _ in range(_STEPS):
            laid = to_real(_moved(whole, pose, frame, half), frame.size) * mask
            step = next_step(samples, grid_of(laid, frame.limit), _STILL, frame.side)
            pose = further(pose, step, frame.side)
            if np.abs(step).max() < _ENOUGH:
                break
    return replace(fit, pose=pose)


def shared(reference: Singles, grid: Grid, pose: Pose, fsc: Floats, frame: Frame) -> Singles:
    """A mask (n, n, n) from 0 to 1 of what two maps share, in the reference's frame.

    `fsc` (S,) tells how finely they can be compared.
    """
    below = np.flatnonzero(fsc[2:] < _ALIKE)
    agreed = int(below[0]) + 2 if len(below) else len(fsc) - 1
    resolution = max(_FINEST, 1.5 * frame.side / max(agreed, 2))
    size = min(frame.size, 2 * math.ceil(1.5 * frame.side / resolution) + 4)
    views = _Blurred.of(reference, grid, pose, frame, size, resolution)
    mask = views.outline() * views.agreement(max(1.2 * resolution, 14.0))
    return np.clip(resized(mask.astype(np.float32), frame.size), 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class _Blurred:
    """Both maps (n, n, n) at one low resolution, on one scale, and Å from the centre."""

    first: Singles
    second: Singles
    radius: Singles
    frame: Frame

    @classmethod
    def of(
        cls,
        reference: Singles,
        grid: Grid,
        pose: Pose,
        frame: Frame,
        size: int,
        resolution: float,
    ) -> _Blurred:
        half = size // 2 - 1
        blur = _gaussian(half, frame.side / resolution)
        first = to_real(to_fourier(reference, half) * blur, size)
        second = to_real(_moved(grid, pose, frame, half) * blur, size)
        radius = frame.radii(size)
        far = _solvent(radius, frame)
        first -= np.median(first[far])
        second -= np.median(second[far])
        power = float((second * second).sum())
        scale = float((first * second).sum()) / power if power > 0 else 1.0
        return cls(first, second * np.float32(scale), radius, frame)

    def outline(self) -> Singles:
        """1 where there is something, falling to 0 around it."""
        from scipy.ndimage import distance_transform_edt

        both = self.first + self.second
        far = both[_solvent(self.radius, self.frame)]
        middle = float(np.median(far))
        deviation = 1.4826 * float(np.median(np.abs(far - middle)))
        high = float(np.percentile(both, 99.5))
        inside = both > max(middle + _DEVIATIONS * deviation, _PART * high)
        away = distance_transform_edt(~inside) * (self.frame.side / len(both))
        edge = np.clip((away - _ROOM) / _EDGE, 0.0, 1.0)
        return np.asarray(0.5 + 0.5 * np.cos(np.pi * edge), dtype=np.float32)

    def agreement(self, width: float) -> Singles:
        """Near 1 where the two differ as little as they do in most places, less elsewhere.

        `width` (Å) of the Gaussian over which they are compared.
        """
        from scipy.ndimage import gaussian_filter

        sigma = width * len(self.first) / self.frame.side
        power = self.first**2 + self.second**2
        spread = gaussian_filter(power, sigma) + np.float32(1e-3 * self.first.var() + 1e-30)
        error = gaussian_filter((self.first - self.second) ** 2, sigma) / spread
        inside = self.outline() > 0.9
        usual = float(np.percentile(error[inside], 40)) if inside.any() else float(error.min())
        return np.asarray(1.0 / (1.0 + (error / max(2.0 * usual, _SAME)) ** 4), dtype=np.float32)


def _solvent(radius: Singles, frame: Frame) -> NDArray[np.bool_]:
    """A shell of the box in which there is mostly nothing."""
    return np.asarray((radius > 0.42 * frame.side) & (radius < 0.5 * frame.side))


def _sphere(half: int, limit: int) -> NDArray[np.bool_]:
    """(2 h + 1, 2 h + 1, h + 1) whether a point is within so many shells."""
    k = np.arange(-half, half + 1) ** 2
    return np.asarray(k[:, None, None] + k[:, None] + k[half:] <= limit * limit)


def _gaussian(half: int, shell: float) -> Singles:
    """(2 h + 1, 2 h + 1, h + 1) falling to one half at `shell`."""
    k = np.exp2(-((np.arange(-half, half + 1) / shell) ** 2)).astype(np.float32)
    return np.asarray(k[:, None, None] * k[:, None] * k[half:])


def _moved(grid: Grid, pose: Pose, frame: Frame, half: int) -> Complexes:
    """(2 h + 1, 2 h + 1, h + 1): the transform of the moving map where it comes to lie."""
    near = np.flatnonzero(_sphere(half, min(half, frame.limit)))
    sides = (2 * half + 1, 2 * half + 1, half + 1)
    iz, iy, ix = np.unravel_index(near, sides)
    points = np.stack([ix, iy - half, iz - half], axis=1).astype(np.float64)
    out = np.zeros(sides, np.complex64)
    out.reshape(-1)[near] = grid.sample(
        points, np.ascontiguousarray(pose.matrix), pose.shift / frame.side
    )
    return out
