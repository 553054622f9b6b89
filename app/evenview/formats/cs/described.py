"""What a cryoSPARC table says of its particles besides their poses, and in which units.

The meaning of the fields: cryosparc-tools and pyem (``pyem/metadata/cryosparc2.py``), whose
``csparc2star`` writes the same numbers except that it takes shifts to be in pixels of the images.
Here they are in pixels of ``psize_A`` of their own group of fields, which differs where particles
were aligned in a smaller box. That is inferred from the fields; cryoSPARC's source is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Coordinates, Ctf, Images, Names, Record
from evenview.formats.cs.base import UID
from evenview.formats.cs.classes import ClassPoses, class_poses
from evenview.formats.cs.fields import POSE, SPLIT, pose_groups
from evenview.formats.cs.pixels import (
    IMAGE_PIXEL,
    IMAGE_SHAPE,
    shift_sizes,
    shortened,
    sizes,
    unknown_size,
)
from evenview.formats.cs.table import CsTable
from evenview.formats.numbering import truncated

Floats = NDArray[np.float64]
Numbers = NDArray[Any]

ONE_CLASS = "alignments3D"
IMAGE_INDEX, IMAGE_PATH = "blob/idx", "blob/path"
MICROGRAPH, MICROGRAPH_SHAPE = "location/micrograph_path", "location/micrograph_shape"
MICROGRAPH_PIXEL = "location/micrograph_psize_A"
CENTRE = ("location/center_x_frac", "location/center_y_frac")
GROUP = "ctf/exp_group_id"
DEFOCUS_ANGLE = "ctf/df_angle_rad"
#: The fields of a `Ctf` that are in its units; angles are in radians here.
CTF = {
    "defocus_u": "ctf/df1_A",
    "defocus_v": "ctf/df2_A",
    "voltage": "ctf/accel_kv",
    "spherical_aberration": "ctf/cs_mm",
    "amplitude_contrast": "ctf/amp_contrast",
}
CTF_ANGLES = {"angle": DEFOCUS_ANGLE, "phase_shift": "ctf/phase_shift_rad"}
#: Of these a file has a few values, in 32 bits: they are said as short as these mean them.
_FEW = {"voltage", "spherical_aberration", "amplitude_contrast"}
#: What an optics group is called: this and ``ctf/exp_group_id``.
GROUP_WORD = "exp_group_"
_LOCAL = ("alignments3D/object_pose", "alignments3D/local_pose")

_NUMBERS = (
    IMAGE_PIXEL, IMAGE_INDEX, IMAGE_SHAPE, MICROGRAPH_SHAPE, MICROGRAPH_PIXEL, *CENTRE, GROUP,
    *CTF.values(), *CTF_ANGLES.values(),
)  # fmt: skip


def table_of(particles: Particles) -> CsTable:
    """The cryoSPARC table of particles that were read from one."""
    if not isinstance(particles.table, CsTable):
        raise TypeError(f"{type(particles.table).__name__} is no cryoSPARC table")
    return particles.table


@dataclass(frozen=True, eq=False)
class _Alignment:
    """Shift, pixel size and class of the pose that counts: (N, 2), (N,), (N,); None if not said.

    `fields` are those of the shift that a record says in full once it says shifts.
    """

    shift: Numbers | None
    pixel: Numbers | None
    number: Numbers | None
    taken: frozenset[str]
    fields: frozenset[str] = frozenset()


def record(particles: Particles, progress: Progress = silent) -> Record:
    """Everything a table says that another format may say too; see `Described.record`.

    Raises `UserError` where there are shifts and neither the table nor `particles` says how large
    the pixels are that they are in.
    """
    table = table_of(particles)
    columns = _Columns(table, table.numbers(_NUMBERS, progress))
    classes = class_poses(table, particles.reading.chosen_class, progress)
    alignment = _alignment(table, classes, progress)
    pixel_size, pixel_notes = _pixel_size(columns, alignment, particles)
    origins, origin_notes = _origins(alignment, columns, particles)
    coordinates, place_notes = _coordinates(columns)
    halves = particles.halves
    images, micrographs = _images(columns), columns.names(MICROGRAPH)
    ctf, groups, box = _ctf(columns), _groups(columns), _box(columns)
    taken = columns.taken | alignment.taken | {UID}
    if halves is not None and table.has(SPLIT) and classes is None:
        taken |= {SPLIT}
    progress(1.0, "Read")
    return Record(
        quaternions=particles.quaternions,
        origins=origins,
        pixel_size=pixel_size,
        box=box,
        halves=halves,
        classes=None if alignment.number is None else _whole(alignment.number + 1.0),
        images=images,
        micrographs=micrographs,
        coordinates=coordinates,
        ctf=ctf,
        groups=groups,
        uids=table.dataset.uids(),
        taken=frozenset(taken),
        notes=(
            *(classes.notes if classes else ()),
            *origin_notes,
            *pixel_notes,
            *place_notes,
            *motion_notes(particles),
        ),
    )


class _Columns:
    """Columns of numbers and texts, and which of them a record says in full."""

    def __init__(self, table: CsTable, numbers: dict[str, Numbers]) -> None:
        self.table = table
        self.taken: set[str] = set()
        self._numbers = numbers

    def look(self, name: str, *shape: int) -> Numbers | None:
        """A field (N, *shape) that is not all said; None without it."""
        values = self._numbers.get(name)
        return values if values is None else of_shape(self.table, name, values, *shape)

    def take(self, name: str, *shape: int) -> Numbers | None:
        """A field (N, *shape); None without it."""
        values = self.look(name, *shape)
        self.taken |= set() if values is None else {name}
        return values

    def names(self, name: str) -> Names | None:
        found = self.table.names(name)
        self.taken |= set() if found is None else {name}
        return found


def of_shape(table: CsTable, name: str, values: Numbers, *shape: int) -> Numbers:
    """The values (N, *shape) of a field; `MalformedFileError` where they have another shape."""
    if values.shape[1:] != shape:
        raise MalformedFileError(
            f"{name} has cells of shape {values.shape[1:]}, where cryoSPARC has {shape}",
            where=str(table.path),
            hint="Export the particles from cryoSPARC again.",
        )
    return values


def _alignment(table: CsTable, classes: ClassPoses | None, progress: Progress) -> _Alignment:
    if classes is not None:
        shift = classes.column("shift", progress)
        if shift is not None:
            of_shape(table, f"{classes.fields.title}/shift", shift, 2)
        numbers = classes.numbers(progress)
        # Each field holds the values of all classes, so that none is said in full.
        return _Alignment(shift, _sound(classes.column("psize_A", progress)), numbers, frozenset())
    names = {leaf: f"{ONE_CLASS}/{leaf}" for leaf in ("shift", "psize_A", "class")}
    columns = _Columns(table, table.numbers(tuple(names.values()), progress))
    shift, number = columns.look(names["shift"], 2), columns.take(names["class"])
    pixel = _sound(columns.look(names["psize_A"]))
    fields = {names["shift"]} | (set() if pixel is None else {names["psize_A"]})
    return _Alignment(shift, pixel, number, frozenset(columns.taken | {POSE}), frozenset(fields))


def _sound(pixel: Numbers | None) -> Numbers | None:
    """Pixel sizes (N,), None where not one of them can be."""
    return pixel if pixel is not None and (pixel > 0).any() else None


def _origins(
    alignment: _Alignment, columns: _Columns, particles: Particles
) -> tuple[Floats | None, tuple[Note, ...]]:
    """Å (N, 2), NaN where a particle has no shift; None where no pixel has a size and all are 0."""
    if alignment.shift is None:
        return None, ()
    image, n = columns.look(IMAGE_PIXEL), len(particles)
    pixel = shift_sizes((alignment.pixel, image), particles.pixel_size, n)[:, None]
    moved = particles.placed & (np.nan_to_num(alignment.shift) != 0).any(axis=1)
    missing = int(np.count_nonzero(moved & np.isnan(pixel[:, 0])))
    if missing:
        where = str(columns.table.path)
        raise unknown_size("the shifts are needed in Å", missing, pixel, where)
    if np.isnan(pixel).all():
        return None, ()
    columns.taken |= alignment.fields
    with np.errstate(invalid="ignore"):  # a damaged file may have an infinite shift
        origins = np.where(alignment.shift == 0, 0.0, alignment.shift * pixel)
    return origins, () if alignment.pixel is not None else (_shift_note(image is not None),)


def _shift_note(of_images: bool) -> Note:
    unit = f"pixels of {IMAGE_PIXEL}" if of_images else "pixels of the images"
    return Note(
        "The pixel size of the alignment is not said.", f"Shifts are taken to be in {unit}."
    )


def _pixel_size(
    columns: _Columns, alignment: _Alignment, particles: Particles
) -> tuple[Floats | None, tuple[Note, ...]]:
    own = columns.take(IMAGE_PIXEL)
    if own is not None:
        return sizes(own), ()
    if alignment.pixel is not None:
        return sizes(alignment.pixel), (
            Note(
                "The pixel size of the images is not said.",
                "That of the alignment stands for it.",
            ),
        )
    known = particles.pixel_size
    return None if known is None else np.full(len(particles), known), ()


def _box(columns: _Columns) -> NDArray[np.int64] | None:
    shape = columns.look(IMAGE_SHAPE, 2)
    if shape is None or not np.array_equal(shape[:, 0], shape[:, 1], equal_nan=True):
        return None
    columns.take(IMAGE_SHAPE, 2)
    return _whole(shape[:, 0])


def _images(columns: _Columns) -> Images | None:
    index, stacks = columns.take(IMAGE_INDEX), columns.names(IMAGE_PATH)
    if index is None and stacks is None:
        return None
    places = np.zeros(len(columns.table), np.int64) if index is None else _whole(index + 1.0)
    return Images(places, stacks)


def _groups(columns: _Columns) -> Names | None:
    numbers = columns.take(GROUP)
    if numbers is None:
        return None
    found, codes = np.unique(numbers, return_inverse=True)
    words = [f"{GROUP_WORD}{number:.0f}" for number in found.tolist() if np.isfinite(number)]
    return Names(tuple(words), np.where(np.isfinite(numbers), codes, -1))


def _ctf(columns: _Columns) -> Ctf:
    found: dict[str, Floats] = {}
    for name, field in CTF.items():
        if (values := columns.take(field)) is not None:
            found[name] = shortened(values) if name in _FEW else values.astype(np.float64)
    for name, field in CTF_ANGLES.items():
        if (values := columns.take(field)) is not None:
            found[name] = np.degrees(values.astype(np.float64))
    return Ctf(**found)


def _coordinates(columns: _Columns) -> tuple[Coordinates | None, tuple[Note, ...]]:
    """Pixels from the corner, with y from the other side of the micrograph than cryoSPARC's."""
    centre = [columns.look(name) for name in CENTRE]
    shape = columns.look(MICROGRAPH_SHAPE, 2)
    if centre[0] is None or centre[1] is None:
        return None, ()
    if shape is None:
        return None, (
            Note(
                "Coordinates are left out.",
                f"They are fractions of a micrograph whose size ({MICROGRAPH_SHAPE}) is not said.",
            ),
        )
    columns.taken |= set(CENTRE)
    height, width = shape.T.astype(np.float64)
    values = np.column_stack([centre[0] * width, (1.0 - centre[1]) * height])
    values[(np.minimum(height, width) <= 0) | ~np.isfinite(values).all(axis=1)] = np.nan
    pixel = columns.take(MICROGRAPH_PIXEL)
    note = Note(
        "The y coordinates are counted from the other edge of the micrograph than cryoSPARC's.",
        "That is how RELION counts them in the same micrograph file, and what csparc2star does. "
        "RELION and MotionCor2 write micrographs the other way up: in theirs these do not fit.",
        "coordinates",
    )
    return Coordinates(values, "pixel", None if pixel is None else sizes(pixel)), (note,)


