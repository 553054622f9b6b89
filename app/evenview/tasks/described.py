"""What a file says of its particles, with the pixel size and box that the user adds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Coordinates, Record
from evenview.formats import find_format, formats
from evenview.formats.base import ByColumns, Described, Format
from evenview.formats.facts import ASSUMED

#: Pixel sizes that differ by less (relative) are one, in 32 and in 64 bits.
_SAME = 1e-5


@dataclass(frozen=True)
class _Added:
    """Something that a file may leave out and an option adds."""

    name: str
    option: str
    unit: str

    def require_sound(self, given: float | None) -> None:
        if given is not None and not (np.isfinite(given) and given > 0):
            raise UserError(f"a {self.name} of {given:g} {self.unit} cannot be")

    def require_same(self, said: float | None, given: float | None, particles: Particles) -> None:
        """Raise `UserError` where the file says another value than the option."""
        if said is None or given is None or abs(said - given) <= _SAME * abs(said):
            return
        raise UserError(
            f"the file says a {self.name} of {said:.7g} {self.unit}, and {self.option} says "
            f"{given:.7g}",
            where=str(particles.table.path),
            hint=f"Leave {self.option} out, or mend the file first if it is wrong.",
        )


_PIXEL = _Added("pixel size", "--pixel-size", "Å")
_BOX = _Added("box", "--box", "pixels")
_COORDINATE_PIXEL = _Added("pixel size of the coordinates", "--coordinate-pixel-size", "Å")


def format_of(particles: Particles) -> Format:
    """The format that particles were read in."""
    if particles.reading.columns is None:
        return find_format(particles.table.path)
    return next(form for form in formats().values() if isinstance(form, ByColumns))


def require_described(particles: Particles) -> Described:
    """The format, which says what its columns mean. Raises `UserError` where it does not."""
    form = format_of(particles)
    if isinstance(form, Described):
        return form
    raise UserError(
        f"not all that a file of {form.title} says is understood, so it cannot be converted",
        where=str(particles.table.path),
        hint="Its directions can be seen and thinned.",
    )


def completed(
    particles: Particles, pixel_size: float | None = None, box: int | None = None
) -> Particles:
    """Particles with a pixel size (Å) and a box (pixels) that their file leaves out.

    Raises
    ------
    UserError
        A value is not above 0, or the file says another.
    """
    _PIXEL.require_sound(pixel_size)
    _BOX.require_sound(box)
    _PIXEL.require_same(particles.pixel_size, pixel_size, particles)
    _BOX.require_same(particles.box, box, particles)
    return replace(
        particles,
        pixel_size=particles.pixel_size or pixel_size,
        box=particles.box or box,
    )


def record_of(
    particles: Particles,
    pixel_size: float | None = None,
    box: int | None = None,
    progress: Progress = silent,
) -> Record:
    """The record of particles, with the pixel size and box that are given where rows say none.

    Raises `UserError` as `require_described` and `completed`, and where some rows say others.
    """
    form = require_described(particles)
    whole = completed(particles, pixel_size, box)
    record = form.record(whole, progress)
    for about, said, given in (
        (_PIXEL, record.pixel_size, pixel_size),
        (_BOX, record.box, box),
    ):
        for value in () if said is None or given is None else np.unique(said[said > 0]).tolist():
            about.require_same(value, given, particles)
    n = len(record)
    return replace(
        record,
        pixel_size=_filled(record.pixel_size, whole.pixel_size, n, np.float64),
        box=_filled(record.box, whole.box, n, np.int64),
    )


def with_coordinate_pixels(record: Record, size: float | None, particles: Particles) -> Record:
    """The record with coordinates in pixels of `size` Å, where the file does not say of which.

    What was assumed of these pixels, and its note, give way.

    Raises
    ------
    UserError
        `size` is not above 0, there are no coordinates, or the file says another.
    """
    _COORDINATE_PIXEL.require_sound(size)
    if size is None:
        return record
    coordinates = record.coordinates
    if coordinates is None:
        raise UserError(
            "the file has no coordinates whose pixels could have a size",
            where=str(particles.table.path),
            hint="Leave --coordinate-pixel-size out.",
        )
    return replace(
        record,
        coordinates=_of_pixels(coordinates, size, particles),
        notes=tuple(note for note in record.notes if note.about != ASSUMED),
    )


def _of_pixels(coordinates: Coordinates, size: float, particles: Particles) -> Coordinates:
    said = None if coordinates.assumed else coordinates.pixel_size
    if said is not None:
        for value in np.unique(said[said > 0]).tolist():
            _COORDINATE_PIXEL.require_same(value, size, particles)
    sizes = _filled(said, size, len(coordinates.values), np.float64)
    return replace(coordinates, pixel_size=sizes, assumed=False)


def _filled(
    said: NDArray[Any] | None, value: float | None, n: int, kind: type[Any]
) -> NDArray[Any] | None:
    """Values (n,) of rows, those that say none (0 or NaN) with `value`."""
    if value is None:
        return said
    if said is None:
        return np.full(n, value, dtype=kind)
    return np.where(said > 0, said, value).astype(kind)
