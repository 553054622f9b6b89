"""The steps from maps and particles to what is written of them, for one map and for many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evenview.core.align.aligning import align, take
from evenview.core.align.alignment import Alignment
from evenview.core.align.superpose import Likeness, moved
from evenview.core.errors import UserError
from evenview.core.progress import Progress, part, share, silent
from evenview.core.threads import cores
from evenview.core.volume import Volume
from evenview.formats import open_particles
from evenview.formats.volume_mrc import open_volume
from evenview.tasks.align_given import itself, require_each_once
from evenview.tasks.align_maps import Maps, notes_of, read_other
from evenview.tasks.align_outputs import Outputs, already_there, planned, require_folder
from evenview.tasks.align_particles import Follower, follow_all, follower
from evenview.tasks.align_request import AlignRequest, Moving
from evenview.tasks.align_result import AlignResult, Failed, MapResult
from evenview.tasks.align_writing import write_map
from evenview.tasks.gathered import Gathered
from evenview.tasks.side_by_side import side_by_side
from evenview.tasks.transform_file import MapVoxels, chimerax

#: Maps that are aligned at the same time need no more memory than this, unless one alone does: so
#: many bytes for each voxel of the larger of map and reference.
_MOST_BYTES, _BYTES = 4 << 30, 60
#: Parts of a map's time: the pose, with it the moved map, and with that how alike they are.
_FOUND, _LAID, _COMPARED = 0.65, 0.72, 0.75


def checked(
    request: AlignRequest, progress: Progress = silent, places: Collection[int] | None = None
) -> Work:
    """The work of a request, all of whose files are sound and can be written.

    `places` are those of its maps that are wanted, None for all.

    Raises `UserError` where one is not.
    """
    wanted = range(len(request.maps)) if places is None else places
    maps = Maps(request)
    if request.folder is None and any(moving.also or moving.particles for moving in request.maps):
        raise UserError(
            "nothing says where particles and other maps are to be written",
            hint="Give a folder with -o.",
        )
    outputs = None if request.folder is None else planned(request)
    followers = _sound(maps, outputs, progress, wanted)
    there: tuple[Path, ...] = ()
    if request.folder is not None and outputs is not None:
        every = [one for ones in followers for one in ones]
        targets = [path for i in wanted for path in outputs[i].all()]
        targets += [path for one in every for path in one.targets[1:]]
        sources = (*request.sources, *(path for one in every for path in one.sources))
        require_folder(request.folder, targets, sources)
        there = already_there(targets)
    return Work(maps, followers, outputs, there)


def looked_through(request: AlignRequest, progress: Progress = silent) -> Work:
    """As `checked`, of a request that does not say yet where all is to be written."""
    maps = Maps(request)
    return Work(maps, _sound(maps, None, progress, range(len(request.maps))), None)


def _sound(
    maps: Maps, outputs: Sequence[Outputs] | None, progress: Progress, places: Collection[int]
) -> tuple[tuple[Follower, ...], ...]:
    """The particle files of each map, once every file was looked at; none of other `places`."""
    require_each_once(maps.request)
    gathered = Gathered()
    progress(0.0, f"{maps.request.reference.name}: Reading")
    gathered.of(lambda: (maps.reference, maps.mask))
    found: list[tuple[Follower, ...]] = [() for _ in maps.request.maps]
    for i in places:
        moving = maps.request.maps[i]
        progress(0.0, f"{moving.path.name}: Reading")
        volume = gathered.of(partial(maps.require_comparable, moving))
        for path in moving.also:
            progress(0.0, f"{path.name}: Reading")
            gathered.of(partial(_look_at_other, path, volume))
        targets = [None] * len(moving.particles) if outputs is None else outputs[i].particles
        looked = [
            gathered.of(partial(_follower, path, target, volume, progress))
            for path, target in zip(moving.particles, targets, strict=True)
        ]
        found[i] = tuple(one for one in looked if one is not None)
    gathered.require_none()
    return tuple(found)


def _look_at_other(path: Path, volume: Volume | None) -> None:
    """Another map of the group of one, which is None where it was refused."""
    if volume is None:
        open_volume(path)
    else:
        read_other(path, volume)


def _follower(
    path: Path, target: Path | None, volume: Volume | None, progress: Progress
) -> Follower | None:
    """Particles of a map, which is None where it was refused: then they are only opened."""

    def told(_part: float, words: str) -> None:
        progress(0.0, words)

    if volume is None:
        open_particles(path, told)
        return None
    return follower(path, target, MapVoxels.of(volume), told)


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
        maps, moving = self.maps, self.maps.request.maps[i]
        told = _named(moving, progress, 0.0, _FOUND)
        volume = maps.take(moving)
        mask, steps = maps.mask_of(moving, volume), 2 if moving.pose else 1
        step = share(told, 0, steps)
        found = align(maps.reference, volume, maps.request.settings, maps.mask, mask, step)
        if moving.pose:
            step = share(told, 1, steps)
            found = take(found, moving.pose, maps.reference, volume, maps.mask, mask, step)
        result, laid = self._laid(i, volume, mask, found, progress)
        result = replace(result, misfits=self._misfits(i))
        return result if self.outputs is None else self._written(result, volume, laid, progress)

    def written(self, result: MapResult, progress: Progress) -> MapResult:
        """Write what goes with a map that was aligned before."""
        moving = self.maps.request.maps[result.place]
        told = _named(moving, progress, 0.0, _LAID)
        volume = self.maps.take(moving)
        laid = moved(volume, result.found.pose.motion, self.maps.reference, told)
        return self._written(result, volume, laid, progress)

    def with_particles(self, result: MapResult, progress: Progress) -> MapResult:
        """Write the particles that were left out of a map whose rest was written."""
        i = result.place
        assert self.outputs is not None
        assert result.outputs is not None
        told, targets = _named(self.maps.request.maps[i], progress, 0.0, 1.0), self.outputs[i]
        notes = follow_all(self.followers[i], result.found.pose.motion, targets.particles, told)
        return replace(
            result,
            outputs=replace(result.outputs, particles=targets.particles),
            replaced=(*result.replaced, *(p for p in targets.particles if p in self.there)),
            notes_of_writing=(*result.notes_of_writing, *notes),
            refused=None,
        )

    def _misfits(self, i: int) -> tuple[str, ...]:
        return tuple(one.misfit for one in self.followers[i] if one.misfit)

    def taken(self, best: MapResult, number: int, progress: Progress) -> MapResult:
        """What was found of a map, with a runner-up (from 1) for its pose."""
        maps, moving = self.maps, self.maps.request.maps[best.place]
        told = _named(moving, progress, 0.0, _FOUND)
        volume = maps.take(moving)
        mask = maps.mask_of(moving, volume)
        found = take(best.found, number, maps.reference, volume, maps.mask, mask, told)
        taken, _ = self._laid(best.place, volume, mask, found, progress)
        return replace(taken, misfits=best.misfits)

    def _laid(
        self, i: int, volume: Volume, mask: Volume | None, found: Alignment, progress: Progress
    ) -> tuple[MapResult, Volume]:
        """The result of a pose, and the map that it lays over the reference."""
        maps, moving = self.maps, self.maps.request.maps[i]
        reference = maps.reference
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
            chimerax_sizes=maps.sizes_for_chimerax(moving, volume),
            notes=(*odd, *filter(None, [maps.too_fine(volume), itself(maps.request, moving)])),
            masked=maps.mask is not None,
        )
        return result, laid

    def _written(
        self, result: MapResult, volume: Volume, laid: Volume, progress: Progress
    ) -> MapResult:
        i = result.place
        assert self.outputs is not None
        outputs, followers = self.outputs[i], self.followers[i]
        result = replace(result, misfits=self._misfits(i))
        done = write_map(self.maps, outputs, followers, result, volume, laid, progress)
        written = () if done.outputs is None else done.outputs.all()
        return replace(done, replaced=tuple(path for path in written if path in self.there))


def _named(moving: Moving, progress: Progress, start: float, stop: float) -> Progress:
    """How far a step is, as a part of a map's time from `start` to `stop`, with the map's name."""
    return part(progress, start, stop, f"{moving.path.name}: ")
