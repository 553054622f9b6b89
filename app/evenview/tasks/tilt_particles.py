"""Particles of one tomogram rewritten for another of the same tilt images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.tilt.moving import TomogramMove
from evenview.core.tilt.offset import Offset
from evenview.core.tilt.packages import PACKAGES, centre_of
from evenview.core.tilt.relation import KINDS, Relation
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted, decimal
from evenview.formats import open_particles
from evenview.formats.base import Changeable
from evenview.formats.output import check_targets
from evenview.formats.tomogram import changes, tomograms
from evenview.tasks.described import format_of
from evenview.tasks.tilt_relation_words import RELATIONS, offset_words
from evenview.tasks.written import read_again

Floats = NDArray[np.float64]
Size: TypeAlias = tuple[float, float, float]

#: Formats whose coordinates are in pixels or Å of the tilt series, about half of its size.
_OF_TILT_SERIES = ("relion-star", "warp-star")
SAME_SHIFTS = "The shifts of the tilts are the same numbers too: both tomograms have one centre."
#: Which halves there are has nothing to do with where the particles are.
_OTHER_RULES = ("half-set-missing", "half-set-balance", "half-set-values")
HALF = "Places are moved about half the size of the tomogram, as the program counts them."


@dataclass(frozen=True)
class ParticlesRequest:
    """Which particles, and what is not in their file.

    Attributes
    ----------
    size
        x, y and z of the tomogram in the pixels of the coordinates (of the tilt series for those of
        RELION and M).
    voxel_size
        Å of the voxels that coordinates are in, where they are not pixels of the tilt series.
    all_tomograms
        Whether those of several tomograms are all moved alike.
    """

    source: Path
    output: Path
    size: tuple[float, float, float] | None = None
    voxel_size: float | None = None
    all_tomograms: bool = False


@dataclass(frozen=True)
class Moved:
    """What was written, and what to know of it."""

    files: tuple[Path, ...]
    particles: int
    changed: tuple[str, ...]
    words: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """From the tomogram of a series to that of a package, by a relation and an offset.

    `same_numbers` is for what the package makes of the series' own numbers.
    """

    first: TiltSeries
    package: str
    relation: Relation
    offset: Offset | None
    same_numbers: bool = False

    def move(self, request: ParticlesRequest, size: Size | None) -> TomogramMove:
        """What it does to places and rotations."""
        offset = self.offset if self.offset is not None and self.offset.explained else None
        known = None if offset is None else offset.pixel_size
        return TomogramMove(
            matrix=matrix_of(self.relation),
            shift=np.zeros(3) if offset is None else offset.pixels,
            pixel_size=self.first.pixel_size or known,
            centres=(PACKAGES[self.first.package].centre, PACKAGES[self.package].centre),
            size=size,
            voxel_size=request.voxel_size,
        )


def matrix_of(relation: Relation) -> Floats:
    """M of a relation, without the noise of the angles where it is one of the four exactly."""
    return relation.matrix if relation.turns_further else KINDS[relation.kind]


def move(request: ParticlesRequest, step: Step, progress: Progress = silent) -> Moved:
    """Write particles of the first tomogram of a step for the other.

    Raises
    ------
    UserError
        The file has no places in a tomogram or several tomograms, something that is needed is not
        known, or the file is the output.
    """
    particles = open_particles(request.source, progress)
    name, table = format_of(particles).name, particles.table
    alike = _tomograms(tomograms(name, particles), request)
    counts_pixels = name in _OF_TILT_SERIES
    size = request.size or (step.first.size if counts_pixels else None)
    asked = step.move(request, size)
    changed = changes(name, particles, asked)
    assert isinstance(table, Changeable)
    check_targets(table.targets(request.output), table.sources)
    written = table.write_changed(request.output, changed, progress)
    _, warnings = read_again(request.output, particles.reading, progress, _OTHER_RULES)
    notes = (*alike, *_notes(step, asked, by_middle=not counts_pixels))
    words = RELATIONS[step.relation.kind]
    return Moved(written, len(particles), tuple(changed), words, notes + warnings)


def _tomograms(names: set[str], request: ParticlesRequest) -> tuple[str, ...]:
    if len(names) < 2:
        return ()
    if not request.all_tomograms:
        raise UserError(
            f"the particles are of {counted(len(names), 'tomogram')}, and the tilt series given is "
            "that of one",
            where=str(request.source),
            hint="Say --all-tomograms if the others relate alike, or divide the file.",
        )
    return (f"The particles of all {counted(len(names), 'tomogram')} are moved alike.",)


def _notes(step: Step, asked: TomogramMove, *, by_middle: bool) -> Iterator[str]:
    yield _about(step, asked) if by_middle else HALF
    yield SAME_SHIFTS if step.same_numbers else offset_words(step.offset)
    if step.relation.mirrors:
        yield (
            "The hand changes: the poses fit an average that is mirrored in z about the voxel "
            "N // 2, and the subtomograms must be extracted again."
        )


def _about(step: Step, asked: TomogramMove) -> str:
    """What coordinates from a corner are turned about in both tomograms."""
    titles = [PACKAGES[name].title for name in (step.first.package, step.package)]
    sides = asked.size or (0.0, 0.0, 0.0)
    points = [" ".join(decimal(x + 1) for x in centre_of(c, sides)) for c in asked.centres]
    if points[0] == points[1]:
        return (
            f"Places are turned about {points[0]}, the first voxel being 1: what {titles[0]} and "
            f"{titles[1]} turn a tomogram about."
        )
    return (
        f"Places are turned about {points[0]} and come to lie about {points[1]}, the first voxel "
        f"being 1: what {titles[0]} and {titles[1]} turn a tomogram about."
    )
