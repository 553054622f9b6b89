"""The whole of a row of cisTEM's, and what a motion changes in it, however the file stores it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evenview.core import convention
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles, Table
from evenview.core.record import Ctf, Images, Record
from evenview.core.words import listed
from evenview.formats import displacements
from evenview.formats.angles import Floats
from evenview.formats.base import WeightColumn
from evenview.formats.cistem import labels
from evenview.formats.facts import (
    Reader,
    ReadNames,
    halves_said,
    measured,
    measured_notes,
    of_placed,
    read_together,
    require_shifts,
)
from evenview.formats.numbering import whole

#: Images and squared CTF are multiplied by it over its mean (`Reconstruct3D` in ``src/core``).
WEIGHT = WeightColumn(labels.OCCUPANCY, 100.0, "cisTEM's reconstruct3d")

_NUMBERS = (
    *(labels.PIXEL, labels.HALF, labels.PLACE, labels.PHASE_SHIFT),
    *(*labels.SHIFTS, *labels.POSITIONS, *labels.CTF.values()),
)


def record(particles: Particles, read_names: ReadNames, radians: bool) -> Record:
    """What a file of cisTEM's says.

    Parameters
    ----------
    particles
        As they were read.
    read_names
        Reads a column of texts of their table.
    radians
        Whether the phase shift is surely in radians. cisTEM's text files have radians where cisTEM
        writes them and degrees where it reads them, so there only 0 is sure.
    """
    reading = Reader(particles.table, read_names, _NUMBERS)
    reading.taken |= set(labels.ANGLES)
    sizes = displacements.pixel_sizes(particles, reading.numbers(labels.PIXEL))
    positions = reading.together(labels.POSITIONS)
    shifts = reading.together(labels.SHIFTS)
    phase, notes = _phase_shift(reading, radians)
    ctf = {name: reading.numbers(label) for name, label in labels.CTF.items()}
    return Record(
        quaternions=particles.quaternions,
        origins=None if shifts is None else 0.0 - shifts,
        pixel_size=sizes,
        halves=_halves(reading),
        images=_images(reading),
        micrographs=reading.names(labels.MICROGRAPH),
        coordinates=None if positions is None else measured(positions, sizes),
        ctf=Ctf(phase_shift=phase, **ctf),
        taken=frozenset(reading.taken),
        notes=notes if positions is None else (*notes, *measured_notes(positions, sizes)),
    )


def units(table: Table, radians: bool) -> dict[str, str]:
    """What cisTEM's columns mean, for people."""
    said = {
        "poses": "cisTEMAnglePhi, cisTEMAngleTheta and cisTEMAnglePsi, degrees: "
        "A = [Rz(phi) Ry(theta) Rz(psi)]ᵀ, RELION's rot, tilt and psi"
    }
    words = {
        labels.SHIFTS: "Å, where the particle is: minus RELION's origin",
        (labels.PIXEL,): "Å",
        (labels.HALF,): "1 and 2",
        labels.POSITIONS: "Å from the corner of the micrograph as cisTEM counts it: not changed",
        (labels.PHASE_SHIFT,): "radians"
        if radians
        else "radians as cisTEM writes them, degrees as it reads them: only 0 is sure",
    }
    titles = ("shifts", "pixel size", "half-sets", "coordinates", "phase shift")
    for title, (names, meaning) in zip(titles, words.items(), strict=True):
        if set(names).issubset(table.numeric_columns):
            said[title] = f"{listed(names)}, {meaning}"
    return said


def changes(particles: Particles, motion: Motion) -> Mapping[str, Floats]:
    """What a motion changes in cisTEM's columns; see `formats.base.Movable.changes`."""
    table = particles.table
    shifted = set(labels.SHIFTS).issubset(table.numeric_columns)
    require_shifts(motion, shifted, str(table.path), " and ".join(labels.SHIFTS))
    origins = None
    if shifted:
        shifts = read_together(table, labels.SHIFTS)
        origins = -np.column_stack([shifts[name] for name in labels.SHIFTS])
    turned, moved = motion.apply(particles.quaternions, origins)
    angles = convention.quaternions_to_relion(turned, convention.POLE)
    out = dict(zip(labels.ANGLES, angles.T, strict=True))
    if moved is not None and (motion.shifts or motion.flip):
        out |= dict(zip(labels.SHIFTS, 0.0 - moved.T, strict=True))
    if motion.flip and labels.DEFOCUS_ANGLE in table.numeric_columns:
        out[labels.DEFOCUS_ANGLE] = motion.angle(table.numeric(labels.DEFOCUS_ANGLE))
    return of_placed(particles, out)


def _halves(reading: Reader) -> np.ndarray[tuple[int], np.dtype[np.int8]] | None:
    subsets = reading.numbers(labels.HALF)
    return None if subsets is None else halves_said(subsets)


def _images(reading: Reader) -> Images | None:
    places, stacks = reading.numbers(labels.PLACE), reading.names(labels.STACK)
    if places is None and stacks is None:
        return None
    n = len(reading.table)
    return Images(np.zeros(n, np.int64) if places is None else whole(places)[0], stacks)


def _phase_shift(reading: Reader, radians: bool) -> tuple[Floats | None, tuple[Note, ...]]:
    """Degrees (N,)."""
    phase = reading.numbers(labels.PHASE_SHIFT)
    if phase is None or radians or not np.nan_to_num(phase).any():
        return None if phase is None else np.degrees(phase), ()
    reading.taken.remove(labels.PHASE_SHIFT)
    note = Note(
        "The phase shifts are left out",
        "cisTEM writes radians into star files and reads degrees from them, so their unit is not "
        "certain. A .cistem file is clear.",
    )
    return None, (note,)
