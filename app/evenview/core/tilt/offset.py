"""How far the tomogram of one alignment is shifted against that of another, from their shifts.

A point is seen by the one at ``u = (P1 X1)_xy + T1``, and at the same pixel by the other, which may
count from a point that is half a pixel off: ``u - h = (P2 X2)_xy + T2``. With ``X2 = M X1 + D`` and
``(P2 M)_xy = (P1)_xy`` this leaves ``(P2 D)_xy = T1 - T2 - h`` for every tilt: three numbers of
least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.tilt.packages import PACKAGES, matrices_of, translations_of
from evenview.core.tilt.series import TiltSeries

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Pixels rms: what two good alignments may differ by, and no more than this part of the shifts.
_ALIKE, _PART = 2.0, 0.5


@dataclass(frozen=True, eq=False)
class Offset:
    """D (3,) of the second tomogram, and what the tilts leave of it.

    Attributes
    ----------
    pixels
        D in pixels of the tilt images.
    rms
        Pixels, per tilt, that D does not explain.
    explained
        Whether one shift of the tomogram explains the shifts of the tilts.
    pixel_size
        Å of those pixels; None where no file says it.
    """

    pixels: Floats
    rms: float
    explained: bool
    pixel_size: float | None


def offset_of(first: TiltSeries, second: TiltSeries, pairs: Whole) -> Offset | None:
    """D of two series whose tilts `pairs` (K, 2) are the same images.

    None where one of them has no shifts, or they are in pixels and Å of unknown size.
    """
    sizes = first.pixel_size or second.pixel_size, second.pixel_size or first.pixel_size
    shifts = [_pixels(s, size) for s, size in zip((first, second), sizes, strict=True)]
    if shifts[0] is None or shifts[1] is None:
        return None
    scale = 1.0 if sizes[0] is None or sizes[1] is None else sizes[1] / sizes[0]
    apart = shifts[0][pairs[:, 0]] - scale * shifts[1][pairs[:, 1]] - _half_pixel(first, second)
    rows = matrices_of(second)[pairs[:, 1], :2]
    solved = np.linalg.lstsq(rows.reshape(-1, 3), apart.ravel(), rcond=None)[0]
    found = solved.astype(np.float64)
    left = apart - rows @ found
    rms = float(np.sqrt((left**2).sum(axis=1).mean()))
    most = float(np.sqrt((apart**2).sum(axis=1).mean()))
    return Offset(found, rms, rms <= max(_ALIKE, _PART * most), sizes[0])


def _pixels(series: TiltSeries, size: float | None) -> Floats | None:
    found = translations_of(series)
    if found is None or series.shift_unit == "pixel":
        return found
    pixels: Floats | None = None if size is None else found / size
    return pixels


def _half_pixel(first: TiltSeries, second: TiltSeries) -> float:
    """What the second counts from less what the first does, in images of even sides."""
    centres = [0.0 if PACKAGES[s.package].centre == "voxel" else -0.5 for s in (first, second)]
    return centres[1] - centres[0]
