"""The motion of a map as a small JSON file, and as the matrix that ChimeraX takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview import __version__
from evenview.core.errors import MalformedFileError, UserError
from evenview.core.motion import MIRROR_Z, ORTHOGONAL, Motion
from evenview.core.volume import Volume
from evenview.formats.output import atomic_writers

Floats = NDArray[np.float64]

KIND = "evenview transform"
_MOST_BYTES = 1 << 20
_AS_WRITTEN = "Give the file as evenview align has written it, ending in _transform.json."
_GIVEN = "# Pixel sizes were given that headers do not say; the matrix is in Å of these voxels."


@dataclass(frozen=True)
class MapVoxels:
    """Voxels along x, y, z, and their size in Å, of the map that particles belong to."""

    box: tuple[int, int, int]
    size: float

    @classmethod
    def of(cls, volume: Volume) -> MapVoxels:
        nz, ny, nx = volume.values.shape
        return cls((nx, ny, nz), float(volume.voxel_size or 1.0))

    @property
    def side(self) -> int | None:
        """Voxels a side; None where the sides differ."""
        return self.box[0] if len(set(self.box)) == 1 else None


@dataclass(frozen=True, eq=False)
class TransformFile:
    """What was found for one map, and the voxels that others are moved onto.

    Attributes
    ----------
    motion
        Of the map, about the voxels N // 2 of map and reference.
    reference, moving
        The files it was found for.
    box
        x, y, z: voxels of the reference.
    voxel_size, origin
        Å, of the reference.
    matrix
        (3, 4) in the coordinates of both headers.
    map_voxels
        Of the map; None where the file does not say.
    doubt
        Why the motion should not be relied on; "" where there is no reason.
    """

    motion: Motion
    reference: str
    moving: str
    box: tuple[int, int, int]
    voxel_size: float
    origin: Floats
    matrix: Floats
    map_voxels: MapVoxels | None = None
    doubt: str = ""

    @classmethod
    def of(
        cls,
        motion: Motion,
        reference: Path,
        onto: Volume,
        moving: Path,
        volume: Volume,
        doubt: str = "",
    ) -> TransformFile:
        nz, ny, nx = onto.values.shape
        return cls(
            motion,
            str(reference),
            str(moving),
            (nx, ny, nz),
            float(onto.voxel_size or 1.0),
            onto.origin,
            chimerax(motion, volume, onto),
            MapVoxels.of(volume),
            doubt,
        )

    def grid(self) -> Volume:
        """An empty map on the reference's voxels."""
        values = np.broadcast_to(np.float32(0.0), self.box[::-1])
        return Volume(values, self.voxel_size, self.origin, Path(self.reference).name)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "evenview": __version__,
            "about": "A point x of the map, in Å about its centre voxel N//2 and mirrored in z "
            "first where flipped, lies at rotation x + shift_angstrom about that of the reference.",
            "rotation": self.motion.rotation.tolist(),
            "shift_angstrom": self.motion.shift.tolist(),
            "flipped": self.motion.mirrors,
            "map": self.moving,
            "reference": self.reference,
            "reference_box": list(self.box),
            "reference_voxel_size": self.voxel_size,
            "reference_origin": self.origin.tolist(),
            "chimerax_matrix": self.matrix.tolist(),
            **self._of_map(),
            **({"doubt": self.doubt} if self.doubt else {}),
        }

    def _of_map(self) -> dict[str, Any]:
        if self.map_voxels is None:
            return {}
        return {"map_box": list(self.map_voxels.box), "map_voxel_size": self.map_voxels.size}

    def chimerax_script(self, sizes: Sequence[str] = ()) -> str:
        """Commands that lay the map, opened as #2, over the reference.

        `sizes` are commands of `voxel_size_command`.
        """
        numbers = ",".join(f"{x:.9g}" for x in (self.matrix + 0.0).ravel().tolist())
        opened = f"# Open {self.reference} as #1 and {self.moving} as #2, then this file.\n"
        given = "".join(f"{line}\n" for line in (_GIVEN, *sizes)) if sizes else ""
        if self.motion.mirrors:
            return (
                f"{opened}{given}# The hand is changed, which a view cannot do: open the aligned "
                f"map. The matrix is\n# {numbers}\n"
            )
        return f"{opened}{given}view matrix models #2,{numbers}\n"