def _whole(numbers: Numbers) -> NDArray[np.int64]:
    """Counting numbers (N,), 0 for what is none."""
    return truncated(np.where(numbers > 0, numbers, 0))


def motion_notes(particles: Particles) -> Iterator[Note]:
    """What a table says besides and keeps when the map moves; see `Noted.motion_notes`."""
    table = table_of(particles)
    names = {name for dataset in table.datasets for name in dataset.names}
    if names.intersection(_LOCAL):
        yield Note(
            "The particles come from a local refinement (object_pose, local_pose).",
            "What was reconstructed is pose and shift; only these are used, moved and converted.",
        )
    aligned = [f"{group}/{leaf}" for group in pose_groups(names) for leaf in ("pose", "shift")]
    for file, fields in table.differing(aligned).items():
        yield Note(
            f"{file} says other values of {', '.join(fields)}.",
            "They are another alignment: they are not used, and stay when the map is moved.",
        )


def units(particles: Particles) -> dict[str, str]:
    """What was understood in a table, for people; see `Described.units`."""
    table = table_of(particles)
    group, which = _said_group(table, particles)
    local = "; object_pose and local_pose are not used" * any(map(table.has, _LOCAL))
    said = {
        "poses": f"{group}/pose{which}, a rotation vector in radians: A = expm(-[p]x){local}",
    }
    if _has(table, group, "shift"):
        own = _has(table, group, "psize_A")
        image = IMAGE_PIXEL if table.has(IMAGE_PIXEL) else "the images"
        pixel = f"{group}/psize_A" if own else f"{image}, as the alignment does not say its"
        said["shifts"] = (
            f"{group}/shift{which} in pixels of {pixel}: the image moved by +shift is centred; the "
            "unit is inferred from the group of fields, not confirmed by cryoSPARC"
        )
    said |= {
        title: words for title, (fields, words) in _WORDS.items() if all(map(table.has, fields))
    }
    if _has(table, group, "split"):
        said["half-sets"] = f"{group}/split, 0 and 1 for half-sets 1 and 2"
    if which:
        said["classes"] = "the number of the class whose pose counts, from 0; one is added"
    elif _has(table, group, "class"):
        said["classes"] = f"{group}/class, from 0; one is added"
    return said


