"""New RELION files: optics groups and particles, single or of tomograms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenview.core import convention
from evenview.core.progress import Progress
from evenview.core.record import CTF_FIELDS, FIELDS, Created, Floats, Names, Record, Whole
from evenview.core.words import counted
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
    IMAGE_PIXEL,
    IMAGE_SIZE,
    MICROGRAPH,
    MICROGRAPH_PIXEL,
    OPTICS_CTF,
    PARTICLE_CTF,
    STACKS_2D,
    TILT_SERIES_PIXEL,
    TOMOGRAM,
    VISIBLE_FRAMES,
)
from evenview.formats.star.writing import Block, Column, Fixed, write_blocks
from evenview.formats.texts import shown

_SAID_3 = "# version 30001"
_SAID_5 = "# version 50001"  # with coordinates about the centre


def create(path: Path, record: Record, progress: Progress) -> Created:
    """Write a file as RELION 3.1 does, of subtomograms as RELION 4 or 5 does.

    RELION 5 has coordinates about the centre and stacks of 2-D tilt images.

    Columns that RELION asks for and the record does not say are left out and named in `filled`.
    Raises `UserError` where the pixel size is missing, which every optics group has.
    """
    file = _NewFile(record)
    optics, particles = file.optics(), file.particles()
    blocks = [Block("optics", optics), Block("particles", particles)]
    general = file.general()
    if general:
        blocks.insert(0, Block(GENERAL, general, loop=False))
    write_blocks(path, blocks, _SAID_5 if general else _SAID_3, progress=progress)
    missing = (*_missing_words(optics), *_missing_words(particles))
    return Created((path,), file.dropped(), (*file.filled, *missing))


def _missing_words(columns: dict[str, Column]) -> Iterator[str]:
    """The cells without a number."""
    for label, column in columns.items():
        missing = int(np.count_nonzero(np.isnan(column.values))) if isinstance(column, Fixed) else 0
        if missing:
            yield f"{label} nan in {counted(missing, 'row')} (RELION reads nan as 0)"


class _NewFile:
    """The tables for a record; `filled` lists what was put in or left out on the way."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.filled: list[str] = []
        self.groups = _Groups.of(record)
        coordinates = record.coordinates
        self.centred = (
            record.subtomograms and coordinates is not None and coordinates.unit == "centred"
        )

    def general(self) -> dict[str, Column]:
        """What RELION 5 says of all particles; {} for a file of an older one."""
        stacks = bool(self.record.stacks_2d)
        if not (self.centred or (self.record.subtomograms and stacks)):
            return {}
        if stacks:
            self.filled.append(f"no {VISIBLE_FRAMES} (RELION asks for it with 2-D stacks)")
        elif self.record.stacks_2d is None:
            self.filled.append(f"{STACKS_2D} 0 (not known: 1 where the images are 2-D stacks)")
        return {STACKS_2D: np.array([int(stacks)])}

    def optics(self) -> dict[str, Column]:
        """The columns of the optics groups."""
        groups = self.groups
        columns: dict[str, Column] = {
            GROUP: np.arange(1, len(groups.firsts) + 1),
            GROUP_NAME: self._group_names(),
        }
        columns |= {name: Fixed(column[groups.firsts]) for name, column in groups.numbers.items()}
        box = self.record.box
        if box is not None:
            columns[IMAGE_SIZE] = box[groups.firsts]
            if (box == 0).any():
                self.filled.append(f"{IMAGE_SIZE} 0 where it is not known")
        columns[DIMENSIONALITY] = np.full(len(groups.firsts), self._dimensionality())
        tilt_series = [TILT_SERIES_PIXEL] if self.record.subtomograms else []
        self._say_missing(columns, [*OPTICS_CTF.values(), IMAGE_SIZE, *tilt_series])
        return columns

    def _say_missing(self, columns: dict[str, Column], wanted: Sequence[str]) -> None:
        missing = [label for label in wanted if label not in columns]
        self.filled += [f"no {label} (not known; RELION asks for it)" for label in missing]

    def _dimensionality(self) -> int:
        record = self.record
        dimensionality = 3 if record.subtomograms and not record.stacks_2d else 2
        if record.stacks_2d is None:
            self.filled.append(f"{DIMENSIONALITY} {dimensionality}")
        return dimensionality

    def _group_names(self) -> Names:
        """A name for each group: RELION wants them to differ."""
        given = self.record.groups
        firsts = self.groups.firsts
        texts = [""] * len(firsts) if given is None else given.of_rows(firsts).texts()
        names: list[str] = []
        for k, text in enumerate(texts, 1):
            name = text if text and text not in names else f"{text or 'opticsGroup'}{k}"
            while name in names:
                name += "_"
            if name != text:
                self.filled.append(f"{GROUP_NAME} {shown(name)}")
            names.append(name)
        return Names.of(names)

    def particles(self) -> dict[str, Column]:
        """The columns of the particles."""
        record = self.record
        # Numbers first: a row that begins with a name such as data_1 looks like a new table.
        columns = self._coordinates() | self._poses()
        if record.tomograms is not None and record.subtomograms:
            columns[TOMOGRAM] = record.tomograms
        if record.images is not None and record.images.stacks is not None:
            columns[IMAGE] = record.images
        self._say_missing(columns, [TOMOGRAM, IMAGE] if record.subtomograms else [IMAGE])
        if record.micrographs is not None:
            columns[MICROGRAPH] = record.micrographs
        for name, label in PARTICLE_CTF.items():
            values: Floats | None = getattr(record.ctf, name)
            if values is not None:
                columns[label] = Fixed(values)
        columns[GROUP] = self.groups.rows + 1
        return columns | self._sorted()

    def _coordinates(self) -> dict[str, Column]:
        coordinates = self.record.coordinates
        if coordinates is None or (coordinates.unit == "centred" and not self.centred):
            return {}
        labels = CENTRED_COORDINATES if self.centred else COORDINATES
        columns = coordinates.values.T
        if self.record.subtomograms and not self.centred and coordinates.pixel_size is None:
            self.filled.append(
                f"{COORDINATES[0]} as it is, in pixels of a size that is not known: RELION takes "
                "it in pixels of the tilt series, so multiply it by their binning if they are "
                f"binned, and add {TILT_SERIES_PIXEL}"
            )
        return {label: Fixed(c) for label, c in zip(labels, columns, strict=False)}

    def _poses(self) -> dict[str, Column]:
        record = self.record
        angles = convention.quaternions_to_relion(record.quaternions, convention.POLE)
        columns: dict[str, Column] = {
            name: Fixed(angle) for name, angle in zip(ANGLES, angles.T, strict=True)
        }
        origins = record.origins_of(3 if record.subtomograms else 2)
        if origins is not None:
            columns |= {
                name: Fixed(shift) for name, shift in zip(ANGST_ORIGINS, origins.T, strict=False)
            }
        return columns

    def _sorted(self) -> dict[str, Column]:
        """Classes and half-sets."""
        record = self.record
        columns: dict[str, Column] = {}
        for label, codes in ((CLASS, record.classes), (HALF, record.halves)):
            if codes is None:
                continue
            columns[label] = codes.astype(np.int64)
            none = int(np.count_nonzero(codes == 0))
            if none:
                self.filled.append(f"{label} 0 in {counted(none, 'row')} without one")
        return columns

    def dropped(self) -> tuple[str, ...]:
        """What the record says and is not in the file."""
        record = self.record
        lost = {"uids"} if record.subtomograms else {"uids", "tomograms"}
        if record.images is not None and record.images.stacks is None:
            lost.add("images")
        coordinates = record.coordinates
        if coordinates is not None and coordinates.unit == "centred" and not self.centred:
            lost.add("coordinates")
        return record.not_said_by((FIELDS.keys() | CTF_FIELDS.keys()) - lost)


