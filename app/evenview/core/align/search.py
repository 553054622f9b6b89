"""Every rotation, every shift and both hands, at low resolution.

The rotations are spread evenly (super-Fibonacci spirals: Alexa 2022, CVPR, 8281). For each, one
Fourier transform gives the correlation at all shifts, of the map in its real part and of the
inverted map in its imaginary part. Each shell counts by its number of voxels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.align.grid import grid_of, lattice, slices
from evenview.core.align.parallel import in_threads
from evenview.core.align.pose import Pose
from evenview.core.align.prepare import (
    Complexes,
    Frame,
    Singles,
    resized,
    to_fourier,
)
from evenview.core.align.settings import Settings
from evenview.core.progress import Progress

Floats = NDArray[np.float64]

#: Shells across a molecule that tell its orientation, and the least and most of a box.
_ACROSS, _LEAST, _MOST = 8.5, 6.0, 13.0
_ROTATIONS = 2304
_PIECE = 48
#: Candidates of each hand, and by how many degrees they differ.
CANDIDATES, APART = 40, 9.0
#: Degrees by which a rotation of the search may miss the best one.
_COARSE = 9.0
#: The parts of a turn and its half turn, for the mirrored map.
_HALF_TURN = np.diag([-1.0, -1.0, 1.0])


def first_limit(diameter: float, frame: Frame) -> float:
    """The shell up to which the search looks, for a molecule of `diameter` Å."""
    return float(min(max(_ACROSS * frame.side / diameter, _LEAST), _MOST, frame.limit))


def search(
    reference: Singles,
    moving: Singles,
    frame: Frame,
    limit: float,
    settings: Settings,
    progress: Progress,
) -> list[Pose]:
    """The best candidates of each hand, best first, within the limits of `settings`."""
    board = _Board.of(reference, moving, frame, limit, settings)
    turns, allowed = _turns(settings)
    values = np.empty((len(turns), 2))
    places = np.zeros((len(turns), 2), np.int64)
    pieces = slices(len(turns), -(-len(turns) // _PIECE))
    jobs = [partial(board.play, turns[p], values[p], places[p]) for p in pieces]
    in_threads(jobs, progress, "Trying all rotations")
    values[~allowed] = -np.inf
    return [*board.best(turns, values, places, False), *board.best(turns, values, places, True)]


@cache
def _all_turns() -> Floats:
    """(N, 3, 3), evenly spread."""
    s = np.arange(_ROTATIONS) + 0.5
    t = s / _ROTATIONS
    d = 2.0 * math.pi * s
    a, b = d / math.sqrt(2.0), d / 1.533751168755204288118041
    near, far = np.sqrt(t), np.sqrt(1.0 - t)
    q = np.stack([far * np.cos(b), near * np.sin(a), near * np.cos(a), far * np.sin(b)], axis=1)
    return rotation.to_matrix(q)


def _turns(settings: Settings) -> tuple[Floats, NDArray[np.bool_]]:
    """(N, 3, 3) and which of the two hands (N, 2) each may be of."""
    half = _HALF_TURN[None]
    turns = np.concatenate([np.eye(3)[None], half, _all_turns()])
    allowed = np.stack([_angles(turns), _angles(turns @ half)], axis=1)
    chosen = allowed <= settings.max_angle + _COARSE
    if settings.hands == "same":
        chosen[:, 1] = False
    some = chosen.any(axis=1)
    return turns[some], chosen[some]


def _angles(turns: Floats) -> Floats:
    cosine = (np.trace(turns, axis1=1, axis2=2) - 1.0) / 2.0
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


@dataclass(frozen=True, eq=False)
class _Board:
    """Both maps at low resolution.

    Attributes
    ----------
    points, values
        (N, 3) and (N,): the reference, divided by the power of both maps' shells.
    places
        (N, 2) where each point and its opposite are in the transform of the correlation.
    grid
        The moving map's transform.
    size
        Voxels a side of the correlation.
    shifts
        (V,) which of its voxels are within the largest shift.
    side
        Å.
    """

    points: Floats
    values: Complexes
    places: NDArray[np.int64]
    grid: Complexes
    size: int
    shifts: NDArray[np.int64]
    side: float

    @classmethod
    def of(
        cls, reference: Singles, moving: Singles, frame: Frame, limit: float, settings: Settings
    ) -> _Board:
        from scipy import fft

        points, shells = lattice(limit)
        half = math.floor(limit) + 1
        first, second = (
            _at(to_fourier(values, half), points, half) for values in (reference, moving)
        )
        power = np.sqrt(_mean_power(first, shells) * _mean_power(second, shells))
        whitened = np.divide(first, power[shells], where=power[shells] > 0, out=first * 0)
        small = resized(moving, 2 * int(fft.next_fast_len(half + 1)))
        size = 2 * int(fft.next_fast_len(math.ceil(limit) + 1))
        k = np.fft.fftfreq(size) * frame.side
        squares = k[:, None, None] ** 2 + k[:, None] ** 2 + k**2
        most = settings.shift_limit(frame.side) + frame.side / size
        return cls(
            points,
            whitened.astype(np.complex64),
            _places(points, size),
            grid_of(small, half, linear=True).values,
            size,
            np.flatnonzero(squares <= most**2),
            frame.side,
        )

    def play(self, turns: Floats, values: Floats, places: NDArray[np.int64]) -> None:
        """The highest correlation (T, 2) of each turn (T, 3, 3) and hand, and its shift."""
        from scipy import fft

        from evenview.core.kernels import align

        room = np.zeros((self.size,) * 3, np.complex64)
        for i, turn in enumerate(turns):
            # R^T p, as the frequency p of the reference is R^T p in the moving map
            align.products(self.grid, self.points, self.values, self.places, turn, room)
            correlation = fft.fftn(room)
            align.peaks(correlation, self.shifts, values[i], places[i])

    def best(
        self, turns: Floats, values: Floats, places: NDArray[np.int64], other_hand: bool
    ) -> list[Pose]:
        """The best candidates of one hand, no two of them near each other."""
        column = int(other_hand)
        kept: list[int] = []
        near = math.cos(math.radians(APART))
        for i in np.argsort(-values[:, column]):
            if len(kept) == CANDIDATES or values[i, column] == -np.inf:
                break
            cosines = (np.einsum("nij,ij->n", turns[kept], turns[i]) - 1.0) / 2.0
            if not (cosines > near).any():
                kept.append(int(i))
        sign = -1.0 if other_hand else 1.0
        return [
            Pose.of_matrix(sign * turns[i], self._shift(places[i, column]), values[i, column])
            for i in kept
        ]

    def _shift(self, place: np.int64) -> Floats:
        z, y, x = np.unravel_index(place, (self.size,) * 3)
        index = np.array([x, y, z], dtype=np.float64)
        signed = np.where(index > self.size / 2, index - self.size, index)
        return np.asarray(signed * (self.side / self.size))


def _places(points: Floats, size: int) -> NDArray[np.int64]:
    """(N, 2) where points and their opposites are in a transform of so many voxels a side."""
    both = np.stack([points, -points], axis=1).astype(np.int64) % size
    return np.asarray(both @ np.array([1, size, size * size]))


def _at(transform: Complexes, points: Floats, half: int) -> Complexes:
    x, y, z = points.astype(np.int64).T
    return np.asarray(transform[z + half, y + half, x])


def _mean_power(values: Complexes, shells: NDArray[np.int64]) -> Floats:
    power = np.bincount(shells, np.abs(values).astype(np.float64) ** 2)
    return np.asarray(power / np.maximum(np.bincount(shells), 1))
