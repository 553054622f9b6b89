"""The last tenths of a degree: the pose of what the maps share, and of nothing else.

The maps are compared in real space, where either shows something. First, at a coarse resolution,
the motion is looked for that most of the molecule follows (`windows`); then, with all shells, the
difference W (v1 - c v2) is made as small as it can be, W being weak where the maps differ. W is
found anew before each step and stays with the reference, while the moving map is turned under it:
a mask on one map alone would draw density into it, and one that is carried along would hold the
maps where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.grid import Grid
from evenview.core.align.limits import ANYWHERE, Limits
from evenview.core.align.pair import Pair
from evenview.core.align.pose import Pose
from evenview.core.align.prepare import Frame, Singles, resized, to_real
from evenview.core.align.refine import Fit, three_shells
from evenview.core.align.step import further
from evenview.core.align.windows import Windows
from evenview.core.progress import Progress, share, silent

Floats = NDArray[np.float64]

#: Å: windows are as wide as the resolution at which the maps agree, but not finer or coarser.
_FINEST, _COARSEST = 8.0, 24.0
#: Windows are so many resolutions apart, first and at last.
_FIRST_APART, _LAST_APART = 0.85, 0.65
_FIRST_SHELLS = (12, 32)
_FIRST_ROUNDS, _LAST_ROUNDS = 6, 6
#: A first step (radians, sides of the box) after which the last ones follow, and a last one.
_NEAR, _ENOUGH = 2e-3, 2e-4
#: The FSC to which maps agree, and that to which they show where the molecule is.
_AGREE, _ALIKE = 0.143, 0.5
#: Shells so far beyond the last one that agrees count: inside the molecule alone more do.
_BEYOND = 1.25
#: Å: the room around the molecule, the width of its edge, and the finest at which it is looked at.
_ROOM, _EDGE, _BLUR = 6.0, 8.0, 10.0
#: It begins at so much of the highest densities, or so many deviations of the solvent.
_PART, _DEVIATIONS = 0.25, 5.0
_PHRASE = "Refining it on what the maps share"


def polish(
    reference: Singles,
    grid: Grid,
    whole: Grid,
    fit: Fit,
    frame: Frame,
    limits: Limits = ANYWHERE,
    progress: Progress = silent,
) -> Fit:
    """Refine a fit on what both maps share, within limits.

    Parameters
    ----------
    reference
        (n, n, n) in the frame.
    grid, whole
        The moving map, with its mask if it has one, and without it.
    """
    progress(0.0, _PHRASE)
    agree = _reached(fit.fsc, _AGREE)
    resolution = min(max(frame.side / agree, _FINEST), _COARSEST)
    fewest, most = _FIRST_SHELLS
    first = min(max(round(frame.side / resolution), fewest), most, frame.limit)
    blur = max(_BLUR, 1.5 * frame.side / _reached(fit.fsc, _ALIKE))
    outline = _outline(Pair.of(reference, grid, fit.pose, frame, first), frame, blur)
    finest = min(max(first, round(_BEYOND * agree)), frame.limit)
    polishing = _Polishing(reference, whole, frame, outline, resolution, finest, limits)
    half = share(progress, 0, 2)
    near = polishing.first(fit.pose, first, half)
    return replace(fit, pose=polishing.last(near, share(progress, 1, 2)))


@dataclass(frozen=True, eq=False)
class _Polishing:
    """The maps, where either shows something (n, n, n), Å to which they agree, the last shell that
    tells anything, and limits."""

    reference: Singles
    whole: Grid
    frame: Frame
    outline: Singles
    resolution: float
    finest: int
    limits: Limits

    def first(self, pose: Pose, limit: int, progress: Progress) -> Pose:
        """The motion that most of the molecule follows, up to a shell."""
        windows = self._windows(limit, _FIRST_APART)
        for i in range(_FIRST_ROUNDS):
            progress(i / _FIRST_ROUNDS, _PHRASE)
            pair = Pair.of(self.reference, self.whole, pose, self.frame, limit)
            step = windows.motion(pair.matched(windows.region))
            pose = self.limits.held(further(pose, step, self.frame.side))
            if np.abs(step).max() < _NEAR:
                break
        return pose

    def last(self, pose: Pose, progress: Progress) -> Pose:
        """With all shells that tell anything, on what the maps share."""
        limit = self.finest
        windows = self._windows(limit, _LAST_APART)
        shared = windows.region
        for i in range(_LAST_ROUNDS):

            def told(part: float, i: int = i) -> None:
                progress((i + part) / _LAST_ROUNDS, _PHRASE)

            told(0.0)
            pair = Pair.of(self.reference, self.whole, pose, self.frame, limit)
            told(0.2)
            shared = windows.agreement(pair.matched(shared))
            told(0.4)
            equations = pair.matched(shared).equations(shared, lambda part: told(0.5 + 0.5 * part))
            step = self.limits.step(pose, *equations, self.frame.side)
            pose = self.limits.held(further(pose, step, self.frame.side))
            if np.abs(step).max() < _ENOUGH:
                break
        return pose

    def _windows(self, limit: int, apart: float) -> Windows:
        """Over the outline, so many resolutions from each other, but at least a voxel."""
        size, side = self.frame.size_for(limit), self.frame.side
        region = self.outline
        if len(region) != size:
            region = np.clip(resized(region, size), 0.0, 1.0)
        return Windows.over(region, side, max(apart * self.resolution, side / size))


def _reached(fsc: Floats, threshold: float) -> int:
    """The last shell in which an FSC (S,) is above a threshold. Dips before it are passed over:
    there the molecule shows little, or what only one map has is as strong."""
    above = np.flatnonzero(three_shells(fsc)[2:] >= threshold)
    return int(above[-1]) + 2 if len(above) else 2


def _outline(pair: Pair, frame: Frame, blur: float) -> Singles:
    """(n, n, n) 1 where either map shows something at a resolution (Å), falling to 0 around it."""
    from scipy.ndimage import distance_transform_edt

    low = _gaussian(pair.limit, frame.side / blur)
    first, second = (to_real(transform * low, pair.size) for transform in (pair.first, pair.second))
    radius = frame.radii(pair.size)
    far = (radius > 0.42 * frame.side) & (radius < 0.5 * frame.side)
    first, second = first - np.median(first[far]), second - np.median(second[far])
    power = float(np.vdot(second, second))
    scale = float(np.vdot(first, second)) / power if power > 0 else 1.0
    both = first + np.float32(scale) * second
    solvent = both[far]
    middle = float(np.median(solvent))
    deviation = 1.4826 * float(np.median(np.abs(solvent - middle)))
    high = float(np.percentile(both, 99.5))
    inside = both > max(middle + _DEVIATIONS * deviation, _PART * high)
    away = distance_transform_edt(~inside) * (frame.side / pair.size)
    edge = np.clip((away - _ROOM) / _EDGE, 0.0, 1.0)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * edge), dtype=np.float32)


def _gaussian(half: int, shell: float) -> Singles:
    """(2 h + 1, 2 h + 1, h + 1) falling to one half at `shell`."""
    k = np.exp2(-((np.arange(-half, half + 1) / shell) ** 2)).astype(np.float32)
    return np.asarray(k[:, None, None] * k[:, None] * k[half:])
