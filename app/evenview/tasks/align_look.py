"""Maps laid over a reference to be looked at first, and written only when that is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.prepare import require_map
from evenview.core.align.superpose import difference, moved
from evenview.core.motion import Motion
from evenview.core.progress import Progress, share, silent
from evenview.formats import open_particles
from evenview.tasks import align, transform
from evenview.tasks.align import AlignRequest, AlignResult, MapResult, Work, compared, read_map
from evenview.tasks.transform_file import TransformFile

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
    script
        The commands for ChimeraX.
    """

    reference: Singles
    before: Singles
    after: Singles
    voxel_size: float
    resolution: float
    script: str


def bare(request: AlignRequest) -> AlignRequest:
    """What is to be known to align the maps, without what is then written and where."""
    maps = tuple(replace(moving, also=(), particles=()) for moving in request.maps)
    return replace(request, maps=maps, folder=None)


def find(request: AlignRequest, progress: Progress = silent) -> AlignResult:
    """Align every map and write nothing.

    All files are looked at before the first map is aligned, those too that are only written later.

    Raises `UserError` as `align.run` does; also of particles that could not be written later.
    """
    for moving in request.maps:
        progress(0.0, f"{moving.path.name}: Reading")
        volume = read_map(moving.path, moving.pixel_size)
        require_map(volume)
        for path in moving.also:
            progress(0.0, f"{path.name}: Reading")
            read_map(path, moving.pixel_size or volume.voxel_size)
        for path in moving.particles:
            transform.require_movable(open_particles(path, progress))
    return align.run(bare(request), progress)


def see(request: AlignRequest, result: MapResult, place: int, progress: Progress = silent) -> Sight:
    """Lay the map of a `place` in the request over the reference, before and after.

    Raises `UserError` where a file cannot be read any more.
    """
    moving = request.maps[place]
    phrase = f"{moving.path.name}: Slices"
    progress(0.0, phrase)
    onto = read_map(request.reference, request.pixel_size)
    volume = read_map(moving.path, moving.pixel_size)
    motion, likeness = result.found.pose.motion, result.likeness
    resolution = compared(result)
    equal = replace(likeness, ratio=np.ones_like(likeness.ratio))
    nothing = replace(onto, values=np.zeros_like(onto.values))
    seen = difference(nothing, onto, equal, resolution)

    def laid(by: Motion) -> Singles:
        return seen + difference(onto, moved(volume, by, onto), likeness, resolution)

    progress(0.2, phrase)
    after = laid(motion)
    progress(0.6, phrase)
    before = laid(Motion(np.eye(3), np.zeros(3)))
    file = TransformFile.of(motion, request.reference, onto, moving.path, volume)
    return Sight(seen, before, after, result.voxel_size, resolution, file.chimerax_script())


def targets(request: AlignRequest) -> tuple[Path, ...]:
    """Every file that is written into the request's folder."""
    work = Work(request)
    return tuple(path for i in range(len(request.maps)) for path in work.outputs(i).all())


def write(request: AlignRequest, found: AlignResult, progress: Progress = silent) -> AlignResult:
    """Write what `align.run` would into the request's folder, for what was found before.

    Raises `UserError` as `align.run` does.
    """
    work = Work(request)
    work.check(progress)
    n = len(request.maps)
    written = tuple(
        _written(work, i, result, share(progress, i, n)) for i, result in enumerate(found.maps)
    )
    progress(1.0, "Writing")
    return AlignResult(found.reference, written)


def _written(work: Work, i: int, result: MapResult, progress: Progress) -> MapResult:
    moving = work.request.maps[i]
    progress(0.0, f"{moving.path.name}: Moving the map")
    volume = read_map(moving.path, moving.pixel_size)
    laid = moved(volume, result.found.pose.motion, work.reference)
    return work.written(i, result, laid, volume, progress)
