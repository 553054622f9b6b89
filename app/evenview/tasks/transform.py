"""Rewrite poses and shifts as the map is turned, shifted or mirrored, or the images mirrored.

The steps of the map are done in this order: mirror, turn, shift. Where the images are mirrored as
well, they are after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.motion import Motion, about_centre, mirror, reversal
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.record import Record, same_everywhere
from evenview.core.words import counted, with_minus
from evenview.formats import open_particles
from evenview.formats.base import Changeable, Movable, Noted
from evenview.formats.facts import not_mirrored
from evenview.formats.output import check_targets
from evenview.tasks import turns
from evenview.tasks.described import completed, record_of, require_described
from evenview.tasks.map_box import MapBox, box_of_images, box_of_map
from evenview.tasks.written import read_again

Array = NDArray[np.float64]
About = Literal["voxel", "box"]


@dataclass(frozen=True, eq=False)
class Steps:
    """What happens to the map and the images.

    Attributes
    ----------
    mirror
        "x", "y", "z" (the axis that is turned round) or "inversion".
    mirror_about
        "voxel": about the voxel N // 2; "box": about the middle of the box. None where nobody said.
    turn
        (3, 3), of either determinant: ``r_new = R r_old``.
    shift
        (3,) Å, after the turn.
    frame
        "centre": turn and shift are about the voxel N // 2; "chimerax": about the origin of the
        map's coordinates.
    images, images_about
        The axis along which the images are mirrored, and about what.
    """

    mirror: str | None = None
    mirror_about: About | None = None
    turn: Array | None = None
    shift: Array | None = None
    frame: Literal["centre", "chimerax"] = "centre"
    images: Literal["x", "y"] | None = None
    images_about: About | None = None


@dataclass(frozen=True)
class TransformRequest:
    """What to rewrite, how, and what the file does not say (Å, pixels, a map in their place).

    `source` is a path, or particles that are already open.
    """

    source: Path | Particles
    output: Path
    steps: Steps
    pixel_size: float | None = None
    box: int | None = None
    map_file: Path | None = None
    reading: Reading = AS_IT_IS


@dataclass(frozen=True, eq=False)
class TransformResult:
    """What was written, by which motion, and what changed.

    Attributes
    ----------
    files, replaced
        What was written, and which of them were there before.
    particles, placed
        All rows, and those with a pose, which alone change.
    motion, steps
        The steps as one, and as they were asked for.
    map_box
        Where the map's coordinates are, if the steps are in them.
    changed, kept
        The columns that have new numbers, and how many columns are as they were.
    notes, warnings
        What was assumed in reading and what stays behind, and what programs will stumble on in the
        new file.
    """

    files: tuple[Path, ...]
    replaced: tuple[Path, ...]
    particles: int
    placed: int
    motion: Motion
    steps: Steps
    map_box: MapBox | None
    changed: tuple[str, ...]
    kept: int
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def facts(self) -> list[tuple[str, str]]:
        """What happened in words, a fact a line; an empty name goes on with the one before."""
        return [
            *motion_facts(self.motion, self.steps, self.map_box),
            ("Particles", self._counted()),
            ("Changed", ", ".join(dict.fromkeys(map(_whole, self.changed)))),
            ("As it was", f"all else ({counted(self.kept, 'column')})"),
        ]

    def summary(self) -> str:
        facts = ((name, with_minus(value)) for name, value in self.facts())
        lines = [f"{name + ':' if name else '':<14}{value}" for name, value in facts]
        lines += [f"Note: {note}" for note in self.notes]
        lines += [f"{'Replaced' if f in self.replaced else 'Wrote'} {f}" for f in self.files]
        return "\n".join([*lines, *(f"Warning: {warning}" for warning in self.warnings)])

    def _counted(self) -> str:
        left = self.particles - self.placed
        without = f"; {left:,} without a pose stay as they are" if left else ""
        return f"{self.placed:,} changed{without}"

    def as_json(self) -> dict[str, Any]:
        return {
            "files": [str(file) for file in self.files],
            "replaced": [str(file) for file in self.replaced],
            "particles": self.particles,
            "placed": self.placed,
            "motion": motion_as_json(self.motion),
            "changed": list(self.changed),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def run(request: TransformRequest, progress: Progress = silent) -> TransformResult:
    """Rewrite the poses of a file in its own format, whole or not at all.

    Raises
    ------
    UserError
        Nothing would change, the output is a source, the format cannot be written again with other
        poses, something that the motion needs is not known, or a mirror has two meanings.
    """
    particles = _opened(request, progress)
    form, table = require_movable(particles)
    check_targets(table.targets(request.output), table.sources)
    sampling = Sampling(particles, request, progress)
    motion = motion_of(request.steps, sampling)
    map_box = sampling.of_map() if request.steps.frame == "chimerax" else None
    whole = completed(particles, request.pixel_size, request.box)
    changes = form.changes(whole, motion)
    there = tuple(target for target in table.targets(request.output) if target.exists())
    written = table.write_changed(request.output, changes, progress)
    _, warnings = read_again(request.output, particles.reading, progress)
    return TransformResult(
        files=written,
        replaced=there,
        particles=len(particles),
        placed=particles.n_placed,
        motion=motion,
        steps=request.steps,
        map_box=map_box,
        changed=tuple(changes),
        kept=_kept(particles, changes),
        notes=tuple(map(str, (*_notes(form, particles, motion), *_assumed(request, map_box)))),
        warnings=warnings,
    )


@dataclass(frozen=True)
class Sampling:
    """Box and pixel size of map and images, looked up only where a step needs them."""

    particles: Particles
    request: TransformRequest
    progress: Progress = silent

    def of_map(self) -> MapBox:
        """Those of the map that is given, else of the images, of which it was made."""
        side, pixel_size = self._of_images
        if self.request.map_file is not None:
            box = box_of_map(self.request.map_file, pixel_size)
            box.require_side_of(side, pixel_size)
            return box
        if side is not None and pixel_size is not None:
            return MapBox(side, pixel_size)
        return box_of_images(self.record)

    def voxels(self) -> int | None:
        """The side of the map's box, None where nothing says it."""
        if self.request.map_file is not None:
            return self.of_map().voxels
        return self._of_images[0]

    @cached_property
    def _of_images(self) -> tuple[int | None, float | None]:
        """Pixels and Å that all images have; None where that is not known or not one.

        Of rows that differ only the record tells whether the request agrees with them.
        """
        own = completed(self.particles, self.request.pixel_size, self.request.box)
        side: float | None = own.box
        pixel_size = own.pixel_size
        if own.box != self.particles.box:
            side = _one(self.record.box)
        if own.pixel_size != self.particles.pixel_size:
            pixel_size = _one(self.record.pixel_size)
        return None if side is None else round(side), pixel_size

    @cached_property
    def record(self) -> Record:
        """What the file and the request say."""
        return record_of(self.particles, self.request.pixel_size, self.request.box, self.progress)


