"""What columns say of particles beyond their poses, in the frame and units of a `core.record`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles, Table
from evenview.core.record import Coordinates, Names, Record, same_everywhere
from evenview.core.words import counted
from evenview.formats.star import columns
from evenview.formats.star.outline import StarTable
from evenview.formats.star.table import StarParticles
from evenview.formats.text.table import TextTable

Floats = NDArray[np.float64]

#: Gives a column of texts (N,), None where there is none of that name.
ReadNames: TypeAlias = Callable[[str], Names | None]

#: What a reconstruction corrects in images besides their CTF: words, and the columns that say it.
OPTICAL = {
    "beam tilt": (
        *("rlnBeamTiltX", "rlnBeamTiltY", "ctf/tilt_A"),
        *("cisTEMBeamTiltX", "cisTEMBeamTiltY"),
    ),
    "image shift": ("ctf/shift_A", "cisTEMImageShiftX", "cisTEMImageShiftY"),
    "trefoil": ("ctf/trefoil_A",),
    "tetrafoil": ("ctf/tetra_A",),
    "aberrations of odd order": ("rlnOddZernike",),
    "aberrations of even order": ("rlnEvenZernike",),
    "uneven magnification": ("rlnMagMat01", "rlnMagMat10", "ctf/anisomag"),
}
#: What turns round with an image that is mirrored, besides its pose, shift and astigmatism: beam
#: tilt and other aberrations, uneven magnification, and where the image was cut out.
BOUND_TO_IMAGES = frozenset(
    (
        *(label for labels in OPTICAL.values() for label in labels),
        *("rlnCoordinateX", "rlnCoordinateY"),
        *("location/center_x_frac", "location/center_y_frac"),
        *("cisTEMOriginalXPosition", "cisTEMOriginalYPosition", "xcoor", "ycoor"),
    )
)
_NOT_ZERO = re.compile("[1-9]")

#: The field that notes on coordinates are about, and that of those which an option overrides.
COORDINATES, ASSUMED = "coordinates", "coordinates.pixel_size"


def read_together(table: Table, labels: Sequence[str]) -> Mapping[str, Floats]:
    """Columns of numbers (N,) by their names, read from a text in one pass.

    Raises `UserError` where there is no such column, and for a word in one of a star file.
    """
    if isinstance(table, StarParticles | TextTable):
        return table.floats(labels)
    return {label: table.numeric(label) for label in labels}


class Reader:
    """Columns of a table, read at once; `taken` has those that were there when asked for."""

    def __init__(self, table: Table, read_names: ReadNames, labels: Iterable[str]) -> None:
        self.table = table
        self.taken: set[str] = set()
        self._read_names = read_names
        there = set(table.numeric_columns)
        wanted = [label for label in dict.fromkeys(labels) if label in there]
        self._columns = read_together(table, wanted)

    def numbers(self, label: str) -> Floats | None:
        """A column of numbers (N,); None where there is none."""
        if label not in self._columns:
            return None
        self.taken.add(label)
        return self._columns[label]

    def together(self, labels: Sequence[str]) -> Floats | None:
        """Columns of numbers side by side, (N, k); None unless all are there."""
        if not self._columns.keys() >= set(labels):
            return None
        self.taken |= set(labels)
        return np.column_stack([self._columns[label] for label in labels])

    def names(self, label: str) -> Names | None:
        """A column of texts (N,); None where there is none, or nothing in it."""
        found = self._read_names(label)
        if found is None or (found.codes < 0).all():
            return None
        self.taken.add(label)
        return found


def star_of(table: Table) -> StarTable:
    """The table of a star file that some particles were read from."""
    assert isinstance(table, StarParticles)
    return table.star


def names_in(table: Table) -> ReadNames:
    """What reads a column of texts of a star file, (N,); None where there is none of a name."""

    def read(label: str) -> Names | None:
        star = star_of(table)
        return columns.names(star, label) if star.has(label) else None

    return read


def halves_said(subsets: Floats) -> NDArray[np.int8] | None:
    """Half codes (N,) of the numbers 1 and 2, 0 for any other; None where none is either."""
    halves = np.where(np.isin(subsets, (1, 2)), subsets, 0).astype(np.int8)
    return halves if halves.any() else None


def measured(angstroms: Floats, sizes: Floats | None) -> Coordinates:
    """Coordinates (N, k) given in Å: in pixels of `sizes` (N,), or of 1 Å where one is unknown."""
    unit = np.ones(len(angstroms)) if sizes is None else np.where(np.isfinite(sizes), sizes, 1.0)
    return Coordinates(angstroms / unit[:, None], "pixel", unit)


def measured_notes(angstroms: Floats, sizes: Floats | None) -> tuple[Note, ...]:
    """What to know of coordinates (N, k) given in Å that `measured` counts in pixels."""
    if not np.nan_to_num(angstroms).any():
        return ()
    if sizes is None:
        where = "of 1 Å, as no pixel size is known"
    else:
        where = f"of the images{_of_size(sizes)}"
    note = Note(
        f"Positions in Å are given in pixels {where}",
        "The micrograph or tomogram itself may have other pixels.",
        COORDINATES,
    )
    return (note, *outside_notes(angstroms))


def as_counted_notes(coordinates: Coordinates) -> tuple[Note, ...]:
    """What to know of coordinates that are taken to be in pixels of the images; 0 says nothing."""
    sizes = coordinates.pixel_size
    if not np.nan_to_num(coordinates.values).any():
        return ()
    if sizes is None:
        unit = Note("The size of the pixels that coordinates are in is not known", about=ASSUMED)
    else:
        unit = Note(
            f"Coordinates are taken to be in pixels of the images{_of_size(sizes)}",
            "If the tomogram was binned otherwise, they are off by that factor. The command line "
            "takes their own with --coordinate-pixel-size.",
            ASSUMED,
        )
    base = Note(
        "Coordinates count from 0 or 1, as their program does",
        "Nothing is added for that.",
        COORDINATES,
    )
    return (unit, base, *outside_notes(coordinates.values))


def outside_notes(values: Floats) -> tuple[Note, ...]:
    """A note where coordinates (N, k) are negative."""
    outside = int(np.count_nonzero((values < 0).any(axis=1)))
    if not outside:
        return ()
    lie = counted(outside, "position lies", "positions lie")
    said = f"{lie} outside: negative coordinates are counted from another origin"
    return (Note(said, about=COORDINATES),)


def _of_size(sizes: Floats) -> str:
    size = same_everywhere(sizes)
    return "" if size is None else f" ({size:.6g} Å)"


def without_gaps(values: Floats, instead: float, what: str) -> tuple[Floats, tuple[str, ...]]:
    """Values (N,) or (N, k) with `instead` for those that are not finite, and words of these."""
    unknown = ~np.isfinite(values)
    rows = int(np.count_nonzero(unknown.reshape(len(values), -1).any(axis=1)))
    if not rows:
        return values, ()
    told = f"{what}: {instead:g} for {counted(rows, 'particle')} without any"
    return np.where(unknown, instead, values), (told,)


def unposed_words(record: Record, columns: Sequence[str]) -> tuple[str, ...]:
    """Words for angles that are written as nan."""
    missing = int(np.count_nonzero(~record.placed))
    if not missing:
        return ()
    return (f"{', '.join(columns)}: nan for {counted(missing, 'particle')} without a pose",)


def of_placed(particles: Particles, changes: Mapping[str, Floats]) -> dict[str, Floats]:
    """Changes (N,) with NaN, which leaves a cell as it is, in all rows without a pose."""
    placed = particles.placed
    return {name: np.where(placed, values, np.nan) for name, values in changes.items()}


def not_mirrored(
    particles: Particles, labels: Collection[str] = BOUND_TO_IMAGES
) -> tuple[Note, ...]:
    """A note of the columns `labels` that a mirror of the images would change and does not.

    Those that are 0 in all rows are no matter.
    """
    found = [label for label in sorted(labels) if _says_something(particles.table, label)]
    if not found:
        return ()
    note = Note(
        f"The images are mirrored, and these columns stay as they are: {', '.join(found)}",
        "Beam tilt, aberrations of odd order and uneven magnification turn round with an image; "
        "coordinates do if its micrograph is mirrored as well.",
    )
    return (note,)


def optical_left(particles: Particles, left: Iterable[str]) -> tuple[str, ...]:
    """Warnings of the columns `left` behind that say how images are to be corrected, and are not 0.

    `left` names a column of another table with that table before it ("data_optics: rlnBeamTiltX").
    """
    labels = {column.rpartition(": ")[2] for column in left}
    found = {
        words: [x for x in some if x in labels and _says_something(particles.table, x)]
        for words, some in OPTICAL.items()
    }
    return tuple(
        f"{words.capitalize()} ({', '.join(some)}) is not 0 and does not go along: set it again in "
        "the new program."
        for words, some in found.items()
        if some
    )


def _says_something(table: Table, label: str) -> bool:
    """Whether a column, or the column of another table of a star file, is not 0 throughout."""
    for name in table.numeric_columns:
        if name.partition("[")[0] == label and np.nan_to_num(table.numeric(name)).any():
            return True
    if not isinstance(table, StarParticles):
        return False
    tables = [star for star in (table.star, *table.others) if star.rows is not None]
    words = (columns.names(star, label).words for star in tables if star.has(label))
    return any(_NOT_ZERO.search(word) for some in words for word in some)


def require_corner(coordinates: Coordinates, counting: str) -> None:
    """Raise `UserError` for coordinates about the centre, where "`counting` from its corner"."""
    if coordinates.unit == "centred":
        raise UserError(
            f"the coordinates are about the centre of each tomogram, and {counting} from its "
            "corner, which nothing tells",
            hint="Export the particles from RELION with coordinates in pixels.",
        )


def in_angstroms(coordinates: Coordinates) -> Floats | None:
    """Coordinates (N, k) in Å from the corner; None where that is not known."""
    sizes = coordinates.pixel_size
    if coordinates.unit != "pixel" or sizes is None or not np.isfinite(sizes).all():
        return None
    return coordinates.values * sizes[:, None]


def require_images(record: Record, program: str) -> None:
    """Raise `UserError` for a record of subtomograms, which `program` has no poses for."""
    if record.subtomograms:
        raise UserError(
            f"the particles are subtomograms, and {program} has poses of 2-D images only",
            hint="Convert them to a format of subtomograms.",
        )


def require_shifts(motion: Motion, there: bool, where: str, named: str) -> None:
    """Raise `UserError` where a motion shifts and the file has no columns for it."""
    if motion.shifts and not there:
        raise UserError(
            f"the map is moved, and the file has no shifts ({named}) that could follow it",
            where=where,
            hint="Turn the map about its centre only, or convert the file to one with shifts.",
        )


def require_kept_hand(motion: Motion, where: str) -> None:
    """Raise `UserError` where subtomograms would be mirrored: their data would be others."""
    if motion.mirrors or motion.flip:
        raise UserError(
            "subtomograms cannot be mirrored by their poses: their volumes would be others",
            where=where,
            hint="Mirror the tomograms and pick again.",
        )
