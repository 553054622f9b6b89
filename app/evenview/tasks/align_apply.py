"""Other maps and particles, moved by a transform that was found before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evenview.core.align.superpose import moved
from evenview.core.errors import UserError
from evenview.core.progress import Progress, share, silent
from evenview.core.volume import Volume
from evenview.core.words import counted
from evenview.formats.volume_mrc import is_map
from evenview.tasks.align_given import misgivings, require_once
from evenview.tasks.align_maps import notes_of, read_map
from evenview.tasks.align_outputs import (
    already_there,
    require_folder,
    told_apart,
    written_words,
)
from evenview.tasks.align_particles import Follower, follower
from evenview.tasks.align_writing import write_moved
from evenview.tasks.gathered import Gathered
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


@dataclass(frozen=True)
class MovedFile:
    """A file that was moved: where to, what was odd about it, and what makes that doubtful."""

    source: Path
    target: Path
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.source),
            "output": str(self.target),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class ApplyResult:
    """What was moved, and where to.

    Attributes
    ----------
    doubt
        Why the transform should not be relied on; "" where there is no reason.
    replaced
        Files that were there before.
    """

    transform: Path
    files: tuple[MovedFile, ...]
    doubt: str = ""
    replaced: tuple[Path, ...] = ()

    @property
    def written(self) -> tuple[tuple[Path, Path], ...]:
        """Each file, and what it became."""
        return tuple((one.source, one.target) for one in self.files)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd about any of them."""
        return tuple(note for one in self.files for note in one.notes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes it doubtful that they lie where they should."""
        of_files = tuple(warning for one in self.files for warning in one.warnings)
        return (*filter(None, [self.doubt]), *of_files)

    def summary(self) -> str:
        lines = [f"{counted(len(self.files), 'file')} moved by {self.transform}"]
        lines += [f"Note: {note}" for note in self.notes]
        lines += [written_words(one.target, self.replaced) for one in self.files]
        return "\n".join([*lines, *(f"Warning: {warning}" for warning in self.warnings)])

    def as_json(self) -> list[dict[str, Any]]:
        doubt = [self.doubt] if self.doubt else []
        return [
            said | {"replaced": one.target in self.replaced, "warnings": doubt + said["warnings"]}
            for one in self.files
            for said in [one.as_json()]
        ]


def apply_targets(request: ApplyRequest) -> tuple[Path, ...]:
    """What is written, file by file. Raises `UserError` where a file cannot be read."""
    ends = [".mrc" if is_map(path) else path.suffix for path in request.files]
    names = told_apart(request.files, ends)
    return tuple(
        request.folder / f"{name}_aligned{end}" for name, end in zip(names, ends, strict=True)
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
    require_once(request.files)
    file = read_transform(request.transform)
    _require_there(request.files)
    _require_no_doubt(file, request)
    targets = apply_targets(request)
    n = len(request.files)
    pairs = list(zip(request.files, targets, strict=True))
    followers = _followers(pairs, file, request, progress)
    sources = (
        request.transform,
        *request.files,
        *(s for f in followers.values() for s in f.sources),
    )
    written = (*targets, *(t for f in followers.values() for t in f.targets[1:]))
    require_folder(request.folder, written, sources)
    there = already_there(written)
    done = []
    for i, (path, target) in enumerate(pairs):
        step = share(progress, n + i, 2 * n)
        step(0.0, f"Moving {path.name}")
        if i in followers:
            notes = followers[i].follow(file.motion, target, step)
            warned = list(filter(None, [followers[i].misfit]))
        else:
            volume = read_map(path, request.pixel_size)
            notes = _move_map(volume, target, file, request, sources, step)
            warned = list(misgivings(path, volume, file))
        done.append(MovedFile(path, target, tuple(notes), tuple(warned)))
    progress(1.0, "Moving files")
    doubt = file.doubt and f"{request.transform.name} may be a motion of chance: {file.doubt}."
    return ApplyResult(request.transform, tuple(done), doubt, there)


def _require_no_doubt(file: TransformFile, request: ApplyRequest) -> None:
    if file.doubt and not request.even_so and not all(map(is_map, request.files)):
        raise UserError(
            f"particles would be moved by chance, as {file.doubt}",
            where=str(request.transform),
            hint="Give maps only, or say --even-so to move the particles all the same.",
        )


def _require_there(files: Sequence[Path]) -> None:
    """Raise `UserError` where files cannot be read at all."""
    gathered = Gathered()
    for path in files:
        gathered.of(partial(is_map, path))
    gathered.require_none()


def _followers(
    pairs: Sequence[tuple[Path, Path]],
    file: TransformFile,
    request: ApplyRequest,
    progress: Progress,
) -> dict[int, Follower]:
    """The particle files by their place, once every file was looked at."""
    gathered, n = Gathered(), len(pairs)
    looked = [
        gathered.of(partial(_checked, path, target, file, request, share(progress, i, 2 * n)))
        for i, (path, target) in enumerate(pairs)
    ]
    gathered.require_none()
    return {i: one for i, one in enumerate(looked) if one is not None}


def _checked(
    path: Path, target: Path, file: TransformFile, request: ApplyRequest, progress: Progress
) -> Follower | None:
    """A particle file that can follow; None for a sound map. Raises `UserError` for others."""
    progress(0.0, f"{path.name}: Reading")
    if is_map(path):
        read_map(path, request.pixel_size)
        return None
    told = share(progress, 0, 2)
    found = follower(path, target, file.map_voxels, told, request.pixel_size)
    found.require(file.motion, share(progress, 1, 2))
    return found


def _move_map(
    volume: Volume,
    target: Path,
    file: TransformFile,
    request: ApplyRequest,
    sources: tuple[Path, ...],
    progress: Progress,
) -> list[str]:
    def told(fraction: float, _phrase: str) -> None:
        progress(fraction, f"Moving {Path(volume.name).name}")

    laid = moved(volume, file.motion, file.grid(), told)
    label = f"Evenview: moved by {request.transform.name}"
    return [*notes_of(volume), *write_moved(target, laid, volume, label, sources)]
