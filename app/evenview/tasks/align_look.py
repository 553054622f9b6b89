"""Maps laid over a reference to be looked at first, and written only when that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.superpose import filtered, moved
from evenview.core.motion import Motion
from evenview.core.progress import Progress, part, silent
from evenview.tasks.align_maps import Maps, read_map
from evenview.tasks.align_outputs import Outputs, planned
from evenview.tasks.align_request import AlignRequest
from evenview.tasks.align_result import AlignResult, Failed, MapResult
from evenview.tasks.align_work import Work, checked, looked_through

__all__ = [
    "Sight",
    "bare",
    "find",
    "of_places",
    "places_of",
    "planned_of",
    "see",
    "take",
    "write",
    "write_particles",
]

Singles = NDArray[np.float32]

#: Part of the voxels that may be darker than black, and brighter than white; and how many of each
#: map tell that well enough.
_DARKEST, _BRIGHTEST, _SAMPLE = 0.02, 0.9995, 500_000


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
    levels
        The densities to be drawn black and white.
    span
        The reference's range.
    """

    reference: Singles
    before: Singles
    after: Singles
    voxel_size: float
    resolution: float
    largest_before: float
    largest_after: float
    levels: tuple[float, float]
    span: float


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

    def told(fraction: float, _words: str) -> None:
        progress(fraction, phrase)

    def laid(by: Motion, start: float) -> Singles:
        there = moved(volume, by, onto, part(told, start, start + 0.25))
        step = part(told, start + 0.25, start + 0.35)
        return filtered(there, resolution, likeness.ratio, step)

    seen = filtered(onto, resolution, progress=part(told, 0.2, 0.3))
    after, before = laid(motion, 0.3), laid(Motion(), 0.65)
    most, least = _largest(seen, before), _largest(seen, after)
    levels = _levels(seen, after)
    span = float(np.ptp(seen))
    return Sight(seen, before, after, result.voxel_size, resolution, most, least, levels, span)


def _levels(*maps: Singles) -> tuple[float, float]:
    """Black and white: a few voxels of the maps may be darker and brighter. Of an even sample."""
    every = max(1, maps[0].size // _SAMPLE) | 1  # odd, to meet all columns
    sample = np.stack([values.ravel()[::every] for values in maps])
    low, high = np.quantile(sample, [_DARKEST, _BRIGHTEST])
    return float(low), float(max(high, low + 1e-12))


def _largest(reference: Singles, laid: Singles) -> float:
    """The largest difference, as a part of the reference's range. By sections, to save room."""
    differences = (np.abs(a - b).max() for a, b in zip(laid, reference, strict=True))
    return float(max(differences) / max(np.ptp(reference), np.finfo(np.float32).tiny))


def planned_of(request: AlignRequest, result: MapResult) -> Outputs:
    """What `write` writes of a map: no particles where there is no reliable answer."""
    outputs = planned(request)[result.place]
    left_out = result.found.unreliable and not request.even_so
    return replace(outputs, particles=()) if left_out else outputs


def write(
    request: AlignRequest,
    found: AlignResult,
    progress: Progress = silent,
    places: Collection[int] | None = None,
) -> AlignResult:
    """Write what `align.run` would into the request's folder, for what was found before.

    What an earlier writing said of these maps is forgotten. A map that cannot be written stays in
    the result without its files; `failed` says why, after the maps that were not even aligned.

    Parameters
    ----------
    places
        Of the maps that are wanted; None for all. The names of their files are the same.

    Raises `UserError` as `align.run` does.
    """
    wanted = [one.place for one in found.maps if places is None or one.place in places]
    results = {one.place: one.unwritten() if one.place in wanted else one for one in found.maps}
    work = checked(request, progress, wanted)
    done = work.each(lambda i, told: work.written(results[i], told), wanted, progress)
    return _with(found, {**results, **{one.place: one for one in done.maps}}, done.failed)


def write_particles(
    request: AlignRequest, written: AlignResult, progress: Progress = silent
) -> AlignResult:
    """Write the particles that `write` left out, as there was no reliable answer.

    Raises `UserError` as `align.run` does.
    """
    results = {one.place: one for one in written.maps}
    wanted = [one.place for one in written.maps if one.refused is not None]
    work = checked(request, progress, wanted)
    done = work.each(lambda i, told: work.with_particles(results[i], told), wanted, progress)
    return _with(written, {**results, **{one.place: one for one in done.maps}}, done.failed)


def _with(
    found: AlignResult, results: dict[int, MapResult], failed: tuple[Failed, ...]
) -> AlignResult:
    """The maps as they are now, and what failed after those that were not even aligned."""
    unaligned = (one for one in found.failed if one.place not in results)
    return replace(found, maps=tuple(results.values()), failed=(*unaligned, *failed))


def places_of(request: AlignRequest, before: AlignRequest) -> tuple[int, ...] | None:
    """Where the maps of a request are in an earlier one, whose result says how they lie.

    None where that says nothing: a map is new, or something else is compared.
    """
    now, then = bare(request), bare(before)
    if replace(now, maps=then.maps) != then or not set(now.maps) <= set(then.maps):
        return None
    return tuple(then.maps.index(moving) for moving in now.maps)


def of_places(result: AlignResult, places: Sequence[int]) -> AlignResult:
    """What was found of some maps, which are now all that is asked for, in this order."""
    maps = {one.place: one for one in result.maps}
    failed = {one.place: one for one in result.failed}
    return replace(
        result,
        maps=tuple(replace(maps[old], place=i) for i, old in enumerate(places) if old in maps),
        failed=tuple(
            replace(failed[old], place=i) for i, old in enumerate(places) if old in failed
        ),
    )
