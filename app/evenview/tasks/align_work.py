"""The steps from maps and particles to what is written of them, for one map and for many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evenview.core.align.aligning import align, take
from evenview.core.align.alignment import Alignment
from evenview.core.align.superpose import Likeness, moved
from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.threads import cores
from evenview.core.volume import Volume
from evenview.tasks.align_maps import Maps, notes_of, read_other
from evenview.tasks.align_outputs import Outputs, already_there, planned, require_folder
from evenview.tasks.align_particles import Follower, follower
from evenview.tasks.align_request import AlignRequest, Moving
from evenview.tasks.align_result import AlignResult, Failed, MapResult
from evenview.tasks.align_writing import write_map
from evenview.tasks.side_by_side import side_by_side
from evenview.tasks.transform_file import MapVoxels, chimerax

#: Maps that are aligned at the same time need no more memory than this, unless one alone does: so
#: many bytes for each voxel of the larger of map and reference.
_MOST_BYTES, _BYTES = 4 << 30, 60
#: Parts of a map's time: the pose, with it the moved map, and with that how alike they are.
_FOUND, _LAID, _COMPARED = 0.65, 0.72, 0.75


def checked(request: AlignRequest, progress: Progress = silent) -> Work:
    """The work of a request, all of whose files are sound and can be written.

    Raises `UserError` where one is not.
    """
    maps = Maps(request)
    if request.folder is None and any(moving.also or moving.particles for moving in request.maps):
        raise UserError(
            "nothing says where particles and other maps are to be written",
            hint="Give a folder with -o.",
        )
    outputs = None if request.folder is None else planned(request)
    followers = _sound(maps, outputs, progress)
    there: tuple[Path, ...] = ()
    if request.folder is not None and outputs is not None:
        every = [one for ones in followers for one in ones]
        targets = [path for one in outputs for path in one.all()]
        targets += [path for one in every for path in one.targets[1:]]
        sources = (*request.sources, *(path for one in every for path in one.sources))
        require_folder(request.folder, targets, sources)
        there = already_there(targets)
    return Work(maps, followers, outputs, there)


def looked_through(request: AlignRequest, progress: Progress = silent) -> Work:
    """As `checked`, of a request that does not say yet where all is to be written."""
    maps = Maps(request)
    return Work(maps, _sound(maps, None, progress), None)


def _sound(
    maps: Maps, outputs: Sequence[Outputs] | None, progress: Progress
) -> tuple[tuple[Follower, ...], ...]:
    """The particle files of each map, once every file was looked at."""
    progress(0.0, f"{maps.request.reference.name}: Reading")
    _ = maps.reference, maps.mask
    found = []
    for i, moving in enumerate(maps.request.maps):
        progress(0.0, f"{moving.path.name}: Reading")
        volume = maps.require_comparable(moving)
        for path in moving.also:
            progress(0.0, f"{path.name}: Reading")
            read_other(path, volume)
        targets = [None] * len(moving.particles) if outputs is None else outputs[i].particles
        found.append(
            tuple(
                follower(
                    path, target, MapVoxels.of(volume), lambda _part, words: progress(0.0, words)
                )
                for path, target in zip(moving.particles, targets, strict=True)
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Work:
    """A request whose files were looked at, and the steps for each of its maps.

    Attributes
    ----------
    followers
        The particle files of each map.
    outputs
        What is written of each map; None for nothing.
    there
        Files that are replaced.
    """

    maps: Maps
    followers: tuple[tuple[Follower, ...], ...]
    outputs: tuple[Outputs, ...] | None
    there: tuple[Path, ...] = ()

    def each(
        self,
        work: Callable[[int, Progress], MapResult],
        places: Sequence[int],
        progress: Progress,
    ) -> AlignResult:
        """Do something with the maps of some places, several at a time."""
        moving = self.maps.request.maps
        done = side_by_side([partial(work, i) for i in places], self.at_once, progress)
        failed = tuple(
            Failed(i, moving[i].path, one)
            for i, one in zip(places, done, strict=True)
            if isinstance(one, UserError)
        )
        results = tuple(one for one in done if isinstance(one, MapResult))
        return AlignResult(self.maps.request.reference, results, failed)

    @property
    def at_once(self) -> int:
        """How many maps are worked on at the same time: as cores and memory allow."""
        largest = max(self.maps.sizes)
        return max(1, min(len(self.maps.request.maps), cores(), _MOST_BYTES // (_BYTES * largest)))

    def found_and_written(self, i: int, progress: Progress) -> MapResult:
        """Align the `i`-th map, and write what goes with it where that is wanted."""
        result, laid = self._found(i, progress)
        if self.outputs is not None:
            result = self._written(result, laid, progress)
        self.maps.forget(self.maps.request.maps[i])
        return result

    def written(self, result: MapResult, progress: Progress) -> MapResult:
        """Write what goes with a map that was aligned before."""
        moving = self.maps.request.maps[result.place]
        told = _named(moving, progress, 0.0, _LAID)
        volume, reference = self.maps.moving(moving), self.maps.reference
        laid = moved(volume, result.found.pose.motion, reference, told)
        done = self._written(result, laid, progress)
        self.maps.forget(moving)
        return done

    def _found(self, i: int, progress: Progress) -> tuple[MapResult, Volume]:
        maps, moving = self.maps, self.maps.request.maps[i]
        told = _named(moving, progress, 0.0, _FOUND)
        volume, mask = maps.moving(moving), maps.mask_of(moving)
        found = align(maps.reference, volume, maps.request.settings, maps.mask, mask, told)
        if moving.pose:
            found = take(found, moving.pose, maps.reference, volume, maps.mask, mask, told)
        result, laid = self._laid(i, found, progress)
        return replace(result, misfits=self._misfits(i)), laid

    def _misfits(self, i: int) -> tuple[str, ...]:
        return tuple(one.misfit for one in self.followers[i] if one.misfit)

    def taken(self, best: MapResult, number: int, progress: Progress) -> MapResult:
        """What was found of a map, with a runner-up (from 1) for its pose."""
        maps, moving = self.maps, self.maps.request.maps[best.place]
        told = _named(moving, progress, 0.0, _FOUND)
        volume, mask = maps.moving(moving), maps.mask_of(moving)
        found = take(best.found, number, maps.reference, volume, maps.mask, mask, told)
        taken, _ = self._laid(best.place, found, progress)
        return replace(taken, misfits=best.misfits)

    def _laid(self, i: int, found: Alignment, progress: Progress) -> tuple[MapResult, Volume]:
        """The result of a pose, and the map that it lays over the reference."""
        maps, moving = self.maps, self.maps.request.maps[i]
        reference, volume, mask = maps.reference, maps.moving(moving), maps.mask_of(moving)
        told = _named(moving, progress, _FOUND, _LAID)
        laid = moved(volume, found.pose.motion, reference, told)
        told = _named(moving, progress, _LAID, _COMPARED)
        odd = (note for one in (volume, mask, maps.mask) if one for note in notes_of(one))
        result = MapResult(
            place=i,
            path=moving.path,
            found=found,
            voxel_size=float(reference.voxel_size or 1.0),
            likeness=Likeness.of(reference, laid, maps.mask, told),
            chimerax=chimerax(found.pose.motion, volume, reference),
            outputs=None,
            chimerax_sizes=maps.sizes_for_chimerax(moving),
            notes=(*odd, *filter(None, [maps.too_fine(moving)])),
            masked=maps.mask is not None,
        )
        return result, laid

    def _written(self, result: MapResult, laid: Volume, progress: Progress) -> MapResult:
        i = result.place
        assert self.outputs is not None
        moving, outputs = self.maps.request.maps[i], self.outputs[i]
        result = replace(result, misfits=self._misfits(i))
        done = write_map(self.maps, moving, outputs, self.followers[i], result, laid, progress)
        written = () if done.outputs is None else done.outputs.all()
        return replace(done, replaced=tuple(path for path in written if path in self.there))


def _named(moving: Moving, progress: Progress, start: float, stop: float) -> Progress:
    """How far a step is, as a part of a map's time from `start` to `stop`, with the map's name."""
    name, long = moving.path.name, stop - start
    return lambda part, phrase: progress(start + long * part, f"{name}: {phrase}")