def motion_of(steps: Steps, sampling: Sampling) -> Motion:
    """The steps as one motion. Raises `UserError` where they are none or not determined."""
    turn = np.eye(3) if steps.turn is None else steps.turn
    shift = np.zeros(3) if steps.shift is None else steps.shift
    if steps.frame == "chimerax":
        shift = about_centre(turn, shift, sampling.of_map().centre)
    matrix, before = _mirror(steps, sampling)
    motion = Motion(
        turn @ matrix, turn @ before + shift, steps.images, _flip_shift(steps, sampling)
    )
    if motion.flip is None and not motion.shifts and turns.is_identity(motion.matrix):
        raise UserError(
            "there is nothing to do: the map stays where it is",
            hint="Say how it moves, such as --rotate z 90.",
        )
    return motion


def motion_facts(
    motion: Motion, steps: Steps | None = None, map_box: MapBox | None = None
) -> list[tuple[str, str]]:
    """A motion in words, a fact a line; the steps say what mirrors are about.

    `map_box` is that in whose coordinates the steps are, where they are about its origin.
    """
    steps = steps or Steps()
    rows = [" ".join(f"{value:10.6f}" for value in row) for row in motion.matrix + 0.0]
    x, y, z = (motion.shift + 0.0).tolist()
    shift = f"{x:.6g}, {y:.6g}, {z:.6g} Å about the voxel N // 2" if motion.shift.any() else "none"
    facts = [("Map", _map_in_words(motion, steps))]
    if not turns.is_identity(motion.matrix):
        facts += [("Matrix", rows[0]), ("", rows[1]), ("", rows[2])]
    if map_box is not None:
        facts += _frame_facts(map_box)
    facts += [("Shift", shift), ("Hand", "changed" if motion.mirrors else "kept")]
    if motion.flip:
        about = f" {turns.about_in_words(steps.images_about)}" if steps.images else ""
        facts += [
            ("Images", f"mirrored in {motion.flip}{about}; the stacks are not written here"),
            *_flip_facts(motion),
        ]
    return facts


def _map_in_words(motion: Motion, steps: Steps) -> str:
    if steps.mirror is None:
        return turns.motion_in_words(motion.matrix)
    mirrored = turns.mirror_in_words(steps.mirror, steps.mirror_about)
    if steps.turn is None or turns.is_identity(steps.turn):
        return mirrored
    return f"{mirrored}; then {turns.motion_in_words(steps.turn)}"


