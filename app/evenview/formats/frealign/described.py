"""What the columns of a FREALIGN file mean, and what turning the map changes in them.

SHX and SHY say where the particle is: they are the opposite of origins. FREALIGN 9 has them in Å,
and multiplies those of older files, which are pixels, by the pixel size (``src/rsample.f``, where
a file that is not of version 9 is read). cisTEM takes PSHIFT as it stands for its phase shift in
radians (``src/core/cistem_parameters.cpp``, ``ctf.cpp``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evenview.core import convention
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.record import Ctf, Images, Record
from evenview.formats import displacements
from evenview.formats.displacements import Floats
from evenview.formats.facts import of_placed, read_together
from evenview.formats.frealign.labels import (
    ANGLES,
    DEFOCUS_1,
    DEFOCUS_2,
    DEFOCUS_ANGLE,
    FILM,
    NUMBER,
    PHASE_SHIFT,
    SCORES,
    SHIFTS,
)
from evenview.formats.numbering import names_of, whole

_WANTED = (*SHIFTS, NUMBER, FILM, DEFOCUS_1, DEFOCUS_2, DEFOCUS_ANGLE)
_PIXELS_NOTE = Note(
    "This file is older than FREALIGN 9, whose shifts are in pixels",
    "They are turned into Å with the pixel size that is given.",
)
_PHASE_NOTE = Note(
    "PSHIFT is taken for radians",
    "So cisTEM reads it, which writes such files; some other programs write degrees.",
)
_NO_PHASE_NOTE = Note(
    "PSHIFT goes beyond 2π and so cannot be radians, as cisTEM has it",
    "Phase shifts are left behind.",
)


def units(particles: Particles) -> Mapping[str, str]:
    """What the columns mean; see `Described.units`."""
    unit = "pixels (before version 9)" if _in_pixels(particles) else "Å"
    found = {
        "poses": "PSI, THETA, PHI: degrees; RELION's psi, tilt and rot",
        "shifts": f"SHX, SHY: {unit}; where the particle is (−origin)",
        "pixel size": "not in the file: MAG needs the detector's pixel",
        "image references": "NO: the place in the stack, from 1",
        "micrograph names": "FILM: numbers",
        "defocus": "DF1, DF2: Å",
        "defocus angle": "ANGAST: degrees",
    }
    if PHASE_SHIFT in particles.table.numeric_columns:
        phase = _phase_shift(particles.table.numeric(PHASE_SHIFT))[0]
        found["phase shift"] = (
            "PSHIFT: beyond 2π, so not radians as cisTEM has it; not taken"
            if phase is None
            else "PSHIFT: radians"
        )
    return found


def record(particles: Particles) -> Record:
    """All rows; see `Described.record`."""
    phased = (PHASE_SHIFT,) if PHASE_SHIFT in particles.table.numeric_columns else ()
    columns = read_together(particles.table, (*_WANTED, *phased))
    shifts = np.column_stack([columns[name] for name in SHIFTS])
    sizes = displacements.pixel_sizes(particles)
    notes: tuple[Note, ...] = ()
    if _in_pixels(particles):
        origins = displacements.origins(particles, shifts, sizes)
        notes = (_PIXELS_NOTE,)
    else:
        origins = 0.0 - shifts
    numbers, all_fit = whole(columns[NUMBER])
    phase, phase_notes = _phase_shift(columns.get(PHASE_SHIFT))
    films = names_of(columns[FILM])
    taken = {*ANGLES, *SHIFTS, FILM, DEFOCUS_1, DEFOCUS_2, DEFOCUS_ANGLE}
    taken |= {NUMBER} if all_fit else set()
    taken |= {PHASE_SHIFT} if phase is not None else set()
    return Record(
        quaternions=particles.quaternions,
        origins=origins,
        pixel_size=sizes,
        images=Images(numbers),
        micrographs=films if films.words else None,
        ctf=Ctf(
            defocus_u=columns[DEFOCUS_1],
            defocus_v=columns[DEFOCUS_2],
            angle=columns[DEFOCUS_ANGLE],
            phase_shift=phase,
        ),
        taken=frozenset(taken),
        notes=(*notes, *phase_notes),
    )


def changes(particles: Particles, motion: Motion) -> Mapping[str, Floats]:
    """What a motion changes; see `Movable.changes`. Angles are 0 to 360°, as FREALIGN has them."""
    turned = motion.apply(particles.quaternions, None)[0]
    found = dict(zip(ANGLES, frealign_angles(turned).T, strict=True))
    if motion.shifts or motion.flip:
        columns = read_together(particles.table, SHIFTS)
        shifts = np.column_stack([columns[name] for name in SHIFTS])
        angstroms = np.ones(len(particles))
        sizes = displacements.pixel_sizes(particles) if _in_pixels(particles) else angstroms
        moved = displacements.moved(particles, shifts, sizes, motion)
        found |= dict(zip(SHIFTS, moved.T, strict=True))
    if motion.flip:
        found[DEFOCUS_ANGLE] = motion.angle(particles.table.numeric(DEFOCUS_ANGLE))
    return of_placed(particles, found)


def frealign_angles(quaternions: Floats) -> Floats:
    """PHI, THETA, PSI (N, 3), degrees from 0 to 360."""
    angles: Floats = np.mod(convention.quaternions_to_relion(quaternions, convention.POLE), 360.0)
    return angles


def _in_pixels(particles: Particles) -> bool:
    return not set(SCORES) <= set(particles.table.cells(0))


def _phase_shift(radians: Floats | None) -> tuple[Floats | None, tuple[Note, ...]]:
    """Degrees (N,), None where the file has none that can be understood, and what to say of it."""
    if radians is None:
        return None, ()
    if np.nanmax(np.abs(radians), initial=0.0) > 2 * np.pi:
        return None, (_NO_PHASE_NOTE,)
    return np.degrees(radians), (_PHASE_NOTE,) if radians.any() else ()