@dataclass(frozen=True, eq=False)
class _Groups:
    """Optics groups: rows that are alike in all that a group says.

    Attributes
    ----------
    rows
        (N,) the group of each row, from 0 in the order in which they first come.
    firsts
        (groups,) the first row of each.
    numbers
        (N,) columns by their labels.
    """

    rows: Whole
    firsts: Whole
    numbers: dict[str, Floats]

    @classmethod
    def of(cls, record: Record) -> _Groups:
        numbers = {IMAGE_PIXEL: record.require_pixel_size("RELION's optics groups")}
        for name, label in OPTICS_CTF.items():
            values: Floats | None = getattr(record.ctf, name)
            if values is not None:
                numbers[label] = values
        numbers |= _coordinate_pixels(record)
        codes = np.zeros(len(record), dtype=np.int64)
        others = [column for column in (record.box,) if column is not None]
        others += [record.groups.codes] if record.groups is not None else []
        rounded = [np.nan_to_num(np.round(column, 6), nan=-1.0) for column in numbers.values()]
        for column in (*rounded, *others):
            if len(column) and (column != column[0]).any():
                different, places = np.unique(column, return_inverse=True)
                codes = np.unique(codes * len(different) + places, return_inverse=True)[1]
        _, first, places = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return cls(rank[places], first[order], numbers)


def _coordinate_pixels(record: Record) -> dict[str, Floats]:
    """The pixel size of coordinates in pixels, or of the tilt series of centred ones."""
    coordinates = record.coordinates
    if coordinates is None or coordinates.pixel_size is None:
        return {}
    if coordinates.unit == "centred" and not record.subtomograms:
        return {}
    label = TILT_SERIES_PIXEL if record.subtomograms else MICROGRAPH_PIXEL
    return {label: coordinates.pixel_size}
