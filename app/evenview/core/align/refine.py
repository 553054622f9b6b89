"""The exact pose: Gauss and Newton in turn and shift, on Fourier coefficients.

The moving map G is fitted to the reference F: in each shell F = c G, c absorbing the filters of the
two. With ρ the FSC of the shell, shells count as ρ / (1 - ρ²) per voxel, which is the likelihood's
weight of a signal of that FSC, so that there is no resolution to choose; the score is
-Σ k² log(1 - ρ²). Before ρ can be trusted, shells count alike and the score is the mean ρ.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.grid import Grid, Samples, slices
from evenview.core.align.limits import ANYWHERE, Limits
from evenview.core.align.parallel import in_threads
from evenview.core.align.pose import Pose
from evenview.core.align.step import moved
from evenview.core.progress import Progress, silent
from evenview.core.threads import threads

Floats = NDArray[np.float64]
Weighting = Literal["alike", "likely"]

#: A shell counts at least as if its FSC were this, in "alike".
_FLOOR = 0.15
#: Shells whose FSC is lower tell nothing; higher ones are not trusted more than this.
_NOTHING, _MOST = 0.05, 0.98
#: Radians and sides of the box that no longer matter.
_STILL = 2e-4


@dataclass(frozen=True, eq=False)
class Fit:
    """A pose, the FSC (S,) of the maps there, and their correlation over all shells."""

    pose: Pose
    fsc: Floats
    correlation: float


def refine_all(
    samples: Samples,
    grid: Grid,
    poses: Sequence[Pose],
    side: float,
    weighting: Weighting,
    steps: int,
    limits: Limits = ANYWHERE,
    progress: Progress = silent,
    phrase: str = "Refining candidates",
) -> list[Fit]:
    """Refine many poses within limits, one a thread; the best score first."""
    work = partial(refine, samples, grid, side=side, weighting=weighting, steps=steps, pieces=1)
    jobs = [partial(work, pose, limits=limits) for pose in poses]
    return sorted(in_threads(jobs, progress, phrase), key=lambda fit: -fit.pose.score)


def refine(
    samples: Samples,
    grid: Grid,
    pose: Pose,
    side: float,
    weighting: Weighting,
    steps: int,
    pieces: int | None = None,
    limits: Limits = ANYWHERE,
    progress: Progress = silent,
) -> Fit:
    """The best pose near one and within limits, for `samples` of a reference and a map's `grid`.

    `side` is that of the box, Å; `pieces` the threads. With 0 steps the pose is only judged.
    """
    best: Fit | None = None
    pose = limits.held(pose)
    for left in range(steps, -1, -1):
        progress(1.0 - (left + 1) / (steps + 1), "Refining the pose")
        sums = _sums(samples, grid, pose, side, threads() if pieces is None else pieces)
        fsc = _correlation(sums)
        weigh = _alike if weighting == "alike" else _likely
        scale, weight, score = weigh(sums, fsc)
        pose = replace(pose, score=score)
        if best is None or score > best.pose.score:
            best = Fit(pose, fsc, _overall(sums))
        if left == 0:
            break
        step = limits.step(pose, *_equations(sums, scale, weight), side)
        pose = limits.held(moved(pose, step, side))
        if np.abs(step).max() < _STILL:
            break
    assert best is not None
    return best


def _sums(samples: Samples, grid: Grid, pose: Pose, side: float, pieces: int) -> Floats:
    """(S, SUMS) of `kernels.align.shell_sums`."""
    from evenview.core.kernels import align

    matrix, shift = np.ascontiguousarray(pose.matrix), pose.shift / side
    parts = [np.zeros((samples.count, align.SUMS)) for _ in range(pieces)]

    def work(piece: slice, part: Floats) -> None:
        align.shell_sums(
            grid.pairs,
            grid.table,
            samples.points[piece],
            samples.shells[piece],
            samples.values[piece],
            matrix,
            shift,
            part,
        )

    cut = list(slices(len(samples.shells), pieces))
    if pieces == 1:
        work(cut[0], parts[0])
    else:
        with ThreadPoolExecutor(pieces) as pool:
            list(pool.map(work, cut, parts))
    return np.asarray(np.sum(parts, axis=0))


def _correlation(sums: Floats) -> Floats:
    power = np.sqrt(sums[:, 1] * sums[:, 2])
    return np.asarray(np.divide(sums[:, 0], power, out=np.zeros_like(power), where=power > 0))


def _overall(sums: Floats) -> float:
    cross, first, second = sums[:, :3].sum(axis=0).tolist()
    return cross / float(np.sqrt(first * second)) if first > 0 and second > 0 else 0.0


def _ratio(sums: Floats, of: int, to: int) -> Floats:
    ratio = np.divide(sums[:, of], sums[:, to], out=np.zeros(len(sums)), where=sums[:, to] > 0)
    return np.asarray(np.sqrt(ratio))


def _alike(sums: Floats, fsc: Floats) -> tuple[Floats, Floats, float]:
    """c and the weight of each shell (S,), and the mean FSC of all voxels."""
    area = np.arange(len(fsc), dtype=np.float64) ** 2
    scale = np.maximum(fsc, _FLOOR) * _ratio(sums, 1, 2)
    return scale, _per_power(area, sums), float((fsc * area).sum() / area.sum())


def _likely(sums: Floats, fsc: Floats) -> tuple[Floats, Floats, float]:
    """c and the weight of each shell (S,), and the logarithm of the likelihood."""
    area = np.arange(len(fsc), dtype=np.float64) ** 2
    smooth = trusted(fsc)
    held = np.clip(fsc, 0.0, 0.99)
    score = float(-(np.log1p(-held * held) * area).sum())
    weight = area * smooth / (1.0 - smooth * smooth)
    return smooth * _ratio(sums, 1, 2), _per_power(weight, sums), score


def _per_power(weight: Floats, sums: Floats) -> Floats:
    power = np.sqrt(sums[:, 1] * sums[:, 2])
    return np.asarray(np.divide(weight, power, out=np.zeros_like(power), where=power > 0))


def trusted(fsc: Floats) -> Floats:
    """(S,) how much shells count as alike: 0 where they tell nothing, and never nearly 1."""
    smooth = np.minimum(three_shells(fsc), _MOST)
    smooth[smooth < _NOTHING] = 0.0
    return smooth


def three_shells(fsc: Floats) -> Floats:
    """The mean of each shell and its neighbours; shell 0 is none."""
    padded = np.concatenate([fsc[1:2], fsc[1:], fsc[-1:]])
    means = np.convolve(padded, np.full(3, 1.0 / 3.0), mode="valid")
    return np.concatenate([[0.0], means])


def _equations(sums: Floats, scale: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(6, 6) and (6,) of the next turn in radians and shift in sides of the box."""
    right = (weight[:, None] * (sums[:, 3:9] - scale[:, None] * sums[:, 9:15])).sum(axis=0)
    upper = ((weight * scale)[:, None] * sums[:, 15:36]).sum(axis=0)
    normal = np.zeros((6, 6))
    normal[np.triu_indices(6)] = upper
    return normal + np.triu(normal, 1).T, right
