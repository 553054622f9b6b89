"""The maps and masks of an alignment, read and found sound, in words about their own files."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np

from evenview.core.align.both import require_box, require_mask
from evenview.core.align.prepare import Frame, require_given_size, require_map, require_size
from evenview.core.errors import UserError
from evenview.core.particles import Note
from evenview.core.volume import Volume
from evenview.formats.volume_mrc import open_volume, read_header
from evenview.tasks.align_request import AlignRequest, Moving
from evenview.tasks.transform_file import voxel_size_command

#: Bytes of the maps that are kept from the check to the work: others are read a second time.
_KEPT = 1 << 30
#: Voxel sizes that differ by less (relative) are the same.
_SAME = 1e-3
_CUBES = (1.0, 1.0, 1.0)
#: Of a mask at least this part of the voxels is 0: a density has none, or a soft border of them.
_EMPTY = 0.05


def read_map(path: Path, pixel_size: float | None = None) -> Volume:
    """A map with a voxel size that can be true: the header's, or another. Its name is its path.

    Raises `UserError` where there is none, it or the other cannot be true, or there is no map.
    """
    volume = replace(open_volume(path), name=str(path))
    if pixel_size is not None:
        require_given_size(pixel_size, str(path))
        volume = volume.resized(pixel_size)
    require_size(volume)
    return volume


def read_mask(path: Path, of: Volume) -> Volume:
    """A mask, which has the box of its map. Raises `UserError` where it is none or has not."""
    mask = replace(open_volume(path), name=str(path))
    require_mask(of, mask)
    return replace(mask, notes=_other_size(mask, of))


def require_box_of(mask: Path, of: Path) -> None:
    """Raise `UserError` unless a mask has the box of its map, by their headers.

    A map that cannot be read says nothing of its mask.
    """
    sides, _ = read_header(mask)
    try:
        its, _ = read_header(of)
    except UserError:
        return
    require_box(sides, its, str(mask))


def read_other(path: Path, of: Volume) -> Volume:
    """Another map of the group of one: of the same box, it has its voxel size whatever it says.

    Raises `UserError` where it is no map, or of another box and says no voxel size.
    """
    other = replace(open_volume(path), name=str(path))
    if other.values.shape != of.values.shape:
        require_size(other)
        return other
    notes = _other_size(other, of)
    assert of.voxel_size is not None
    return replace(other.resized(of.voxel_size, of.stretch), notes=notes)


def _other_size(volume: Volume, of: Volume) -> tuple[Note, ...]:
    said, size = volume.voxel_size, of.voxel_size
    if said is None or size is None or abs(said - size) <= _SAME * size:
        return ()
    return (Note(f"It says voxels of {said:.4g} Å.", f"Those of its map, {size:.4g} Å, are used."),)


def says_its_size(path: Path, size: float | None) -> bool:
    """Whether the header of a map says voxels of so many Å, as other programs will take them."""
    said = read_header(path)[1]
    return said is not None and size is not None and abs(said - size) <= _SAME * size


def is_mask(volume: Volume) -> bool:
    """Whether a map is one of what is inside: from 0 to 1, both reached, and much of it 0."""
    values = volume.values
    if float(values.min()) != 0.0 or float(values.max()) != 1.0:
        return False
    return float(np.mean(values == 0.0)) > _EMPTY


def notes_of(volume: Volume) -> list[str]:
    """What is odd about a file, in words that name it."""
    return [f"{Path(volume.name).name}: {note}" for note in volume.notes]


@dataclass(frozen=True)
class Maps:
    """The maps of a request. The reference stays, and so do others, where they are small, from the
    check to the work, which takes them away."""

    request: AlignRequest

    @cached_property
    def reference(self) -> Volume:
        volume = read_map(self.request.reference, self.request.pixel_size)
        require_map(volume)
        if volume.stretch != _CUBES:
            raise UserError(
                "the voxels of the reference are not cubes",
                where=str(self.request.reference),
                hint="Give a reference from single particles, or its pixel size (--pixel-size).",
            )
        return volume

    @cached_property
    def mask(self) -> Volume | None:
        """That of the reference."""
        path = self.request.mask
        return None if path is None else read_mask(path, self.reference)

    def take(self, moving: Moving) -> Volume:
        """A map that is to be laid over the reference: it is kept here no longer."""
        return self._kept.pop(_key(moving), None) or read_map(*_key(moving))

    def mask_of(self, moving: Moving, volume: Volume) -> Volume | None:
        """Its mask."""
        return None if moving.mask is None else read_mask(moving.mask, volume)

    def sizes_for_chimerax(self, moving: Moving, volume: Volume) -> tuple[str, ...]:
        """Commands that give reference (#1) and map (#2) the voxels that headers do not say."""
        opened = (
            (1, self.request.reference, self.request.pixel_size, self.reference),
            (2, moving.path, moving.pixel_size, volume),
        )
        return tuple(
            voxel_size_command(number, one)
            for number, path, given, one in opened
            if given is not None and not says_its_size(path, one.voxel_size)
        )

    def too_fine(self, volume: Volume) -> str:
        """What is to be told of a low-pass that is finer than the voxels; "" where it is not."""
        lowpass = self.request.settings.lowpass
        coarser = max(float(one.spacing.max()) for one in (self.reference, volume))
        if lowpass is None or lowpass >= 2.0 * coarser:
            return ""
        return (
            f"A low-pass at {lowpass:g} Å changes nothing: voxels of {coarser:.4g} Å hold nothing "
            f"finer than {2.0 * coarser:.4g} Å."
        )

    def require_comparable(self, moving: Moving) -> Volume:
        """A map that can be compared with the reference, and so can what its mask leaves of it.

        Raises `UserError` where that is not so.
        """
        volume = read_map(*_key(moving))
        require_map(volume)
        Frame.of(self.reference, volume, self.request.settings.lowpass)
        self.mask_of(moving, volume)
        if sum(one.values.nbytes for one in (*self._kept.values(), volume)) <= _KEPT:
            self._kept[_key(moving)] = volume
        return volume

    @property
    def sizes(self) -> list[int]:
        """Voxels of the reference and of the maps, by their headers."""
        return [
            self.reference.values.size,
            *(math.prod(read_header(one.path)[0]) for one in self.request.maps),
        ]

    @cached_property
    def _kept(self) -> dict[_Key, Volume]:
        return {}


_Key: TypeAlias = tuple[Path, float | None]


def _key(moving: Moving) -> _Key:
    return moving.path, moving.pixel_size
