"""Which table of a RELION file holds the particles, and what the file is when none does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evenview.core.errors import NoOrientationsError
from evenview.formats.relion.labels import ANGLES, HALF
from evenview.formats.star.outline import StarTable
from evenview.formats.star.poses import angle_table

_REFINED = "Open the particles of a 3-D refinement or classification (run_data.star)."


def particle_table(tables: Sequence[StarTable], path: Path) -> StarTable:
    """The table of particles with three angles: "data_particles", or else the only one there is.

    Raises
    ------
    NoOrientationsError
        No table has the angles, or it has no rows; says what the file seems to be.
    MalformedFileError
        Several tables could be meant.
    """
    return angle_table(tables, path, ANGLES, (HALF,), _without_angles)


def _without_angles(tables: Sequence[StarTable], path: Path) -> NoOrientationsError:
    labels = frozenset(label for table in tables for label in table.labels)
    blocks = frozenset(table.block for table in tables)
    contents = _Contents(labels, blocks, tables)
    for kind in _KINDS:
        if kind.fits(contents):
            hint = kind.hint(contents) if callable(kind.hint) else kind.hint
            return NoOrientationsError(kind.what, where=str(path), hint=hint)
    missing = ", ".join(label for label in ANGLES if label not in labels)
    return NoOrientationsError(
        f"no table of this file has the column {missing}", where=str(path), hint=_REFINED
    )


@dataclass(frozen=True)
class _Contents:
    labels: frozenset[str]
    blocks: frozenset[str]
    tables: Sequence[StarTable]

    def any_label(self, *labels: str) -> bool:
        return not self.labels.isdisjoint(labels)

    def any_block(self, *beginnings: str) -> bool:
        return any(block.startswith(beginnings) for block in self.blocks)

    def value(self, label: str) -> str:
        """The first value of a label, in words fit for a hint."""
        values = [table.texts(label)[:1] for table in self.tables if label in table.labels]
        return next((value[0] for value in values if value), "")


@dataclass(frozen=True)
class _Kind:
    what: str
    fits: Callable[[_Contents], bool]
    hint: str | Callable[[_Contents], str] = _REFINED


def _named_by(label: str) -> Callable[[_Contents], str]:
    def hint(contents: _Contents) -> str:
        name = contents.value(label)
        return f"It names its particles: open {name} instead." if name else _REFINED

    return hint


_KINDS: tuple[_Kind, ...] = (
    _Kind(
        "this is an optimiser file: it names the files of a run and has no particles itself",
        lambda it: it.any_block("optimiser_"),
        _named_by("rlnExperimentalDataStarFile"),
    ),
    _Kind(
        "this is an optimisation set: it names the files of a tomography run",
        lambda it: it.any_label("rlnTomoParticlesFile"),
        _named_by("rlnTomoParticlesFile"),
    ),
    _Kind(
        "this is a model file: it has classes and spectra, not particles",
        lambda it: it.any_block("model_"),
        "Open the data.star file of the same iteration.",
    ),
    _Kind(
        "this is a sampling file: it has the searched directions, not particles",
        lambda it: it.any_block("sampling_"),
        "Open the data.star file of the same iteration.",
    ),
    _Kind(
        "this is a job or pipeline file, which has no particles",
        lambda it: it.any_block("pipeline_", "job", "schedule_", "scheme_"),
    ),
    _Kind(
        "this is a post-processing file: it has a resolution curve, not particles",
        lambda it: it.any_block("fsc", "guinier"),
    ),
    _Kind(
        "these are particles of a 2-D classification: an in-plane angle (rlnAnglePsi) and no "
        "rlnAngleRot or rlnAngleTilt",
        lambda it: it.any_label("rlnAnglePsi") and not it.any_label(*ANGLES[:2]),
        "Refine them in 3-D first. " + _REFINED,
    ),
    _Kind(
        "the three angles (rlnAngleRot, rlnAngleTilt, rlnAnglePsi) are not in one loop_ table",
        lambda it: it.labels.issuperset(ANGLES),
        "Write the particles as one table of rows.",
    ),
    _Kind(
        "only some of the three angles are there (rlnAngleRot, rlnAngleTilt, rlnAnglePsi)",
        lambda it: it.any_label(*ANGLES),
        "Write the file again with all three columns in one table.",
    ),
    _Kind(
        "these are class averages, which have no angles",
        lambda it: it.any_label("rlnReferenceImage", "rlnClassDistribution"),
    ),
    _Kind(
        "this is a list of tomograms or tilt images, not particles",
        lambda it: it.any_label("rlnTomoTiltSeriesStarFile", "rlnTomoXTilt"),
        "Open the particles of a subtomogram refinement (run_data.star).",
    ),
    _Kind(
        "these are picked coordinates that were not refined yet: they have no angles",
        lambda it: it.any_label("rlnCoordinateX") and not it.any_label("rlnDefocusU"),
        "Extract and refine them first. " + _REFINED,
    ),
    _Kind(
        "these are extracted particles that were not refined yet: they have no angles",
        lambda it: it.any_label("rlnCoordinateX", "rlnImageName"),
        "Refine them in 3-D first. " + _REFINED,
    ),
    _Kind(
        "this is a list of micrographs or movies, not particles",
        lambda it: it.any_label("rlnMicrographName", "rlnMicrographMovieName"),
    ),
    _Kind(
        "this file has optics groups and no table of particles",
        lambda it: it.any_label("rlnOpticsGroup", "rlnOpticsGroupName"),
        "Is it cut off? Copy it again, or write it again. " + _REFINED,
    ),
)
