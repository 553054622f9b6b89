"""The box that a map stands in: its side, its voxels, and where its centre is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.record import Record, same_everywhere
from evenview.formats.volume_mrc import open_volume

Array = NDArray[np.float64]

_WHY = "mirrors about the middle of the box and ChimeraX's coordinates"


@dataclass(frozen=True, eq=False)
class MapBox:
    """A cube of `voxels` a side, of `voxel_size` Å, its first voxel at `origin` (3,) Å."""

    voxels: int
    voxel_size: float
    origin: Array = field(default_factory=lambda: np.zeros(3))

    @property
    def centre(self) -> Array:
        """(3,) Å: the voxel N // 2 in the map's coordinates."""
        return self.origin + (self.voxels // 2) * self.voxel_size

    def require_side_of(self, box: float | None, pixel_size: float | None) -> None:
        """Raise `UserError` where images of another side, in Å, cannot have made the map."""
        if box is None or pixel_size is None:
            return
        if abs(self.voxels * self.voxel_size - box * pixel_size) > self.voxel_size:
            raise UserError(
                f"the map has {self.voxels} voxels of {self.voxel_size:.6g} Å a side, the images "
                f"{box:g} pixels of {pixel_size:.6g} Å",
                hint="Give the map that belongs to these images.",
            )


def box_of_map(path: Path, pixel_size: float | None = None) -> MapBox:
    """The box of an MRC file; its voxels are of `pixel_size` where the header does not say.

    Raises `UserError` where it is no cube or its voxel size is not known.
    """
    volume = open_volume(path)
    sides = volume.values.shape
    if len(set(sides)) > 1 or volume.stretch != (1.0, 1.0, 1.0):
        raise UserError(
            "the map is not a cube of cubes, so its centre is not that of the images",
            where=str(path),
            hint="Give the map of the refinement itself.",
        )
    size = volume.voxel_size or pixel_size
    if size is None:
        raise UserError(
            "the map does not say its voxel size",
            where=str(path),
            hint="Give it with --pixel-size.",
        )
    return MapBox(sides[0], size, volume.resized(size).origin)


def box_of_images(record: Record) -> MapBox:
    """The box of a map that is made of images as they are; its origin is 0.

    Raises `UserError` where box or pixel size is not known or not the same for all.
    """
    boxes, sizes = record.require_box(_WHY), record.require_pixel_size(_WHY)
    box, size = same_everywhere(boxes.astype(float)), same_everywhere(sizes)
    if box is None or size is None:
        raise UserError(
            "the images have several boxes or pixel sizes, so the map's is not known",
            hint="Give the map with --map.",
        )
    return MapBox(int(box), size)
