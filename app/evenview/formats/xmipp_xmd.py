"""Xmipp's metadata files: images with their angles, shifts and whatever a program adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.formats.base import Precision, WeightColumn
from evenview.formats.output import atomic_writer
from evenview.formats.pixels import single_size
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import Dialect, Other, numbers_of
from evenview.formats.star.rows import Floats
from evenview.formats.star.table import StarParticles
from evenview.formats.star.writing import write_loop_rows
from evenview.formats.xmipp import described
from evenview.formats.xmipp.creating import QUOTE, fill, head
from evenview.formats.xmipp.described import flipped
from evenview.formats.xmipp.labels import ANGLES, ENABLED, FLIP, PIXELS, WEIGHT

_ALIGN = "Align them in 3-D first, and open what that wrote."
_DIALECT = Dialect(
    program="Xmipp",
    mark=re.compile(
        rb"^#[ \t]*XMIPP_STAR|^[ \t]*_(angle(Rot|Tilt|Psi)|shift[XYZ]|itemId|enabled)\b",
        re.MULTILINE,
    ),
    angles=ANGLES,
    others=(FLIP, ENABLED, *PIXELS),
    instead=(
        Other("classCount", "these are classes, not particles", "Open the images of a class."),
        Other("micrograph", "these are micrographs or picked images without angles", _ALIGN),
        Other("image", "these are images without the angles of a 3-D alignment", _ALIGN),
        Other("xcoor", "these are picked coordinates, which have no angles", _ALIGN),
    ),
)


@dataclass(frozen=True)
class XmippXmd:
    """One table of Xmipp's labels (``xmippCore/core/metadata_label.h``)."""

    name: str = "xmipp-xmd"
    title: str = "Xmipp metadata"
    suffixes: tuple[str, ...] = (".xmd",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is a "data_" line, and Xmipp's first line or a label only it has."""
        return _DIALECT.sniff(head)

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the images of one file; see `Format.read` for what is raised."""
        table = _DIALECT.read(path, progress)
        assert table.rows is not None
        angles = _DIALECT.table_angles(table)
        rot, tilt, psi = angles.columns
        mirrored = flipped(numbers_of(table, FLIP) if table.has(FLIP) else None, len(table))
        size, size_notes = _pixel_size(table)
        notes = angles.checked() + _flip_notes(mirrored) + _enabled_notes(table) + size_notes
        return Particles(
            table=StarParticles(table, table.rows, self.title),
            quaternions=convention.xmipp_to_quaternions(rot, tilt, psi, mirrored),
            pixel_size=size,
            notes=tuple(notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """Angles in degrees, shifts in pixels."""
        return described.units(particles.table)

    def record(self, particles: Particles, progress: Progress = silent) -> Record:  # noqa: ARG002
        """All that the columns say of images as they stand; see `Described.record`."""
        return described.record(particles)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, Floats]:
        """Angles, shifts where they change, and the angle of the defocus of mirrored images."""
        return described.changes(particles, motion)

    def weight_column(self, particles: Particles) -> WeightColumn:  # noqa: ARG002
        """Xmipp's own column of weights; see `Weighted.weight_column`."""
        return WeightColumn(WEIGHT, 1.0, "xmipp_reconstruct_fourier --weight")

    @property
    def precision(self) -> Precision:
        """Six decimals, as Xmipp writes them."""
        return Precision(2e-6, 1e-6, "pixels", "6 decimals")

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write one table of images, none of them mirrored.

        Xmipp has no half-sets in a row. An image without a pose is disabled (-1). Raises
        `UserError` where shifts have no pixel size, and for a text that no such file can hold.
        """
        made = fill(record)
        with atomic_writer(path) as file:
            file.write(head(made.columns).encode())
            write_loop_rows(file, list(made.columns.values()), progress, QUOTE)
        progress(1.0, "Written")
        return Created((path,), tuple(made.dropped), tuple(made.filled))


FORMAT = XmippXmd()


def _flip_notes(marks: NDArray[np.bool_]) -> list[Note]:
    mirrored = int(np.count_nonzero(marks))
    if not mirrored:
        return []
    are = "image is" if mirrored == 1 else "images are"
    return [
        Note(
            f"{mirrored:,} {are} mirrored (flip is 1)",
            "Their views are those of the image as it stands: (rot, tilt + 180°, -psi).",
        )
    ]


def _enabled_notes(table: StarTable) -> list[Note]:
    if not table.has(ENABLED):
        return []
    disabled = int(np.count_nonzero(numbers_of(table, ENABLED) < 0))
    if not disabled:
        return []
    are = "image is" if disabled == 1 else "images are"
    return [
        Note(
            f"{disabled:,} {are} disabled (enabled is -1)",
            "Xmipp leaves them out; here they are drawn and thinned like all others.",
        )
    ]


def _pixel_size(table: StarTable) -> tuple[float | None, list[Note]]:
    sizes: list[Floats] = [numbers_of(table, label) for label in PIXELS if table.has(label)]
    return single_size(sizes[0]) if sizes else (None, [])
