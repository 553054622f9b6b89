"""The moved map on the reference's voxels, how alike the two are, and where they differ.

The map is moved by one interpolation of the original: its Fourier series, cut to what the new
voxels can hold, is evaluated at each new voxel, with a Kaiser-Bessel window of six voxels on a grid
half as fine again. The error is 4e-5 of the highest density, and a map that does not move comes
back as it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.grid import (
    kaiser_bessel,
    slices,
    window,
    window_response,
)
from evenview.core.align.parallel import in_threads
from evenview.core.align.prepare import Floats, Singles, border_mean
from evenview.core.motion import Motion
from evenview.core.progress import Progress, part, share, silent
from evenview.core.threads import threads
from evenview.core.volume import Volume

_WIDTH, _FINER = 6, 1.5
_BETA = kaiser_bessel(_WIDTH, _FINER)
_TABLE = 1024
#: A soft edge of the ball in which maps are compared, in parts of the box.
_BALL_EDGE = 0.05
_SAME = 1e-9
#: Pieces of a map: between two of them the work can be stopped.
_PIECES = 32
_MOVING, _COMPARING = "Moving the map", "Comparing the maps"


def moved(volume: Volume, motion: Motion, onto: Volume, progress: Progress = silent) -> Volume:
    """A map where a motion takes it, on the voxels of another one.

    The motion is about the centre voxels N // 2 of the two. Beyond the map's own box there is the
    mean of its faces. Name, origin and voxel size are those of `onto` but for the name.
    """
    if _is_still(volume, motion, onto):
        return replace(onto, values=volume.values, name=volume.name, notes=())
    from evenview.core.kernels import align_superpose

    fine = _finer(volume, motion, onto, share(progress, 0, 2))
    matrix, offset = _places(volume, motion, onto)
    sides = np.array(volume.values.shape[::-1])
    ratio = np.array(fine.shape[::-1]) / sides
    ends = np.stack([np.full(3, -0.5), sides - 0.5], axis=1) * ratio[:, None]
    out = np.empty(onto.values.shape, np.float32)
    outside = border_mean(volume.values)

    def work(first: int) -> None:
        align_superpose.moved_sections(
            fine, _table(), matrix * ratio[:, None], offset * ratio, ends, outside, first, out
        )

    _by_tiles(len(out), work, share(progress, 1, 2), _MOVING)
    return replace(onto, values=out, name=volume.name, notes=())


def _by_tiles(sections: int, work: Callable[[int], None], progress: Progress, phrase: str) -> None:
    """Do a piece of work from each section on that begins a tile, in threads."""
    from evenview.core.kernels.align_superpose import TILE

    jobs = [partial(work, start) for start in range(0, sections, TILE)]
    in_threads(jobs, progress, phrase)


def _is_still(volume: Volume, motion: Motion, onto: Volume) -> bool:
    same_box = volume.values.shape == onto.values.shape
    same_size = np.allclose(volume.spacing, onto.spacing, rtol=_SAME)
    still = np.abs(motion.matrix - np.eye(3)).max() < _SAME and not motion.shift.any()
    return bool(same_box and same_size and still)


def _places(volume: Volume, motion: Motion, onto: Volume) -> tuple[Floats, Floats]:
    """Where a voxel (x, y, z) of the new map is in the old one, in voxels: matrix and offset."""
    back = motion.matrix.T / volume.spacing[:, None]
    matrix = back * onto.spacing[None, :]
    centre = np.array(onto.center) * onto.spacing
    return matrix, np.array(volume.center) - back @ (centre + motion.shift)


def _finer(volume: Volume, motion: Motion, onto: Volume, progress: Progress) -> Singles:
    """The map's Fourier series on a finer grid, divided by the window's response."""
    from scipy import fft

    from evenview.core.kernels import align_superpose

    progress(0.0, _MOVING)
    values = volume.values
    spectrum = fft.rfftn(values, norm="forward", workers=threads())
    progress(0.2, _MOVING)
    sides = values.shape
    finer = tuple(2 * int(fft.next_fast_len(math.ceil(n * _FINER / 2))) for n in sides)
    scales = tuple(_scale(n, m) for n, m in zip(sides, finer, strict=True))
    step = 1.0 / (np.array(sides[::-1]) * volume.spacing)
    limit = 0.5 / onto.spacing * (1.0 + _SAME)
    scale = partial(align_superpose.scale_what_fits, spectrum, scales, step, motion.matrix, limit)
    parts = slices(len(spectrum), threads())
    in_threads([partial(scale, p.start, p.stop) for p in parts], silent, _MOVING)
    for axis in (0, 1):
        progress(0.3 + 0.2 * axis, _MOVING)
        spectrum = _longer(spectrum, finer[axis], axis)
        progress(0.4 + 0.2 * axis, _MOVING)
        spectrum = fft.ifft(
            spectrum, axis=axis, norm="forward", workers=threads(), overwrite_x=True
        )
    progress(0.8, _MOVING)
    return np.asarray(fft.irfft(spectrum, finer[2], axis=2, norm="forward", workers=threads()))


def _scale(n: int, m: int) -> Singles:
    """(n,) one over the window's response at each frequency of `n` points, on `m` of them."""
    response = window_response(np.fft.fftfreq(n, 1.0 / n) / m, _WIDTH, _BETA)
    if n % 2 == 0:
        response[n // 2] *= 2.0  # half a wave a voxel: one half at each end
    return np.asarray(1.0 / response, dtype=np.float32)


def _longer(spectrum: NDArray[np.complex64], m: int, axis: int) -> NDArray[np.complex64]:
    """The frequencies of `m` points instead of fewer along the first or the second axis."""
    n = spectrum.shape[axis]
    shape = list(spectrum.shape)
    shape[axis] = m
    out = np.zeros(shape, np.complex64)
    source, target = np.moveaxis(spectrum, axis, 0), np.moveaxis(out, axis, 0)
    positive, negative = n // 2 + 1, n // 2
    target[:positive] = source[:positive]  # of an even number the last one is at both ends
    target[m - negative :] = source[n - negative :]
    return out


@cache
def _table() -> Singles:
    """(T, 6) the window at six points of the finer grid, of places after the third."""
    after = np.linspace(0.0, 1.0, _TABLE + 1)[:, None]
    away = np.abs(after - (np.arange(_WIDTH) - (_WIDTH // 2 - 1)))
    values = window(away, _WIDTH, _BETA).astype(np.float32)
    values.setflags(write=False)
    return values


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike two maps on the same voxels are.

    Attributes
    ----------
    fsc
        (S,) by shell; NaN in shell 0.
    ratio
        (S,) amplitudes of the first map over those of the second.
    side
        Å: shell s is the resolution side / s.
    """

    fsc: Floats
    ratio: Floats
    side: float

    @classmethod
    def of(
        cls,
        first: Volume,
        second: Volume,
        mask: Volume | None = None,
        progress: Progress = silent,
    ) -> Likeness:
        """Of two maps on the same voxels, in the largest ball of the box, times a mask."""
        from scipy import fft

        from evenview.core.kernels import align_superpose

        progress(0.0, _COMPARING)
        window = ball(first) if mask is None else ball(first) * mask.values
        spectra = []
        for i, volume in enumerate((first, second)):
            progress(0.2 + 0.3 * i, _COMPARING)
            spectra.append(fft.rfftn(_without_border(volume) * window, workers=threads()))
        nx = first.values.shape[2]
        side, last = _shells(first)
        parts = np.zeros((_PIECES, last + 1, 3))
        one, two = spectra
        step = side / first.extent

        def add(i: int) -> None:
            align_superpose.shell_products(one, two, nx, step, i, _PIECES, parts[i])

        jobs = [partial(add, i) for i in range(_PIECES)]
        in_threads(jobs, part(progress, 0.8, 1.0), _COMPARING)
        cross, power, other = parts.sum(axis=0).T
        both = np.sqrt(power * other)
        fsc = np.divide(cross, both, out=np.zeros_like(both), where=both > 0)
        fsc[0] = np.nan
        ratio = np.sqrt(np.divide(power, other, out=np.zeros_like(both), where=other > 0))
        return cls(fsc, ratio, side)

    def crossing(self, threshold: float) -> float | None:
        """Å where the FSC first falls to a threshold, between the shells.

        The last shell's where it never does; None where it does so at the first.
        """
        below = np.flatnonzero(self.fsc[1:] < threshold)
        if not len(below):
            return self.side / (len(self.fsc) - 1)
        shell = int(below[0]) + 1
        if shell == 1:
            return None
        before, after = self.fsc[shell - 1], self.fsc[shell]
        return float(self.side / (shell - 1 + (before - threshold) / (before - after)))

    def reaches_the_end(self, threshold: float) -> bool:
        """Whether the FSC stays above a threshold, so that the voxels limit the resolution."""
        return not (self.fsc[1:] < threshold).any()


def _shells(volume: Volume) -> tuple[float, int]:
    """The longest side in Å, and the last shell that every axis has."""
    side = float(volume.extent.max())
    return side, math.floor(side / (2.0 * float(volume.spacing.max())))


def _without_border(volume: Volume) -> Singles:
    return np.asarray(volume.values - np.float32(border_mean(volume.values)))


def ball(volume: Volume) -> Singles:
    """1 in the largest ball of the box about its centre voxel, falling to 0 at its end."""
    from evenview.core.kernels import align_superpose

    reach = [
        n // 2 * step for n, step in zip(volume.values.shape[::-1], volume.spacing, strict=True)
    ]
    end = min(reach)
    out = np.empty(volume.values.shape, np.float32)

    def work(start: int) -> None:
        align_superpose.soft_ball(
            volume.center, volume.spacing, end, 2 * _BALL_EDGE * end, start, out
        )

    _by_tiles(len(out), work, silent, _COMPARING)
    return out


def difference(
    first: Volume,
    second: Volume,
    likeness: Likeness,
    resolution: float,
    progress: Progress = silent,
) -> Singles:
    """``second - first`` on the same voxels, both only down to `resolution` (Å).

    Each shell of the second has the amplitudes of the first, so that filters of the two, which are
    no difference of the molecules, do not show; nor do scale and background. It is the difference
    of what `filtered` makes of the two.
    """
    one = _filtered(first, resolution, None, part(progress, 0.0, 0.4))
    two = _filtered(second, resolution, likeness.ratio, part(progress, 0.4, 0.8))
    two -= one
    progress(0.8, _COMPARING)
    return _real(two, first)


def filtered(
    volume: Volume,
    resolution: float,
    ratio: Floats | None = None,
    progress: Progress = silent,
) -> Singles:
    """A map only down to `resolution` (Å), less its background, the mean of its faces.

    The cut is soft over two shells. Each shell is multiplied by its `ratio` (S,), as of `Likeness`,
    where there is one.
    """
    spectrum = _filtered(volume, resolution, ratio, part(progress, 0.0, 0.6))
    progress(0.6, _COMPARING)
    return _real(spectrum, volume)


def _filtered(
    volume: Volume, resolution: float, ratio: Floats | None, progress: Progress
) -> NDArray[np.complex64]:
    """The transform of the same."""
    from scipy import fft

    from evenview.core.kernels import align_superpose

    progress(0.0, _COMPARING)
    spectrum = fft.rfftn(_without_border(volume), workers=threads())
    progress(0.8, _COMPARING)
    side, _ = _shells(volume)
    step = side / volume.extent
    scale = np.ones(2, np.float32) if ratio is None else ratio.astype(np.float32)
    scale[0] = scale[1]

    def work(start: int) -> None:
        align_superpose.scale_shells(spectrum, step, scale, side / resolution, start)

    _by_tiles(len(spectrum), work, silent, _COMPARING)
    return np.asarray(spectrum)


def _real(spectrum: NDArray[np.complex64], onto: Volume) -> Singles:
    """The map of a transform, on the voxels of another; its room is used up."""
    from scipy import fft

    values = fft.irfftn(spectrum, s=onto.values.shape, workers=threads(), overwrite_x=True)
    return np.asarray(values, dtype=np.float32)
