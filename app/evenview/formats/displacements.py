"""Shifts that say where a particle is, in pixels: the opposite of an origin in Å."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.record import Record

Floats = NDArray[np.float64]


def pixel_sizes(particles: Particles, own: Floats | None = None) -> Floats | None:
    """Å per pixel (N,) of a column where it is positive, else of the file; None if there is none.

    Zeros and less in such columns are how programs say that they do not know.
    """
    common = np.nan if particles.pixel_size is None else particles.pixel_size
    sizes = np.full(len(particles), common)
    if own is not None:
        sizes = np.where(np.isfinite(own) & (own > 0), own, sizes)
    return sizes if np.isfinite(sizes).any() else None


def origins(particles: Particles, displacement: Floats, sizes: Floats | None) -> Floats:
    """Origins (N, 2) or (N, 3), Å, of displacements in pixels.

    Raises `UserError` where a displacement that is not zero has no pixel size.
    """
    if not _some(displacement, sizes):
        return np.zeros_like(displacement)
    return -displacement * _known(particles, sizes, _moved(displacement))[:, None]


def moved(
    particles: Particles, displacement: Floats, sizes: Floats | None, motion: Motion
) -> Floats:
    """The displacements in pixels that a motion leaves; NaN for rows without a pose.

    A motion without a shift turns or mirrors pixels as it does Å, so that no pixel size is needed.
    """
    if not motion.shifts:
        scale = np.ones(len(particles))
    else:
        scale = _known(particles, sizes, particles.placed)
    origins = motion.apply(particles.quaternions, -displacement * scale[:, None])[1]
    assert origins is not None
    return -origins / scale[:, None]


def of_record(record: Record, dimensions: int) -> Floats:
    """(N, `dimensions`) pixels, NaN where not known; zeros where the record says no shifts at all.

    Raises `UserError` where the pixel size is missing and a shift is not 0.
    """
    origins = record.origins_of(dimensions)
    if origins is None:
        return np.zeros((len(record), dimensions))
    if not np.nan_to_num(origins).any():
        return 0.0 - origins
    pixels = record.origins_in_pixels(dimensions)
    assert pixels is not None
    return 0.0 - pixels


def _moved(displacement: Floats) -> NDArray[np.bool_]:
    size: Floats = np.abs(np.nan_to_num(displacement)).max(axis=1)
    return size > 0


def _some(displacement: Floats, sizes: Floats | None) -> bool:
    return sizes is not None or bool(_moved(displacement).any())


def _known(particles: Particles, sizes: Floats | None, needed: NDArray[np.bool_]) -> Floats:
    if sizes is None or not np.isfinite(sizes[needed]).all():
        raise UserError(
            "the shifts are in pixels, and the file does not say the pixel size",
            where=str(particles.table.path),
            hint="Give it with --pixel-size.",
        )
    return sizes
