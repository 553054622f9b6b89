"""Particles of one tomogram rewritten for another of the same tilt images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.tilt.relation import KINDS, Relation
from evenview.core.words import counted
from evenview.formats import open_particles
from evenview.formats.output import check_targets
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import TOMOGRAM
from evenview.formats.relion.tomograms import changes
from evenview.formats.star.table import StarParticles
from evenview.tasks.described import format_of
from evenview.tasks.tilt_words import RELATIONS, SAME_TURN
from evenview.tasks.written import read_again

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ParticlesRequest:
    """Which particles, and what is not in their file.

    Attributes
    ----------
    size
        x, y and z of the tomogram in pixels of the tilt series.
    all_tomograms
        Whether those of several tomograms are all moved alike.
    """

    source: Path
    output: Path
    size: tuple[float, float, float] | None = None
    all_tomograms: bool = False


@dataclass(frozen=True)
class Moved:
    """What was written, and what to know of it."""

    files: tuple[Path, ...]
    particles: int
    changed: tuple[str, ...]
    words: str
    notes: tuple[str, ...]


def matrix_of(relation: Relation) -> Floats:
    """M of a relation, without the noise of the angles where it is one of the four exactly."""
    return KINDS[relation.kind] if relation.rest <= SAME_TURN else relation.matrix


def move(request: ParticlesRequest, relation: Relation, progress: Progress = silent) -> Moved:
    """Write particles for the second tomogram of a relation; the first is theirs.

    Raises
    ------
    UserError
        Both tomograms are the same, the file is none of RELION's subtomograms, has several
        tomograms, or is the output.
    """
    matrix = matrix_of(relation)
    if np.array_equal(matrix, np.eye(3)):
        raise UserError(
            "there is nothing to do: both describe the same tomogram, and the particles fit both"
        )
    particles = open_particles(request.source, progress)
    table = particles.table
    if format_of(particles).name != "relion-star" or not isinstance(table, StarParticles):
        raise UserError(
            "places in a tomogram can be rewritten in star files with RELION's labels only",
            where=str(request.source),
            hint="Convert it first, with evenview convert.",
        )
    check_targets(table.targets(request.output), table.sources)
    file = RelionFile(particles)
    notes = _tomograms(file, request)
    changed = changes(file, matrix, request.size)
    written = table.write_changed(request.output, changed, progress)
    _, warnings = read_again(request.output, particles.reading, progress)
    notes += _notes(relation)
    return Moved(
        written, len(particles), tuple(changed), RELATIONS[relation.kind], notes + warnings
    )


def _tomograms(file: RelionFile, request: ParticlesRequest) -> tuple[str, ...]:
    if not file.has(TOMOGRAM):
        return ()
    names = {name for name in file.table.names(TOMOGRAM).texts() if name}
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


def _notes(relation: Relation) -> tuple[str, ...]:
    notes = [
        "Places are moved about the centre of the tomogram, half its size: a shift between the "
        "two tomograms is not in the files of tilt series."
    ]
    if relation.mirrors:
        notes.append(
            "The hand changes: the poses fit an average that is mirrored in z about the voxel "
            "N // 2, and the subtomograms must be extracted again."
        )
    return tuple(notes)
