"""A tilt series as one package describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.particles import Note

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TiltSeries:
    """The N tilts of one series, in file order.

    Attributes
    ----------
    name
        What the series is called.
    files
        Where it was read from.
    package
        Whose convention the numbers are in: a key of `core.tilt.packages.PACKAGES`.
    angles
        (N,) degrees, with the package's own sign.
    axes
        (N,) degrees from +y of the image counter-clockwise (towards -x).
    x_tilts
        (N,) degrees, the specimen's tilt about x before the others; 0 where the file says none.
    sections
        (N,) place of each image in the stack, from 1; None where the file does not say.
    by_line
        Whether these are no more than the lines of the file: of which stack, it does not say.
    images
        Names of the images, () where there are none.
    shifts, shift_unit
        (N, 2) in the plane of the image as the file has them, in pixels or Å.
    unread_shifts
        Whether the file says shifts in a way that is not read.
    defocus
        (N,) Å, underfocus positive; NaN where a tilt has none.
    pixel_size
        Å of the tilt images.
    size
        x, y and z of the tomogram in those pixels.
    hand
        h of `core.tilt.hand` in the geometry of the file, 1 or -1, as it says it: RELION's
        ``rlnTomoHand``, or no flip and flip of Warp.
    nominal
        Whether the angles are the stage's, before any alignment.
    notes
        What was assumed, and what is not certain.
    """

    name: str
    files: tuple[Path, ...]
    package: str
    angles: Floats
    axes: Floats
    x_tilts: Floats
    sections: Whole | None = None
    by_line: bool = False
    images: tuple[str, ...] = ()
    shifts: Floats | None = None
    shift_unit: Literal["pixel", "Å"] = "pixel"
    unread_shifts: bool = False
    defocus: Floats | None = None
    pixel_size: float | None = None
    size: tuple[float, float, float] | None = None
    hand: int | None = None
    nominal: bool = False
    notes: tuple[Note, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.angles)

    @property
    def axis(self) -> float:
        """The mean direction of the axis, degrees in (-180, 180]."""
        turns = np.exp(1j * np.radians(self.axes))
        return float(np.degrees(np.angle(turns.sum()))) + 0.0