def chimerax(motion: Motion, volume: Volume, onto: Volume) -> Floats:
    """(3, 4): from the coordinates of one map's header to those of another's, Å."""
    here, there = (v.origin + np.array(v.center) * v.spacing for v in (volume, onto))
    shift = motion.shift + there - motion.matrix @ here
    return np.column_stack([motion.matrix, shift])


def voxel_size_command(number: int, volume: Volume) -> str:
    """The command that gives a map, opened as #`number`, its voxels where its header does not."""
    origin = ",".join(f"{x:.9g}" for x in (volume.origin + 0.0).tolist())
    return f"volume #{number} voxelSize {float(volume.voxel_size or 1.0):.9g} origin {origin}"


def write_transform(
    path: Path,
    script: Path,
    file: TransformFile,
    sources: Iterable[Path] = (),
    sizes: Sequence[str] = (),
) -> None:
    """Write the JSON and ChimeraX's commands, with those of `sizes` first; both or neither."""
    with atomic_writers([path, script], sources) as (one, two):
        one.write((json.dumps(file.as_json(), indent=2) + "\n").encode())
        two.write(file.chimerax_script(sizes).encode())


def read_transform(path: Path) -> TransformFile:
    """Read a file of `write_transform`.

    Raises `UserError` where it cannot be read or is none.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except FileNotFoundError:
        raise UserError("there is no such file", where=str(path), hint="Check its name.") from None
    except OSError as error:
        raise UserError(f"the file could not be read ({error})", where=str(path)) from error
    try:
        said = json.loads(data)
        return _from_json(said, str(path))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise MalformedFileError(
            "this is no transform that evenview align has written",
            where=str(path),
            hint="Give the file that ends in _transform.json.",
        ) from error


def _from_json(said: Any, where: str) -> TransformFile:
    if said["kind"] != KIND:
        raise ValueError(said["kind"])
    rotation = _numbers(said["rotation"], (3, 3))
    off = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if off > ORTHOGONAL or np.linalg.det(rotation) < 0:
        raise ValueError("no rotation")
    matrix = rotation @ MIRROR_Z if _flipped(said, where) else rotation
    onto = _voxels(said, "reference", where)
    of_map = "map_box" in said
    return TransformFile(
        Motion(matrix, _numbers(said["shift_angstrom"], (3,))),
        str(said["reference"]),
        str(said["map"]),
        onto.box,
        onto.size,
        _numbers(said["reference_origin"], (3,)),
        _numbers(said["chimerax_matrix"], (3, 4)),
        _voxels(said, "map", where) if of_map else None,
        str(said.get("doubt", "")),
    )


def _flipped(said: Any, where: str) -> bool:
    flipped = said["flipped"]
    if not isinstance(flipped, bool):
        raise MalformedFileError(
            f'"flipped" is {json.dumps(flipped)}, which is neither true nor false',
            where=where,
            hint=_AS_WRITTEN,
        )
    return flipped


def _voxels(said: Any, of: str, where: str) -> MapVoxels:
    box, size = said[f"{of}_box"], said[f"{of}_voxel_size"]
    if not (isinstance(box, list) and len(box) == 3 and all(map(_is_whole, box))):
        raise MalformedFileError(
            f'"{of}_box" is {json.dumps(box)}, which is not three whole numbers',
            where=where,
            hint=_AS_WRITTEN,
        )
    nx, ny, nz = (int(n) for n in box)
    found = MapVoxels((nx, ny, nz), float(size))
    if min(found.box) < 1 or nx * ny * nz > 1 << 33 or not 0.0 < found.size < 1e3:
        raise ValueError("no box")
    return found


def _is_whole(number: Any) -> bool:
    """Whether JSON's number is whole; 96.0 is, true is not."""
    counts = isinstance(number, int | float) and not isinstance(number, bool)
    return counts and float(number).is_integer()


def _numbers(values: Any, shape: tuple[int, ...]) -> Floats:
    found = np.array(values, dtype=np.float64)
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError("not the numbers that belong here")
    return found