def _frame_facts(box: MapBox) -> list[tuple[str, str]]:
    """Where the map's coordinates are."""
    origin, centre = (
        ", ".join(f"{x:.6g}" for x in (point + 0.0).tolist()) for point in (box.origin, box.centre)
    )
    return [
        ("Frame", f"ChimeraX: the first voxel is at {origin} Å, the voxel N // 2 at {centre} Å"),
        ("", f"({box.voxels:,} voxels of {box.voxel_size:.6g} Å a side)"),
    ]


def _flip_facts(motion: Motion) -> list[tuple[str, str]]:
    """How far the mirrored images are moved."""
    moved = np.unique(np.asarray(motion.flip_shift)).tolist()
    if not any(moved):
        return []
    most = f"{moved[-1]:.6g}" if len(moved) == 1 else f"{moved[0]:.6g} to {moved[-1]:.6g}"
    return [("", f"and their origins move by {most} Å along {motion.flip}, as part of it")]


def _assumed(request: TransformRequest, map_box: MapBox | None) -> Iterator[Note]:
    if map_box is not None and request.map_file is None:
        yield Note(
            "The map's box and voxels are taken to be those of the images, and its origin to be 0",
            "Give --map to be sure.",
        )


def motion_as_json(motion: Motion) -> dict[str, Any]:
    """A motion as plain values; axis and angle are those of its proper part (-M of a mirror)."""
    turn = turns.axis_angle(-motion.matrix if motion.mirrors else motion.matrix)
    return {
        "matrix": (motion.matrix + 0.0).tolist(),
        "axis": (turn.axis + 0.0).tolist(),
        "angle": turn.angle,
        "shift": (motion.shift + 0.0).tolist(),
        "hand_changed": motion.mirrors,
        "images": motion.flip,
        "words": turns.motion_in_words(motion.matrix),
    }


def _one(values: NDArray[Any] | None) -> float | None:
    return None if values is None else same_everywhere(values.astype(np.float64))


def _mirror(steps: Steps, sampling: Sampling) -> tuple[Array, Array]:
    """M and t (Å) of the mirror alone."""
    if steps.mirror is None:
        return np.eye(3), np.zeros(3)
    matrix = mirror(steps.mirror)
    if steps.mirror_about == "voxel":
        return matrix, np.zeros(3)
    if steps.mirror_about is None:
        if (sampling.voxels() or 0) % 2 == 0:
            name = "inversion" if steps.mirror == "inversion" else f"mirror in {steps.mirror}"
            raise _two_meanings(f"the {name}", "--mirror-about")
        return matrix, np.zeros(3)
    box = sampling.of_map()
    return matrix, reversal(steps.mirror, box.voxels) * box.voxel_size


def _flip_shift(steps: Steps, sampling: Sampling) -> Array | float:
    """Å (N,) by which images are moved as they are mirrored."""
    if steps.images is None or steps.images_about == "voxel":
        return 0.0
    record = sampling.record
    boxes = record.box
    if steps.images_about is None:
        if boxes is None or not (boxes % 2 == 1).all():
            raise _two_meanings(f"the mirror of the images in {steps.images}", "--images-about")
        return 0.0
    why = "images that are mirrored about the middle of the box"
    even = record.require_box(why) % 2 == 0
    return np.where(even, record.require_pixel_size(why), 0.0) if even.any() else 0.0


def _two_meanings(what: str, option: str) -> UserError:
    return UserError(
        f"{what} can be about the voxel N // 2 (RELION's --invert_hand) or about the middle of the "
        "box (an array turned round: np.flip, RELION's --flipX, cryoDRGN's flip_hand), and in an "
        "even box these are one voxel apart",
        hint=f"Say {option} voxel or {option} box.",
    )


def require_movable(particles: Particles) -> tuple[Movable, Changeable]:
    """The format and the table, which can be written again with other poses.

    Raises `UserError` where they cannot.
    """
    form, table = require_described(particles), particles.table
    if isinstance(form, Movable) and isinstance(table, Changeable):
        return form, table
    raise UserError(
        f"a file of {form.title} cannot be written again with other poses",
        where=str(table.path),
        hint="Convert it first, with evenview convert.",
    )


def _notes(form: Movable, particles: Particles, motion: Motion) -> Iterator[Note]:
    yield from particles.notes
    if isinstance(form, Noted):
        yield from form.motion_notes(particles)
    if motion.flip:
        yield from not_mirrored(particles)


def _opened(request: TransformRequest, progress: Progress) -> Particles:
    if isinstance(request.source, Particles):
        return request.source
    return open_particles(request.source, progress, request.reading)


def _kept(particles: Particles, changes: Mapping[str, NDArray[np.float64]]) -> int:
    """How many columns no change names."""
    changed = set(map(_whole, changes))
    return sum(_whole(name) not in changed for name in particles.table.cells(0))


def _whole(column: str) -> str:
    """The column of which "pose[0]" is a part."""
    return column.partition("[")[0]
