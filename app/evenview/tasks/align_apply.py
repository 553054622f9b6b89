"""Other maps and particles, moved by a transform that was found before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenview.core.align.superpose import moved
from evenview.core.errors import UserError
from evenview.core.progress import Progress, share, silent
from evenview.core.words import counted
from evenview.formats.volume_mrc import is_map
from evenview.tasks.align_maps import notes_of, read_map
from evenview.tasks.align_outputs import (
    already_there,
    require_folder,
    told_apart,
    written_words,
)
from evenview.tasks.align_particles import Follower, follower
from evenview.tasks.align_writing import write_moved
from evenview.tasks.transform_file import TransformFile, read_transform


@dataclass(frozen=True)
class ApplyRequest:
    """Maps and particle files that a transform, found before, is to move into a folder.

    `pixel_size` is Å instead of what headers of maps say, and where particle files say nothing.
    `even_so` moves particles, too, by a transform that should not be relied on.
    """

    transform: Path
    files: tuple[Path, ...]
    folder: Path
    pixel_size: float | None = None
    even_so: bool = False


@dataclass(frozen=True, eq=False)
class ApplyResult:
    """What was moved, and where to."""

    transform: Path
    written: tuple[tuple[Path, Path], ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    replaced: tuple[Path, ...] = ()

    def summary(self) -> str:
        lines = [f"{counted(len(self.written), 'file')} moved by {self.transform}"]
        lines += [f"Note: {note}" for note in self.notes]
        lines += [written_words(target, self.replaced) for _, target in self.written]
        return "\n".join([*lines, *(f"Warning: {warning}" for warning in self.warnings)])

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "file": str(source),
                "output": str(target),
                "replaced": target in self.replaced,
            }
            for source, target in self.written
        ]


def apply_targets(request: ApplyRequest) -> tuple[Path, ...]:
    """What is written, file by file. Raises `UserError` where a file cannot be read."""
    return tuple(
        request.folder / f"{name}_aligned{'.mrc' if is_map(path) else path.suffix}"
        for path, name in zip(request.files, told_apart(request.files), strict=True)
    )


def apply(request: ApplyRequest, progress: Progress = silent) -> ApplyResult:
    """Move maps and particles as a transform file says. All are looked at before one is written.

    Raises `UserError` where that file or another cannot be read or written, or where particles
    would be moved by chance and that is not wanted even so.
    """
    if not request.files:
        raise UserError(
            f"no file is given to be moved by {request.transform.name}",
            hint="Give maps or particle files.",
        )
    file = read_transform(request.transform)
    _require_no_doubt(file, request)
    targets = apply_targets(request)
    n = len(request.files)
    pairs = list(zip(request.files, targets, strict=True))
    followers = {
        i: found
        for i, (path, target) in enumerate(pairs)
        if (found := _checked(path, target, file, request, share(progress, i, 2 * n))) is not None
    }
    sources = (
        request.transform,
        *request.files,
        *(s for f in followers.values() for s in f.sources),
    )
    written = (*targets, *(t for f in followers.values() for t in f.targets[1:]))
    require_folder(request.folder, written, sources)
    there = already_there(written)
    notes = list[str]()
    for i, (path, target) in enumerate(pairs):
        step = share(progress, n + i, 2 * n)
        step(0.0, f"Moving {path.name}")
        if i in followers:
            notes += followers[i].follow(file.motion, target, step)
        else:
            notes += _move_map(path, target, file, request, sources, step)
    progress(1.0, "Moving files")
    warned = [one.misfit for one in followers.values() if one.misfit]
    if file.doubt:
        warned.insert(0, f"{request.transform.name} may be a motion of chance: {file.doubt}.")
    return ApplyResult(request.transform, tuple(pairs), tuple(notes), tuple(warned), there)


def _require_no_doubt(file: TransformFile, request: ApplyRequest) -> None:
    if file.doubt and not request.even_so and not all(map(is_map, request.files)):
        raise UserError(
            f"particles would be moved by chance, as {file.doubt}",
            where=str(request.transform),
            hint="Give maps only, or say --even-so to move the particles all the same.",
        )


def _checked(
    path: Path, target: Path, file: TransformFile, request: ApplyRequest, progress: Progress
) -> Follower | None:
    """A particle file that can follow; None for a sound map. Raises `UserError` for others."""
    progress(0.0, f"{path.name}: Reading")
    if is_map(path):
        read_map(path, request.pixel_size)
        return None
    return follower(path, target, file.map_voxels, progress, request.pixel_size)


def _move_map(
    path: Path,
    target: Path,
    file: TransformFile,
    request: ApplyRequest,
    sources: tuple[Path, ...],
    progress: Progress,
) -> list[str]:
    def told(part: float, _words: str) -> None:
        progress(part, f"Moving {path.name}")

    volume = read_map(path, request.pixel_size)
    laid = moved(volume, file.motion, file.grid(), told)
    label = f"Evenview: moved by {request.transform.name}"
    return [*notes_of(volume), *write_moved(target, laid, volume, label, sources)]
