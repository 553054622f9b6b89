"""A record (`core.record.Record`) of RELION's particles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.errors import UserError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress
from evenview.core.record import Coordinates, Ctf, Floats, Images, Names, Record, Whole
from evenview.core.words import counted
from evenview.formats.facts import halves_said
from evenview.formats.numbering import truncated
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import (
    ANGLES,
    ANGST_ORIGINS,
    CENTRED_COORDINATES,
    CLASS,
    COORDINATES,
    DIMENSIONALITY,
    GENERAL,
    GROUP,
    GROUP_NAME,
    HALF,
    IMAGE,
    IMAGE_SIZE,
    MICROGRAPH,
    MICROGRAPH_PIXEL,
    OPTICS_CTF,
    PARTICLE_CTF,
    PIXEL_ORIGINS,
    STACKS_2D,
    SUBTOMOGRAM_ANGLES,
    TILT_SERIES_PIXEL,
    TOMOGRAM,
    VISIBLE_FRAMES,
)
from evenview.formats.texts import shown

_Text = TypeVar("_Text", Names, Images)


def record(particles: Particles, progress: Progress) -> Record:
    """What a file says of its particles, in one frame and one unit.

    Subtomograms: A is that of the box times that of the particle in it, and shifts are turned from
    the box's frame into the tomogram's by the rotation of the box. An image that is a file of its
    own has the place 0. Before RELION 4, `rlnMicrographName` of a subtomogram is its tomogram.
    """
    return _Reading(RelionFile(particles), progress).record()


class _Reading:
    """Reads columns and remembers which ones, and what was not certain."""

    def __init__(self, file: RelionFile, progress: Progress) -> None:
        self.file = file
        self.progress = progress
        self.taken = {*ANGLES, *file.present(SUBTOMOGRAM_ANGLES)}
        self.optics_taken = {GROUP, GROUP_NAME, DIMENSIONALITY}
        self.notes: list[Note] = []
        present = file.present([CLASS, HALF, IMAGE_SIZE, *PARTICLE_CTF.values()])
        present += file.present([*OPTICS_CTF.values(), TILT_SERIES_PIXEL, MICROGRAPH_PIXEL])
        progress(0.0, "Reading columns")
        self.columns = file.table.floats(present)

    def record(self) -> Record:
        file = self.file
        origins = self._origins()
        tomograms, micrographs = self._places()
        self.progress(0.6, "Reading columns")
        images = self._text(IMAGE, file.table.images)
        pixel_size, box = self._pixel_size(), self._box()
        halves, classes = self._halves(), self._whole(CLASS)
        coordinates, ctf, groups = self._coordinates(), self._ctf(), self._groups()
        self._note_bodies()
        self._note_stacks()
        return Record(
            quaternions=file.particles.quaternions,
            origins=origins,
            subtomograms=file.subtomograms,
            stacks_2d=file.stacks_2d,
            pixel_size=pixel_size,
            box=box,
            halves=halves,
            classes=classes,
            images=images,
            micrographs=micrographs,
            tomograms=tomograms,
            coordinates=coordinates,
            ctf=ctf,
            groups=groups,
            taken=frozenset(self.taken),
            left=(*self._left_of_groups(), *self._left_of_others()),
            notes=tuple(self.notes),
        )

    def _origins(self) -> Floats | None:
        """Å, in the frame of the image or of the tomogram.

        Stray ones (`RelionFile.stray_shift_labels`) are not taken. Raises `UserError` where there
        are no others and one is not 0.
        """
        file = self.file
        labels = file.shift_labels
        if not labels:
            self._refuse_stray()
            return None
        if labels[0] not in PIXEL_ORIGINS:
            origins = file.shifts(ANGST_ORIGINS)
        elif file.pixel_size is None:
            self.notes.append(_NO_PIXEL)
            return None
        else:
            origins = file.shifts(PIXEL_ORIGINS) * file.pixel_size[:, None]
        self.taken.update(labels)
        return self._out_of_boxes(origins)

    def _refuse_stray(self) -> None:
        stray = self.file.stray_shift_labels
        values = self.file.table.floats(stray) if stray else {}
        if any(np.nan_to_num(shifts).any() for shifts in values.values()):
            raise UserError(
                f"the shifts are in pixels ({stray[0]}) in a file with optics groups, and RELION "
                "takes them as 0",
                where=str(self.file.table.path),
                hint="Run 'evenview check FILE --fix OUT' first, which puts them in Å.",
            )

    def _out_of_boxes(self, origins: Floats) -> Floats:
        if not self.file.has(*SUBTOMOGRAM_ANGLES):
            return origins
        boxes = self.file.table.floats(SUBTOMOGRAM_ANGLES)
        turns = convention.relion_to_quaternions(*(boxes[name] for name in SUBTOMOGRAM_ANGLES))
        turned: Floats = np.einsum("nij,nj->ni", rotation.to_matrix(turns), origins)
        return turned

    def _pixel_size(self) -> Floats | None:
        sizes = self.file.pixel_size
        if sizes is not None:
            self._take(self.file.pixel_size_labels)
        return sizes

    def _take(self, labels: Sequence[str]) -> None:
        for label in labels:
            if self.file.optics_has(label):
                self.optics_taken.add(label)
            else:
                self.taken.add(label)

    def _number(self, label: str) -> Floats | None:
        """A number of each particle: of its optics group, or else of its row."""
        if self.file.optics is not None and self.file.optics_has(label):
            self.optics_taken.add(label)
            return self.file.optics.numbers(label)
        if label not in self.columns:
            return None
        self.taken.add(label)
        return self.columns[label]

    def _whole(self, label: str) -> Whole | None:
        values = self._number(label)
        return None if values is None else truncated(values)

    def _box(self) -> Whole | None:
        box = self._whole(IMAGE_SIZE)
        if box is not None and box.any():
            return box
        known = self.file.particles.box
        return None if known is None else np.full(len(self.file.particles), known)

    def _halves(self) -> NDArray[np.int8] | None:
        subsets = self.columns.get(HALF)
        if subsets is None:
            return None
        others = int(np.count_nonzero(~np.isin(subsets, (0, 1, 2))))
        if others:
            self.notes.append(
                Note(
                    f"{HALF} is neither 1 nor 2 in {counted(others, 'row')}",
                    "These are in no half-set, here and in a file that is made.",
                )
            )
        else:
            self.taken.add(HALF)
        return halves_said(subsets)

    def _text(self, label: str, read: Callable[[str], _Text]) -> _Text | None:
        if not self.file.has(label):
            return None
        self.taken.add(label)
        return read(label)

    def _places(self) -> tuple[Names | None, Names | None]:
        """The names of tomograms and of micrographs."""
        tomograms = self._text(TOMOGRAM, self.file.table.names)
        micrographs = self._text(MICROGRAPH, self.file.table.names)
        if self.file.subtomograms and tomograms is None:
            return micrographs, None
        return tomograms, micrographs

    def _coordinates(self) -> Coordinates | None:
        file = self.file
        if file.has(*CENTRED_COORDINATES):
            self.taken.update(CENTRED_COORDINATES)
            values = file.table.floats(CENTRED_COORDINATES)
            size = self._number(TILT_SERIES_PIXEL)
            return Coordinates(np.column_stack(list(values.values())), "centred", size)
        if not file.has(*COORDINATES[:2]):
            return None
        labels = file.present(COORDINATES)
        self.taken.update(labels)
        values = file.table.floats(labels)
        size = self._number(TILT_SERIES_PIXEL) if file.subtomograms else None
        size = self._number(MICROGRAPH_PIXEL) if size is None else size
        return Coordinates(np.column_stack([values[x] for x in labels]), pixel_size=size)

    def _ctf(self) -> Ctf:
        labels = PARTICLE_CTF | OPTICS_CTF
        return Ctf(**{name: self._number(label) for name, label in labels.items()})

    def _groups(self) -> Names | None:
        optics = self.file.optics
        if optics is None:
            return None
        if self.file.has(GROUP):
            self.taken.add(GROUP)
        names, made_up = optics.names()
        if made_up:
            self.notes.append(
                Note(
                    "Optics groups of the same name or of none are kept apart by their numbers: "
                    + ", ".join(map(shown, made_up)),
                    "They may differ in what is left behind.",
                )
            )
        return names

    def _note_bodies(self) -> None:
        bodies = ", ".join(f"data_{name}" for name in self.file.bodies())
        if bodies:
            self.notes.append(
                Note(
                    f"The tables of bodies are not taken along: {bodies}",
                    "Their angles are relative to those of the whole particle.",
                )
            )

    def _note_stacks(self) -> None:
        if self.file.stacks_2d:
            self.notes.append(_STACKS)

    def _left_of_groups(self) -> list[str]:
        if self.file.optics is None:
            return []
        table = self.file.optics.table
        return [f"data_{table.block}: {x}" for x in table.labels if x not in self.optics_taken]

    def _left_of_others(self) -> list[str]:
        """What other tables say: columns of data_general, and the names of those not known here."""
        general = self.file.general
        labels = () if general is None else general.labels
        known = {"optics", GENERAL, *self.file.bodies()}
        others = (table.block for table in self.file.table.others if table.block not in known)
        return [
            *(f"data_{GENERAL}: {label}" for label in labels if label != STACKS_2D),
            *(f"data_{block}" for block in others),
        ]


_STACKS = Note(
    "The images of the subtomograms are stacks of 2-D tilt images, not volumes",
    f"Only RELION 5 reads such stacks. {VISIBLE_FRAMES}, which says their tilts, is left behind.",
)
_NO_PIXEL = Note(
    "The shifts are not taken: they are in pixels, and no pixel size is known",
    "Give it with --pixel-size.",
)
