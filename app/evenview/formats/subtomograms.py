"""Tables of subtomograms: what Dynamo, AV3 and PEET say alike, each in columns of its own.

A particle is at its coordinate plus its shift, in pixels along the axes of the tomogram, and the
angles turn the reference into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.record import FIELDS, Coordinates, Images, Record, same_everywhere
from evenview.core.words import counted
from evenview.formats import displacements
from evenview.formats.facts import (
    as_counted_notes,
    of_placed,
    read_together,
    require_corner,
    require_kept_hand,
    require_shifts,
    unposed_words,
    without_gaps,
)
from evenview.formats.numbering import (
    image_words,
    names_of,
    numbers_of_names,
    particle_numbers,
    whole,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Pixel sizes that differ by less (relative) are one.
_SAME_PIXEL = 1e-5


@dataclass(frozen=True)
class Columns:
    """The columns of a program's table; those it does not have are empty.

    Attributes
    ----------
    angles
        Three, in the order of `from_quaternions`.
    from_quaternions
        The angles (N, 3) of rotations (N, 4).
    formula
        How A is made of the angles.
    shifts, coordinates
        Pixels along x, y, z.
    number, tomogram, classes
        Whole numbers.
    pixel_size
        Å.
    """

    angles: tuple[str, str, str]
    from_quaternions: Callable[[Floats], Floats]
    formula: str
    shifts: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    number: str = ""
    tomogram: str = ""
    classes: str = ""
    pixel_size: str = ""

    def units(self) -> Mapping[str, str]:
        """What the columns mean, as `Described.units` has it."""
        angles, shifts, xyz = (
            ", ".join(names) for names in (self.angles, self.shifts, self.coordinates)
        )
        found = {
            "poses": f"{angles}: degrees; {self.formula}",
            "shifts": f"{shifts}: pixels; the particle is at its coordinate + shift "
            "(shift = −origin)"
            if shifts
            else "",
            "pixel size": f"{self.pixel_size}: Å" if self.pixel_size else "not in the file",
            "coordinates": f"{xyz}: pixels of the tomogram, taken to be those of the shifts; from "
            "0 or 1 as the program counts them: not changed"
            if xyz
            else "",
            "tomogram names": f"{self.tomogram}: numbers" if self.tomogram else "",
            "classes": self.classes,
            "image references": f"{self.number}: the number of the subtomogram"
            if self.number
            else "",
        }
        return {name: words for name, words in found.items() if words}

    def record(self, particles: Particles, notes: tuple[Note, ...] = ()) -> Record:
        """All rows; see `Described.record`."""
        others = (self.tomogram, self.classes, self.number, self.pixel_size)
        wanted = filter(None, [*self.shifts, *self.coordinates, *others])
        columns = read_together(particles.table, list(wanted))
        sizes = displacements.pixel_sizes(particles, columns.get(self.pixel_size))
        shifts, xyz = _stacked(columns, self.shifts), _stacked(columns, self.coordinates)
        coordinates = None if xyz is None else Coordinates(xyz, pixel_size=sizes, assumed=True)
        if coordinates is not None:
            notes += as_counted_notes(coordinates)
        names = names_of(columns[self.tomogram]) if self.tomogram else None
        classes, classes_fit = _whole(columns.get(self.classes))
        numbers, numbers_fit = _whole(columns.get(self.number))
        taken = {*self.angles, *self.shifts, *self.coordinates, self.tomogram, self.pixel_size}
        taken |= {self.classes} if classes_fit else set()
        taken |= {self.number} if numbers_fit else set()
        return Record(
            quaternions=particles.quaternions,
            origins=None if shifts is None else displacements.origins(particles, shifts, sizes),
            subtomograms=True,
            pixel_size=sizes,
            classes=classes,
            images=None if numbers is None else Images(numbers),
            tomograms=names if names is not None and names.words else None,
            coordinates=coordinates,
            taken=frozenset(taken - {""}),
            notes=notes,
        )

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """The columns that a motion changes; see `Movable.changes`."""
        where = str(particles.table.path)
        require_kept_hand(motion, where)
        require_shifts(motion, bool(self.shifts), where, "offsets in pixels")
        turned = motion.apply(particles.quaternions, None)[0]
        found = dict(zip(self.angles, self.from_quaternions(turned).T, strict=True))
        if motion.shifts:
            wanted = filter(None, [*self.shifts, self.pixel_size])
            columns = read_together(particles.table, list(wanted))
            sizes = displacements.pixel_sizes(particles, columns.get(self.pixel_size))
            shifts = _stacked(columns, self.shifts)
            assert shifts is not None
            moved = displacements.moved(particles, shifts, sizes, motion)
            found |= dict(zip(self.shifts, moved.T, strict=True))
        return of_placed(particles, found)

    def values(self, record: Record) -> Values:
        """What a record says in these columns, of a table that is to be written.

        Raises `UserError` where there are shifts and no pixel size, or coordinates that cannot be
        told in pixels of the images from the corner of the tomogram.
        """
        angles = self.from_quaternions(record.quaternions).T
        shifts, unshifted = without_gaps(displacements.of_record(record, 3), 0, "shifts")
        tags, tags_told = particle_numbers(record, self.number)
        tomograms, tomograms_told = numbers_of_names(record.tomograms, self.tomogram)
        xyz, xyz_told = _voxels(record, self.coordinates)
        found: dict[str, Floats | Whole] = {
            **dict(zip(self.angles, angles, strict=True)),
            **dict(zip(self.shifts, shifts.T, strict=False)),
            **dict(zip(self.coordinates, () if xyz is None else xyz.T, strict=False)),
            self.number: tags,
        }
        if tomograms is not None:
            found[self.tomogram] = tomograms
        if record.classes is not None:
            found[self.classes] = record.classes
        found.pop("", None)
        dropped = record.not_said_by(self._sayable(xyz is not None))
        dropped += image_words(record.images, tags)
        if self.shifts and record.origins is None:
            unshifted = (f"{', '.join(self.shifts)}: 0",)
        told = (*tags_told, *unshifted, *xyz_told, *unposed_words(record, self.angles))
        if self.tomogram and tomograms_told:
            dropped += (FIELDS["tomograms"],)
            told += tomograms_told
        if not record.subtomograms:
            told += ("the images stand there as subtomograms",)
        return Values(found, dropped, told)

    def _sayable(self, has_voxels: bool) -> tuple[str, ...]:
        """The fields of a record that these columns say."""
        columns = {
            "pixel_size": self.pixel_size,
            "classes": self.classes,
            "tomograms": self.tomogram,
            "coordinates": has_voxels and self.coordinates,
        }
        return ("origins", "images", *(name for name, column in columns.items() if column))


@dataclass(frozen=True, eq=False)
class Values:
    """Columns (N,) of a new table by their names, and the words of `Created` about them."""

    columns: Mapping[str, Floats | Whole]
    dropped: tuple[str, ...]
    filled: tuple[str, ...]

    def neutral(self, values: Mapping[str, float]) -> tuple[str, ...]:
        """Words for those of some values that stand for what was not said."""
        missing = {name: value for name, value in values.items() if name not in self.columns}
        return tuple(f"{name}: {value:g}" for name, value in missing.items())


def _stacked(columns: Mapping[str, Floats], names: tuple[str, ...]) -> Floats | None:
    return np.column_stack([columns[name] for name in names]) if names else None


def _whole(column: Floats | None) -> tuple[Whole | None, bool]:
    """A column of whole numbers, None where all are 0, and whether it is said in full."""
    if column is None:
        return None, False
    numbers, all_fit = whole(column)
    return numbers if numbers.any() else None, all_fit


def _rescaled(
    named: str, sizes: Floats | None, own: Floats, rows: NDArray[np.bool_]
) -> tuple[str, ...]:
    """Words for the rows whose coordinates become those of other pixels."""
    if sizes is None or not rows.any():
        return ()
    new, old = (
        "" if (size := same_everywhere(some[rows])) is None else f"{size:.6g} Å"
        for some in (sizes, own)
    )
    images = f"pixels of the images{', ' * bool(new)}{new}"
    before = f"pixels of {old}" if old else "pixels of other sizes"
    return (f"{named}: in {images}; they were in {before}",)


def _voxels(record: Record, columns: tuple[str, ...]) -> tuple[Floats | None, tuple[str, ...]]:
    """Coordinates (N, 3) in pixels of a tomogram, None where the record has others or none; words.

    They are in the pixels of the shifts, those of the images, where both pixel sizes are known.
    """
    coordinates = record.coordinates
    if coordinates is None or coordinates.values.shape[1] != 3 or not columns:
        return None, ()
    named = ", ".join(columns)
    require_corner(coordinates, f"{named} count")
    if coordinates.pixel_size is not None and record.pixel_size is None:
        record.require_pixel_size("coordinates in pixels of the images")
    unknown = np.full(len(record), np.nan)
    own = unknown if coordinates.pixel_size is None else coordinates.pixel_size
    factors = own / (unknown if record.pixel_size is None else record.pixel_size)
    scaled = np.isfinite(factors) & (factors > 0)
    told: tuple[str, ...] = ()
    if not scaled.all():
        rows = counted(int(np.count_nonzero(~scaled)), "particle")
        told = (
            f"{named}: as they stand for {rows}, since it is not known whether their pixels are "
            "those of the shifts",
        )
    told += _rescaled(named, record.pixel_size, own, scaled & (np.abs(factors - 1) > _SAME_PIXEL))
    return coordinates.values * np.where(scaled, factors, 1.0)[:, None], told
