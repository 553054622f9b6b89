"""Maps laid over a reference to be looked at first, and written only when that is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.superpose import difference, moved
from evenview.core.motion import Motion
from evenview.core.progress import Progress, share, silent
from evenview.tasks.align_maps import Maps, read_map
from evenview.tasks.align_outputs import planned
from evenview.tasks.align_request import AlignRequest
from evenview.tasks.align_result import AlignResult, MapResult
from evenview.tasks.align_work import Work, checked, looked_through

__all__ = ["Sight", "bare", "find", "planned", "see", "take", "targets", "write"]

Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sight:
    """What there is to be seen of a map, on the voxels of the reference.

    All are of the resolution that was compared, and each shell of the map has the amplitudes of the
    reference: a difference is one of shape, and the grey levels are the same.

    Attributes
    ----------
    reference, before, after
        (Z, Y, X): the reference; the map where it was, centre on centre, and where it comes to lie.
    voxel_size, resolution
        Å.
    largest_before, largest_after
        The largest difference from the reference, as a part of the reference's range.
    """

    reference: Singles
    before: Singles
    after: Singles
    voxel_size: float
    resolution: float
    largest_before: float
    largest_after: float


def bare(request: AlignRequest) -> AlignRequest:
    """What is to be known to align the maps, without what is then written and where."""
    maps = tuple(replace(moving, also=(), particles=()) for moving in request.maps)
    return replace(request, maps=maps, folder=None)


def find(request: AlignRequest, progress: Progress = silent) -> AlignResult:
    """Align every map and write nothing.

    All files are looked at before the first map is aligned, those too that are only written later.

    Raises `UserError` as `align.run` does; also of particles that could not be written later.
    """
    work = looked_through(request, progress)
    return work.each(work.found_and_written, range(len(request.maps)), progress)


def take(
    request: AlignRequest, best: MapResult, number: int, progress: Progress = silent
) -> MapResult:
    """A map of the request by another of its poses: that of a runner-up, refined as the best was.

    Parameters
    ----------
    best
        As `find` gave it.
    number
        Of the runner-up, from 1; 0 gives the best back.

    Raises `UserError` where a file cannot be read any more.
    """
    if not number:
        return best
    work = Work(Maps(request), (), None)
    return work.taken(best, number, progress)


def see(request: AlignRequest, result: MapResult, progress: Progress = silent) -> Sight:
    """Lay a map of the request over the reference, before and after.

    Raises `UserError` where a file cannot be read any more.
    """
    moving = request.maps[result.place]
    phrase = f"{moving.path.name}: Slices"
    progress(0.0, phrase)
    onto = read_map(request.reference, request.pixel_size)
    volume = read_map(moving.path, moving.pixel_size)
    motion, likeness = result.found.pose.motion, result.likeness
    resolution = result.compared
    equal = replace(likeness, ratio=np.ones_like(likeness.ratio))
    nothing = replace(onto, values=np.zeros_like(onto.values))
    seen = difference(nothing, onto, equal, resolution)

    def laid(by: Motion, start: float) -> Singles:
        def told(part: float, _words: str) -> None:
            progress(start + 0.4 * part, phrase)

        there = moved(volume, by, onto, share(told, 0, 2))
        return seen + difference(onto, there, likeness, resolution, share(told, 1, 2))

    after, before = laid(motion, 0.2), laid(Motion(np.eye(3), np.zeros(3)), 0.6)
    largest = (_largest(seen, other) for other in (before, after))
    return Sight(seen, before, after, result.voxel_size, resolution, *largest)


def _largest(reference: Singles, laid: Singles) -> float:
    """The largest difference, as a part of the reference's range. By sections, to save room."""
    differences = (np.abs(a - b).max() for a, b in zip(laid, reference, strict=True))
    return float(max(differences) / max(np.ptp(reference), np.finfo(np.float32).tiny))


def targets(request: AlignRequest) -> tuple[Path, ...]:
    """Every file that is written into the request's folder."""
    return tuple(path for outputs in planned(request) for path in outputs.all())


def write(request: AlignRequest, found: AlignResult, progress: Progress = silent) -> AlignResult:
    """Write what `align.run` would into the request's folder, for what was found before.

    What an earlier writing said is forgotten. A map that cannot be written stays in the result
    without its files; `failed` says why, after the maps that were not even aligned.

    Raises `UserError` as `align.run` does.
    """
    work = checked(request, progress)
    results = {one.place: one.unwritten() for one in found.maps}
    done = work.each(lambda i, told: work.written(results[i], told), list(results), progress)
    results.update({one.place: one for one in done.maps})
    unaligned = (one for one in found.failed if one.place not in results)
    return replace(done, maps=tuple(results.values()), failed=(*unaligned, *done.failed))
