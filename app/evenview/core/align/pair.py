"""Two maps, one laid over the other, and by how much they differ, in units of their noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.grid import Grid
from evenview.core.align.pose import Pose
from evenview.core.align.prepare import (
    Complexes,
    Frame,
    Singles,
    to_fourier,
    to_real,
)
from evenview.core.align.refine import trusted

Floats = NDArray[np.float64]

#: Voxels that count less are left out.
LEAST = 0.02


@dataclass(frozen=True, eq=False)
class Pair:
    """A reference and a map that is laid over it, up to one shell.

    Attributes
    ----------
    first, second
        Their transforms (2 h + 1, 2 h + 1, h + 1) about the centre, h the last shell, from -h, -h
        and 0 on.
    size
        Voxels a side in real space.
    """

    first: Complexes
    second: Complexes
    size: int

    @classmethod
    def of(cls, reference: Singles, grid: Grid, pose: Pose, frame: Frame, limit: int) -> Pair:
        """Of a reference (n, n, n) in the frame."""
        first = to_fourier(reference, limit) * (_shells(limit) <= limit)
        return cls(first, _moved(grid, pose, frame, limit), frame.size_for(limit))

    @property
    def limit(self) -> int:
        """The last shell."""
        return int(self.first.shape[2]) - 1

    @cached_property
    def real(self) -> tuple[Singles, Singles]:
        """Both maps (n, n, n)."""
        return to_real(self.first, self.size), to_real(self.second, self.size)

    def matched(self, region: Singles) -> Matched:
        """The two made comparable by what they show in a region (n, n, n) from 0 to 1."""
        one, two = (to_fourier(_within(values, region), self.limit) for values in self.real)
        cross, power, other = (
            _by_shell(product, self.limit)
            for product in ((one * two.conj()).real, np.abs(one) ** 2, np.abs(two) ** 2)
        )
        both = np.sqrt(power * other)
        fsc = trusted(np.divide(cross, both, out=np.zeros_like(both), where=both > 0))
        weight = np.divide(
            fsc / (1.0 - fsc * fsc), power, out=np.zeros_like(power), where=power > 0
        )
        scale = np.sqrt(np.divide(power, other, out=np.zeros_like(power), where=other > 0))
        spread = _spread(scale, self.limit)
        return Matched(
            self.first, self.second * spread, _spread(np.sqrt(weight), self.limit), self.size
        )


@dataclass(frozen=True, eq=False)
class Matched:
    """Two maps of the same amplitudes in each shell.

    Attributes
    ----------
    first, second, size
        As in `Pair`.
    filter
        (2 h + 1, 2 h + 1, h + 1): times it, shells weigh as the likelihood of a pose has it, and
        the noise of each is about as strong.
    """

    first: Complexes
    second: Complexes
    filter: Singles
    size: int

    def difference(self, region: Singles) -> Singles:
        """First minus second (n, n, n) in a region, filtered.

        The region is cut out before the filter, so that what is beyond it does not ring into it.
        """
        return to_real(self._cut(self.first - self.second, region), self.size)

    def power(self, region: Singles) -> Singles:
        """The squares (n, n, n) of both maps in a region, filtered."""
        first, second = (
            to_real(self._cut(transform, region), self.size)
            for transform in (self.first, self.second)
        )
        return first**2 + second**2

    def slopes(self, region: Singles, at: NDArray[np.bool_]) -> Singles:
        """(6, V) how the same changes at the voxels `at` as the second map turns and shifts.

        Radians about x, y, z through the centre voxel, then sides of the box along them; the sign
        is that of the second map.
        """
        rows = (to_real(row, self.size)[at] for row in self._rows(region))
        return np.stack(list(rows))

    def equations(self, region: Singles, told: Callable[[float], None]) -> tuple[Floats, Floats]:
        """(6, 6) and (6,) of the step that makes `difference` smallest; `told` how far it is."""
        within = _shells(self.limit) <= self.limit
        once = np.where(_once(self.limit)[within], np.float32(np.sqrt(0.5)), np.float32(1.0))

        def flat(spectrum: Complexes) -> Floats:
            values = spectrum[within] * once
            return np.concatenate([values.real, values.imag]).astype(np.float64)

        rows = np.empty((6, 2 * np.count_nonzero(within)))
        for i, row in enumerate(self._rows(region)):
            told(i / 6.0)
            rows[i] = flat(row)
        return rows @ rows.T, rows @ flat(self._cut(self.first - self.second, region))

    @property
    def limit(self) -> int:
        """The last shell."""
        return int(self.first.shape[2]) - 1

    def _cut(self, transform: Complexes, region: Singles) -> Complexes:
        """The filtered transform of a map in a region, without its mean there."""
        values = _within(to_real(transform, self.size), region)
        return to_fourier(values, self.limit) * self.filter

    def _rows(self, region: Singles) -> Iterator[Complexes]:
        """Transforms of the six `slopes`."""
        at = region > LEAST
        some, half, size = region[at], self.limit, self.size
        k = np.arange(-half, half + 1, dtype=np.float32)
        gx, gy, gz = (
            to_real(self.second * (-2j * np.pi * along).astype(np.complex64), size)[at] * some
            for along in (k[half:], k[:, None], k[:, None, None])
        )
        z, y, x = ((index - size // 2).astype(np.float32) / size for index in np.nonzero(at))
        room = np.zeros((size,) * 3, np.float32)
        for values in (y * gz - z * gy, z * gx - x * gz, x * gy - y * gx, gx, gy, gz):
            room[at] = values
            yield to_fourier(room, half) * self.filter


@lru_cache(maxsize=8)
def _shells(half: int) -> NDArray[np.int64]:
    k = np.arange(-half, half + 1) ** 2
    root = np.sqrt(k[:, None, None] + k[:, None] + k[half:])
    shells: NDArray[np.int64] = np.rint(root).astype(np.int64)
    shells.setflags(write=False)
    return shells


def _within(values: Singles, region: Singles) -> Singles:
    """A map in a region, without its mean there, which says nothing about places."""
    mean = np.float32(np.vdot(region, values) / region.sum())
    return region * (values - mean)


def _once(half: int) -> NDArray[np.bool_]:
    """The plane whose opposite points are there, too, while others stand for two."""
    out = np.zeros((2 * half + 1, 2 * half + 1, half + 1), np.bool_)
    out[:, :, 0] = True
    return out


def _by_shell(values: Singles, half: int) -> Floats:
    counted = np.where(_once(half), values, 2.0 * values).reshape(-1)
    sums = np.bincount(_shells(half).reshape(-1), counted)[: half + 1]
    return np.asarray(sums / _points(half))


@lru_cache(maxsize=8)
def _points(half: int) -> Floats:
    counted = np.where(_once(half), 1.0, 2.0).reshape(-1)
    return np.asarray(np.bincount(_shells(half).reshape(-1), counted)[: half + 1], dtype=np.float64)


def _spread(of_shells: Floats, half: int) -> Singles:
    """A number a shell (h + 1,) at every point, 0 in shell 0 and beyond the last."""
    longer = np.zeros(int(_shells(half).max()) + 1, np.float32)
    longer[1 : half + 1] = of_shells[1:]
    return np.asarray(longer[_shells(half)])


def _moved(grid: Grid, pose: Pose, frame: Frame, half: int) -> Complexes:
    """(2 h + 1, 2 h + 1, h + 1): the transform of the moving map where it comes to lie."""
    near = np.flatnonzero(_shells(half) <= half)
    sides = (2 * half + 1, 2 * half + 1, half + 1)
    iz, iy, ix = np.unravel_index(near, sides)
    points = np.stack([ix, iy - half, iz - half], axis=1).astype(np.float64)
    out = np.zeros(sides, np.complex64)
    out.reshape(-1)[near] = grid.sample(
        points, np.ascontiguousarray(pose.matrix), pose.shift / frame.side
    )
    return out