_WORDS = {
    "pixel size": ((IMAGE_PIXEL,), f"{IMAGE_PIXEL}, Å of the images"),
    "image references": ((IMAGE_INDEX,), f"{IMAGE_INDEX}, from 0 in the stack {IMAGE_PATH}"),
    "coordinates": (
        (*CENTRE, MICROGRAPH_SHAPE),
        f"{CENTRE[0]} and {CENTRE[1]}, fractions of {MICROGRAPH_SHAPE} (y, x); y is counted from "
        "the other edge for RELION",
    ),
    "defocus": (
        (CTF["defocus_u"], CTF["defocus_v"], DEFOCUS_ANGLE),
        f"{CTF['defocus_u']} and {CTF['defocus_v']} in Å, underfocus positive, {DEFOCUS_ANGLE} in "
        "radians",
    ),
    "phase shift": ((CTF_ANGLES["phase_shift"],), f"{CTF_ANGLES['phase_shift']}, radians"),
}


def _said_group(table: CsTable, particles: Particles) -> tuple[str, str]:
    """The group of fields with the poses, and which class of it counts, in words."""
    classes = class_poses(table, particles.reading.chosen_class, silent)
    if classes is None:
        return ONE_CLASS, ""
    chosen = particles.reading.chosen_class
    which = " of the most probable class" if chosen is None else f" of class {chosen}"
    return classes.fields.title, which


def _has(table: CsTable, group: str, leaf: str) -> bool:
    """Whether a group has a field; of one with a set of fields for each class, whether one has."""
    if table.has(f"{group}/{leaf}"):
        return True
    names = {name for dataset in table.datasets for name in dataset.names}
    start = group.removesuffix("*")
    return start != group and any(
        name.startswith(start) and name.endswith(f"/{leaf}") for name in names
    )
