"""The whole of a row of Xmipp's, and what a motion changes in it.

An image with flip 1 is mirrored in x before its pose holds. The pose of the image as it stands is
``diag(-1, 1, -1) A``, and its origin along x is minus shiftX (``convention.xmipp_to_quaternions``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles, Table
from evenview.core.record import Coordinates, Ctf, Images, Names, Record
from evenview.formats import displacements
from evenview.formats.angles import Floats
from evenview.formats.facts import (
    Reader,
    names_in,
    of_placed,
    outside_notes,
    read_together,
    require_shifts,
    star_of,
)
from evenview.formats.numbering import whole
from evenview.formats.star import columns
from evenview.formats.xmipp import labels

Marks = NDArray[np.bool_]

_NUMBERS = (
    *(*labels.SHIFTS, labels.FLIP, *labels.PIXELS, labels.CLASS, *labels.PICKED),
    *(labels.PHASE_SHIFT, *labels.CTF.values()),
)


def flipped(flips: Floats | None, rows: int) -> Marks:
    """Which images (N,) are mirrored; a row that does not say is not."""
    if flips is None:
        return np.zeros(rows, dtype=np.bool_)
    mirrored: Marks = np.isfinite(flips) & (flips != 0)
    return mirrored


def record(particles: Particles) -> Record:
    """What a file of Xmipp's says.

    Columns of coordinates that are 0 in every row say nothing, nor do micrographs that are
    numbers: programs write them where they know neither. Raises `UserError` where a shift has no
    pixel size.
    """
    reading = Reader(particles.table, names_in(particles.table), _NUMBERS)
    sizes = _sizes(particles, [reading.numbers(label) for label in labels.PIXELS])
    phase, notes = _phase_shift(reading)
    picked = _picked(reading)
    if picked is not None:
        notes += outside_notes(picked.values)
    reading.taken.update({*labels.ANGLES, labels.FLIP, *labels.PIXELS})
    return Record(
        quaternions=particles.quaternions,
        origins=_origins(reading, particles, sizes),
        pixel_size=sizes,
        classes=_classes(reading),
        images=_images(reading),
        micrographs=_micrographs(reading),
        coordinates=picked,
        ctf=Ctf(
            phase_shift=phase,
            **{name: reading.numbers(label) for name, label in labels.CTF.items()},
        ),
        taken=frozenset(reading.taken.intersection(star_of(particles.table).labels)),
        notes=(*notes, *_volume_notes(particles.table)),
    )


def units(table: Table) -> dict[str, str]:
    """What Xmipp's columns mean, for people."""
    there = set(table.numeric_columns)
    found = {
        "poses": f"{', '.join(labels.ANGLES)}: degrees; "
        "A = [Rz(rot) Ry(tilt) Rz(psi)]ᵀ, as RELION's"
        + ("; diag(−1, 1, −1) A of an image with flip 1" if labels.FLIP in there else "")
    }
    if there.issuperset(labels.SHIFTS):
        found["shifts"] = f"{', '.join(labels.SHIFTS)}: pixels, RELION's origin" + (
            "; shiftX turned round with flip 1" if labels.FLIP in there else ""
        )
    sizes = [label for label in labels.PIXELS if label in there]
    found["pixel size"] = f"{sizes[0]}: Å" if sizes else "not in the file"
    if there.issuperset(labels.PICKED):
        picked = ", ".join(labels.PICKED)
        found["coordinates"] = f"{picked}: pixels of the micrograph as Xmipp counts it: not changed"
    return found


def changes(particles: Particles, motion: Motion) -> Mapping[str, Floats]:
    """What a motion changes; the flips stay, and poses and shifts go through them."""
    table = particles.table
    there = set(table.numeric_columns)
    shifted = there.issuperset(labels.SHIFTS)
    require_shifts(motion, shifted, str(table.path), " and ".join(labels.SHIFTS))
    wanted = [*labels.SHIFTS, labels.FLIP, *labels.PIXELS, labels.DEFOCUS_ANGLE]
    columns = read_together(table, [label for label in wanted if label in there])
    flips = flipped(columns.get(labels.FLIP), len(table))
    turned, _ = motion.apply(particles.quaternions, None)
    angles = convention.quaternions_to_xmipp(turned, flips, convention.POLE)
    out = dict(zip(labels.ANGLES, angles.T, strict=True))
    if shifted and (motion.shifts or motion.flip):
        shifts = np.column_stack([columns[label] for label in labels.SHIFTS])
        sizes = _sizes(particles, [columns.get(label) for label in labels.PIXELS])
        moved = displacements.moved(particles, _as_shifts(shifts, flips), sizes, motion)
        out |= dict(zip(labels.SHIFTS, _as_shifts(moved, flips).T, strict=True))
    if motion.flip and labels.DEFOCUS_ANGLE in columns:
        out[labels.DEFOCUS_ANGLE] = motion.angle(columns[labels.DEFOCUS_ANGLE])
    return of_placed(particles, out)


def _as_shifts(displacement: Floats, flips: Marks) -> Floats:
    """Shifts of displacements in the images as they stand, or the other way.

    They are minus one another, but for x of a flip.
    """
    signs = np.column_stack([np.where(flips, 1.0, -1.0), np.full(len(flips), -1.0)])
    shifts: Floats = displacement * signs + 0.0
    return shifts


def _sizes(particles: Particles, columns: Sequence[Floats | None]) -> Floats | None:
    """Å (N,) of the first column that there is, else of the file."""
    there = (column for column in columns if column is not None)
    return displacements.pixel_sizes(particles, next(there, None))


def _origins(reading: Reader, particles: Particles, sizes: Floats | None) -> Floats | None:
    shifts = reading.together(labels.SHIFTS)
    if shifts is None:
        return None
    flips = flipped(reading.numbers(labels.FLIP), len(particles))
    return displacements.origins(particles, _as_shifts(shifts, flips), sizes)


def _classes(reading: Reader) -> NDArray[np.int64] | None:
    found = reading.numbers(labels.CLASS)
    numbers = None if found is None else whole(found)[0]
    return numbers if numbers is not None and numbers.any() else None


def _images(reading: Reader) -> Images | None:
    star = star_of(reading.table)
    if not star.has(labels.IMAGE):
        return None
    reading.taken.add(labels.IMAGE)
    return columns.images(star, labels.IMAGE)


def _micrographs(reading: Reader) -> Names | None:
    numbered = labels.MICROGRAPH in reading.table.numeric_columns
    return None if numbered else reading.names(labels.MICROGRAPH)


def _picked(reading: Reader) -> Coordinates | None:
    places = reading.together(labels.PICKED)
    if places is not None and not np.nan_to_num(places).any():
        reading.taken.difference_update(labels.PICKED)
        return None
    return None if places is None else Coordinates(places)


def _phase_shift(reading: Reader) -> tuple[Floats | None, tuple[Note, ...]]:
    """Degrees (N,), where all are 0: for others Xmipp has radians and Scipion degrees."""
    phase = reading.numbers(labels.PHASE_SHIFT)
    if phase is None or not np.nan_to_num(phase).any():
        return phase, ()
    reading.taken.remove(labels.PHASE_SHIFT)
    note = Note(
        "The phase shifts are left out",
        "Xmipp has them in radians and Scipion in degrees, so their unit is not certain.",
    )
    return None, (note,)


def _volume_notes(table: Table) -> tuple[Note, ...]:
    there = "shiftZ" in table.numeric_columns
    if not there or not np.nan_to_num(table.numeric("shiftZ")).any():
        return ()
    note = Note("shiftZ is not always 0", "It is left out: the rows are taken for 2-D images.")
    return (note,)
