"""The two maps of an alignment, with their masks, brought together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from evenview.core.align.parallel import in_threads
from evenview.core.align.prepare import (
    Frame,
    Singles,
    border_mean,
    brought_in,
    require_map,
    resized,
)
from evenview.core.align.search import first_limit
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.volume import Volume

_PREPARING = "Preparing the maps"


def require_box(mask: tuple[int, ...], of: tuple[int, ...], name: str) -> None:
    """Raise `UserError` unless a mask called `name` has as many voxels along x, y, z as its map."""
    if mask != of:
        mine, its = (" × ".join(map(str, sides)) for sides in (mask, of))
        raise UserError(
            f"the mask has {mine} voxels, its map {its}",
            where=name,
            hint="Give a mask of the same box.",
        )


def require_mask(volume: Volume, mask: Volume | None) -> None:
    """Raise `UserError` unless a mask, where there is one, is of a map's box and can be one.

    It has to leave something of the map, too.
    """
    if mask is None:
        return
    require_box(mask.values.shape[::-1], volume.values.shape[::-1], mask.name)
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
    if not _leaves_something(volume, mask):
        raise UserError(
            "the mask leaves nothing of the map",
            where=mask.name,
            hint="The molecule is elsewhere: give a mask that was made for this map.",
        )


def _leaves_something(volume: Volume, mask: Volume) -> bool:
    """Whether a mask is over anything but the background. By sections: most maps tell it soon."""
    ground = np.float32(border_mean(volume.values))
    sections = zip(volume.values, mask.values, strict=True)
    return any(bool(((values != ground) & (weights != 0.0)).any()) for values, weights in sections)


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
