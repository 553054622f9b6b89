"""The whole of a row of Xmipp's, and what a motion changes in it.

An image with flip 1 is mirrored in x before its pose holds. The pose of the image as it stands is
``diag(-1, 1, -1) A``, and its origin along x is minus shiftX (``convention.xmipp_to_quaternions``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles, Table
from evenview.core.record import Coordinates, Ctf, Images, Names, Record
from evenview.formats import displacements
from evenview.formats.angles import Floats
from evenview.formats.facts import Reader, names_in, require_shifts, star_of
from evenview.formats.numbering import whole
from evenview.formats.star import columns
from evenview.formats.xmipp import labels

Marks = NDArray[np.bool_]


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
    reading = Reader(particles.table, names_in(particles.table))
    sizes = _sizes(particles)
    phase, notes = _phase_shift(reading)
    reading.taken.update({*labels.ANGLES, labels.FLIP, *labels.PIXELS})
    return Record(
        quaternions=particles.quaternions,
        origins=_origins(reading, particles, sizes),
        pixel_size=sizes,
        classes=_classes(reading),
        images=_images(reading),
        micrographs=_micrographs(reading),
        coordinates=_picked(reading),
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
        found["coordinates"] = f"{', '.join(labels.PICKED)}: pixels of the micrograph"
    return found


def changes(particles: Particles, motion: Motion) -> Mapping[str, Floats]:
    """What a motion changes; the flips stay, and poses and shifts go through them."""
    table = particles.table
    there = set(table.numeric_columns)
    shifted = there.issuperset(labels.SHIFTS)
    require_shifts(motion, shifted, str(table.path), " and ".join(labels.SHIFTS))
    flips = _flips(table)
    turned, _ = motion.apply(particles.quaternions, None)
    angles = convention.quaternions_to_xmipp(turned, flips, convention.POLE)
    out = dict(zip(labels.ANGLES, angles.T, strict=True))
    if shifted and (motion.shifts or motion.flip):
        sizes = _sizes(particles)
        moved = displacements.moved(particles, _displacement(table), sizes, motion)
        out |= dict(zip(labels.SHIFTS, _as_shifts(moved, flips).T, strict=True))
    if motion.flip and labels.DEFOCUS_ANGLE in there:
        out[labels.DEFOCUS_ANGLE] = motion.angle(table.numeric(labels.DEFOCUS_ANGLE))
    return out


def _flips(table: Table) -> Marks:
    there = labels.FLIP in table.numeric_columns
    return flipped(table.numeric(labels.FLIP) if there else None, len(table))


def _displacement(table: Table) -> Floats:
    """Where the particles are in the images as they stand, (N, 2) pixels."""
    shifts = np.column_stack([table.numeric(label) for label in labels.SHIFTS])
    return _as_shifts(shifts, _flips(table))


def _as_shifts(displacement: Floats, flips: Marks) -> Floats:
    """Shifts of displacements, or the other way: minus one another, but for x of a flip."""
    signs = np.column_stack([np.where(flips, 1.0, -1.0), np.full(len(flips), -1.0)])
    shifts: Floats = displacement * signs + 0.0
    return shifts


def _sizes(particles: Particles) -> Floats | None:
    there = [label for label in labels.PIXELS if label in particles.table.numeric_columns]
    return displacements.pixel_sizes(particles, there[0] if there else "")


def _origins(reading: Reader, particles: Particles, sizes: Floats | None) -> Floats | None:
    if reading.together(labels.SHIFTS) is None:
        return None
    return displacements.origins(particles, _displacement(particles.table), sizes)


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
