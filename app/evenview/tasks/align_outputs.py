"""Which files are written of maps that were laid over a reference, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from evenview.core.errors import UserError
from evenview.formats.output import check_targets
from evenview.tasks.align_request import AlignRequest, Moving

_PACKED = (".gz", ".bz2")
_MAPS = (".mrc", ".map", ".ccp4")


@dataclass(frozen=True)
class Outputs:
    """The files of one map."""

    aligned: Path
    difference: Path
    transform: Path
    chimerax: Path
    also: tuple[Path, ...] = ()
    particles: tuple[Path, ...] = ()

    def all(self) -> tuple[Path, ...]:
        """Every one."""
        return (
            self.aligned,
            self.difference,
            self.transform,
            self.chimerax,
            *self.also,
            *self.particles,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "map": str(self.aligned),
            "difference": str(self.difference),
            "transform": str(self.transform),
            "chimerax": str(self.chimerax),
            "also": [str(path) for path in self.also],
            "particles": [str(path) for path in self.particles],
        }


def planned(request: AlignRequest) -> tuple[Outputs, ...]:
    """The files that are written into the request's folder, map by map."""
    assert request.folder is not None
    names = told_apart([moving.path for moving in request.maps])
    several = len(names) > 1
    return tuple(
        _of_one(request.folder, moving, name, f"{name}_" if several else "")
        for moving, name in zip(request.maps, names, strict=True)
    )


def _of_one(folder: Path, moving: Moving, name: str, before: str) -> Outputs:
    also = told_apart([moving.path, *moving.also])[1:]
    ends = [path.suffix for path in moving.particles]
    particles = zip(told_apart(moving.particles, ends), ends, strict=True)
    return Outputs(
        folder / f"{name}_aligned.mrc",
        folder / f"{name}_difference.mrc",
        folder / f"{name}_transform.json",
        folder / f"{name}_chimerax.cxc",
        tuple(folder / f"{before}{other}_aligned.mrc" for other in also),
        tuple(folder / f"{before}{stem}_aligned{end}" for stem, end in particles),
    )


def already_there(targets: Iterable[Path]) -> tuple[Path, ...]:
    """Those files that would be replaced."""
    return tuple(path for path in targets if path.exists())


def written_words(path: Path, replaced: Iterable[Path]) -> str:
    """What was done to a file."""
    return f"{'Replaced' if path in replaced else 'Wrote'} {path}"


def told_apart(paths: Sequence[Path], ends: Sequence[str] | None = None) -> list[str]:
    """Beginnings of file names that go with `ends`; only those that clash are told apart.

    That is by the folder where it differs, else by a number.
    """
    ends = [""] * len(paths) if ends is None else ends
    names = [_stem(path) for path in paths]
    for group in _clashing(names, ends):
        folders = [paths[i].resolve().parent.name for i in group]
        if len(set(folders)) > 1:
            for i, folder in zip(group, folders, strict=True):
                names[i] = f"{folder}_{names[i]}"
    for group in _clashing(names, ends):
        taken = {(name + end).casefold() for name, end in zip(names, ends, strict=True)}
        number = count(1)
        for i in group:
            name, end = names[i], ends[i]
            names[i] = next(
                one for n in number if ((one := f"{name}_{n}") + end).casefold() not in taken
            )
    return names


def _clashing(names: Sequence[str], ends: Sequence[str]) -> list[list[int]]:
    """The places of names that would be one file, also on a disk that knows no capitals."""
    places = defaultdict[str, list[int]](list)
    for i, (name, end) in enumerate(zip(names, ends, strict=True)):
        places[(name + end).casefold()].append(i)
    return [group for group in places.values() if len(group) > 1]


def _stem(path: Path) -> str:
    name = path.name
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    stem = Path(name).stem if Path(name).suffix in _MAPS else path.stem
    return stem or path.name


def require_folder(folder: Path, targets: Sequence[Path], sources: Iterable[Path]) -> None:
    """Make a folder and see that all files can be written there, none of them over a source.

    Raises `UserError` where that is not so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"this folder cannot be made ({error.strerror or error})",
            where=str(folder),
            hint="Choose another one.",
        ) from error
    check_targets(targets, sources, "Give another folder with -o.")
