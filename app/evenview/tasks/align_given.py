"""What is odd about files that are given: one twice, or a map that a transform is not of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from evenview.core.errors import UserError
from evenview.core.volume import Volume
from evenview.tasks.align_request import AlignRequest, Moving
from evenview.tasks.transform_file import MapVoxels, TransformFile

#: How the lines begin that are added to headers of maps that were moved.
_LABEL = "Evenview: "
#: Sides in Å that differ by less (relative) are the same.
_SAME = 1e-3


def same_file(one: Path, other: Path) -> bool:
    """Whether two names are of one file."""
    try:
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a byte that no name may have
        return False


def require_once(paths: Sequence[Path]) -> None:
    """Raise `UserError` where a file is given twice, by whatever name."""
    for i, path in enumerate(paths):
        if any(same_file(path, earlier) for earlier in paths[:i]):
            raise UserError("this file is given twice", where=str(path), hint="Give it once.")


def require_each_once(request: AlignRequest) -> None:
    """Raise `UserError` where a map is given twice, or a file that goes with one.

    Two maps may have the same file each: masks, and particles of which both were made.
    """
    require_once([moving.path for moving in request.maps])
    for moving in request.maps:
        require_once([moving.path, *moving.also])
        require_once(moving.particles)


def itself(request: AlignRequest, moving: Moving) -> str:
    """That a map is the reference; "" where it is not."""
    same = same_file(moving.path, request.reference)
    return f"{moving.path.name} is the reference itself." if same else ""


def misgivings(path: Path, volume: Volume, file: TransformFile) -> Iterator[str]:
    """Why a map does not seem to be one that a transform is to move, a sentence each."""
    if same_file(path, Path(file.moving)):
        return
    before = next((line for line in volume.labels if line.startswith(_LABEL)), None)
    if same_file(path, Path(file.reference)):
        yield f"{path.name} is the reference of the transform, and was moved away from its place."
        return
    if before is not None:
        done = before.removeprefix(_LABEL)
        yield (
            f'{path.name} was moved by Evenview before, as its header says: "{done}". If it was '
            "moved onto this reference, it is moved twice now."
        )
    elif file.map_voxels is not None and not _alike(MapVoxels.of(volume), file.map_voxels):
        yield (
            f"{path.name} has {_words(MapVoxels.of(volume))}, and the transform was found for a "
            f"map of {_words(file.map_voxels)}. Unless it is the same map, resampled, cut or "
            "padded about its centre voxel, its motion is another."
        )


def _alike(one: MapVoxels, other: MapVoxels) -> bool:
    return one.box == other.box and abs(one.size - other.size) <= _SAME * other.size


def _words(voxels: MapVoxels) -> str:
    """Box and voxels, and how wide that is."""
    box = " × ".join(map(str, voxels.box))
    wide = " × ".join(f"{side:.4g}" for side in _wide(voxels))
    return f"{box} voxels of {voxels.size:.4g} Å ({wide} Å)"


def _wide(voxels: MapVoxels) -> list[float]:
    """Å along x, y, z; one number where they are equal."""
    sides = voxels.box[:1] if voxels.side is not None else voxels.box
    return [side * voxels.size for side in sides]
