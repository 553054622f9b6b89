"""The two maps of an alignment, with their masks, brought together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from evenview.core.align.parallel import in_threads
from evenview.core.align.prepare import Frame, Singles, brought_in, require_map, resized
from evenview.core.align.search import first_limit
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.volume import Volume

_PREPARING = "Preparing the maps"


def require_mask(volume: Volume, mask: Volume | None) -> None:
    """Raise `UserError` unless a mask, where there is one, is of a map's box and can be one."""
    if mask is None:
        return
    if mask.values.shape != volume.values.shape:
        mine, its = (
            " × ".join(str(side) for side in reversed(v.values.shape)) for v in (mask, volume)
        )
        raise UserError(
            f"the mask has {mine} voxels, its map {its}",
            where=mask.name,
            hint="Give a mask of the same box.",
        )
    low, high = float(mask.values.min()), float(mask.values.max())
    if not high > 0.0:
        raise UserError(
            "the mask is empty: all its voxels are 0", where=mask.name, hint="Give another mask."
        )
    if low < -0.1 or high > 1.1:
        raise UserError(
            f"this is not a mask: its values go from {low:.4g} to {high:.4g}, not from 0 to 1",
            where=mask.name,
            hint="Give a soft mask of the molecule, such as the refinement's.",
        )


def _diameter(first: Singles, second: Singles, frame: Frame) -> float:
    """Å: that of the smaller molecule, about."""
    return min(_extent(first, frame), _extent(second, frame))


def _extent(values: Singles, frame: Frame) -> float:
    """The diameter of a ball that is spread as far as what is dense at low resolution."""
    small = resized(values, min(frame.size, 32))
    inside = np.argwhere(small > 0.25 * np.percentile(small, 99.5))
    if len(inside) < 2:
        return frame.side
    spread = float(inside.var(axis=0).sum()) * (frame.side / len(small)) ** 2
    return min(2.0 * float(np.sqrt(5.0 / 3.0 * spread)), frame.side)


@dataclass(frozen=True, eq=False)
class Both:
    """Both maps with their masks, `whole` without, in one frame, and the first limit (shells)."""

    still: Singles
    other: Singles
    whole: Singles
    frame: Frame
    limit: float

    @classmethod
    def of(
        cls,
        reference: Volume,
        moving: Volume,
        settings: Settings,
        reference_mask: Volume | None,
        moving_mask: Volume | None,
        progress: Progress = silent,
    ) -> Both:
        """Raises `UserError` where a map or a mask cannot be used, or too few shells are left."""
        progress(0.0, _PREPARING)
        require_map(reference)
        require_map(moving)
        require_mask(reference, reference_mask)
        require_mask(moving, moving_mask)
        frame = Frame.of(reference, moving, settings.lowpass)
        jobs = [
            partial(brought_in, reference, frame, reference_mask),
            partial(brought_in, moving, frame, moving_mask),
        ]
        if moving_mask is not None:
            jobs.append(partial(brought_in, moving, frame))
        maps = in_threads(jobs, progress, _PREPARING)
        still, other, whole = maps[0], maps[1], maps[-1]
        limit = first_limit(_diameter(still, other, frame), frame)
        return cls(still, other, whole, frame, limit)
