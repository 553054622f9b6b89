"""Particles that follow their map: what can be refused is refused before maps are aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.progress import Progress, share
from evenview.formats import open_particles
from evenview.tasks import transform, turns
from evenview.tasks.described import completed
from evenview.tasks.transform_file import MapVoxels

#: Any turn with any shift: what a file cannot say of it, it can say of none.
_SOME = Motion(np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]]), np.ones(3))
#: Boxes that differ by less (relative) may be one; pixel sizes that do are one.
_NEAR, _SAME = 0.05, 1e-5


@dataclass(frozen=True)
class Follower:
    """A particle file whose poses can follow any turn and shift.

    Attributes
    ----------
    path
        The file.
    pixel_size, box
        What it does not say and is given, or taken from the map (Å, pixels); None where nothing is.
    sources, targets
        All files that are read, and that are written.
    misfit
        Why the images do not seem to be those of the map; "" where they may be.
    notes
        What was taken for what it does not say.
    """

    path: Path
    pixel_size: float | None
    box: int | None
    sources: tuple[Path, ...]
    targets: tuple[Path, ...]
    misfit: str = ""
    notes: tuple[str, ...] = ()

    def require(self, motion: Motion, progress: Progress) -> None:
        """Raise `UserError` where the poses cannot follow a motion that changes the hand."""
        if not motion.mirrors:
            return
        particles = open_particles(self.path, progress)
        try:
            _require_followable(completed(particles, self.pixel_size, self.box), motion)
        except UserError as error:
            raise UserError(
                f"the hand of the map changes, and {error.what}",
                where=error.where,
                hint=f"{error.hint} The map alone can be aligned, without its particles.",
            ) from error

    def follow(self, motion: Motion, target: Path, progress: Progress) -> list[str]:
        """Write the particles with the poses that go with the moved map; returns notes.

        Raises `UserError` where the file cannot be read any more, or the other not be written.
        """
        particles = open_particles(self.path, progress)
        if not motion.shifts and turns.is_identity(motion.matrix):
            transform.require_movable(particles)[1].write_changed(target, {}, progress)
            return []
        steps = transform.Steps(turn=motion.matrix, shift=motion.shift)
        request = transform.TransformRequest(particles, target, steps, self.pixel_size, self.box)
        done = transform.run(request, progress)
        notes = (*self.notes, *done.notes, *done.warnings)
        return [f"{self.path.name}: {note}" for note in notes]


def follow_all(
    followers: Sequence[Follower], motion: Motion, targets: Sequence[Path], progress: Progress
) -> list[str]:
    """Write all particle files of a map, or none where one cannot follow; returns notes.

    Raises `UserError` where one cannot, or cannot be read or written.
    """
    n = 2 * len(followers)
    for i, one in enumerate(followers):
        one.require(motion, share(progress, i, n))
    notes = list[str]()
    for i, (one, target) in enumerate(zip(followers, targets, strict=True), len(followers)):
        notes += one.follow(motion, target, share(progress, i, n))
    return notes


def follower(
    path: Path,
    target: Path | None,
    voxels: MapVoxels | None,
    progress: Progress,
    pixel_size: float | None = None,
) -> Follower:
    """A particle file whose poses can follow any turn and shift, to be written as `target`.

    What it does not say of its images is that of the map; `pixel_size` (Å) comes before.

    Raises `UserError` where they cannot. That a hand cannot be changed is for `Follower.require`.
    """
    particles = open_particles(path, progress)
    _, table = transform.require_movable(particles)
    targets = () if target is None else table.targets(target)
    misfit = "" if voxels is None else _misfit(particles, voxels)
    size, box = None, None
    try:
        _require_followable(particles, _SOME)
    except UserError as error:
        size, box = _lacking(particles, voxels, pixel_size)
        if size is None and box is None:
            raise _mendable(error) from error
        try:
            _require_followable(completed(particles, size, box), _SOME)
        except UserError as other:
            raise _mendable(other) from other
    notes = _taken(particles, size, box, pixel_size)
    return Follower(path, size, box, table.sources, targets, misfit, notes)


def _require_followable(particles: Particles, motion: Motion) -> None:
    form, _ = transform.require_movable(particles)
    form.changes(particles, motion)


def _lacking(
    particles: Particles, voxels: MapVoxels | None, pixel_size: float | None
) -> tuple[float | None, int | None]:
    """The pixel size (Å) and the box (pixels) for those that the file does not say."""
    size, side = (None, None) if voxels is None else (voxels.size, voxels.side)
    size = pixel_size or size
    return (
        size if particles.pixel_size is None else None,
        side if particles.box is None else None,
    )


def _taken(
    particles: Particles, size: float | None, box: int | None, given: float | None
) -> tuple[str, ...]:
    taken = []
    if box is not None:
        taken.append(f"It does not say its box, and {box} pixels were taken, as of the map.")
    if size is not None:
        source = "given" if given is not None else "of the map"
        taken.append(f"It does not say its pixel size, and {size:.6g} Å were taken, as {source}.")
    said = particles.pixel_size
    if given is not None and said is not None and _differ(said, given, _SAME):
        taken.append(f"It says a pixel size of {said:.6g} Å, which counts for its poses.")
    return tuple(taken)


def _misfit(particles: Particles, voxels: MapVoxels) -> str:
    """That the images are not as wide as the map, or else have other pixels; "" where they fit."""
    size, box, side = particles.pixel_size, particles.box, voxels.side
    if size is None:
        return ""
    if box is None or side is None:
        if not _differ(size, voxels.size, _NEAR):
            return ""
        mine, its = f"pixels of {size:.4g} Å", f"voxels of {voxels.size:.4g} Å"
        ratio, unless = size / voxels.size, "the map was binned or resampled"
    else:
        if not _differ(size * box, voxels.size * side, _NEAR):
            return ""
        mine = f"images of {box} pixels of {size:.4g} Å ({size * box:.4g} Å)"
        its = f"a box of {side} voxels of {voxels.size:.4g} Å ({voxels.size * side:.4g} Å)"
        ratio, unless = size * box / (voxels.size * side), "the map was cut or padded"
    times = f"{max(ratio, 1.0 / ratio):.3g}"
    return (
        f"{particles.table.path.name} has {mine}, and the map {its}. Unless {unless}, one of the "
        f"pixel sizes is wrong, and shifts in Å may be wrong by as much, {times} times."
    )


def _differ(one: float, other: float, part: float) -> bool:
    return abs(one - other) > part * max(one, other)


def _mendable(error: UserError) -> UserError:
    """The error, with a hint that can be followed: there is no option for a box here."""
    if "--box" not in (error.hint or ""):
        return error
    hint = "Align a map with the box of the images, whose sides are equal, and take its transform."
    return UserError(error.what, where=error.where, hint=hint)
