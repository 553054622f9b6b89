"""RELION star files: 2.x and 3.0 in one table, 3.1 and later with optics groups, tomography."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.motion import Motion
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.record import Created, Record
from evenview.core.words import counted
from evenview.formats.base import Precision, WeightColumn
from evenview.formats.facts import star_of
from evenview.formats.relion import angles, creating, described, moving, optics, units
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import FIGURE_OF_MERIT, HALF, TOMOGRAM, WANTED
from evenview.formats.relion.tables import particle_table
from evenview.formats.star.gaps import first_gap
from evenview.formats.star.outline import StarTable, read_tables
from evenview.formats.star.source import Source
from evenview.formats.star.table import StarParticles

_BLOCK = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*data_\S*[ \t\r]*(?:#.*)?$", re.MULTILINE)
_LABEL = re.compile(rb"^[ \t]*_rln", re.MULTILINE)
_VERSION = re.compile(rb"^# version (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class RelionStar:
    """RELION's particle files, also as Warp, cryoSPARC's converters and others write them."""

    name: str = "relion-star"
    title: str = "RELION star"
    suffixes: tuple[str, ...] = (".star",)

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether there is a "data_" line and a label of RELION's."""
        return bool(_BLOCK.search(head) and _LABEL.search(head))

    def read(self, path: Path, progress: Progress = silent) -> Particles:
        """Read the particles of one star file; see `Format.read` for what is raised."""
        source = Source.open(path)
        tables = read_tables(source, WANTED, progress)
        table = particle_table(tables, path)
        assert table.rows is not None
        groups = optics.optics_table(tables)
        quaternions, notes = angles.quaternions(table)
        size, size_notes = optics.pixel_size(table, groups)
        notes += size_notes + optics.group_notes(table, groups) + _gap_notes(table)
        notes += _other_tables_notes(table, tables)
        halves, half_notes = _halves(table)
        others = tuple(other for other in tables if other is not table)
        return Particles(
            table=StarParticles(table, table.rows, _format_name(table, tables), others),
            quaternions=quaternions,
            halves=halves,
            pixel_size=size,
            notes=(*notes, *half_notes),
            box=optics.box_size(table, groups),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What was understood in a file; see `Described.units`."""
        return units.units(RelionFile(particles))

    def record(self, particles: Particles, progress: Progress = silent) -> Record:
        """All that a file says of its particles; see `Described.record` and `relion.described`."""
        return described.record(particles, progress)

    @property
    def precision(self) -> Precision:
        """Three angles and shifts in Å, each rounded to the sixth decimal."""
        return Precision(1.5e-6, 5e-7, "Å", "6 decimals")

    def create(self, path: Path, record: Record, progress: Progress = silent) -> Created:
        """Write a new file; see `Creatable.create` and `relion.creating`."""
        return creating.create(path, record, progress)

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """What a motion changes; see `Movable.changes` and `relion.moving`."""
        return moving.changes(RelionFile(particles), motion)

    def weight_column(self, particles: Particles) -> WeightColumn | None:
        """The figure of merit: data and squared CTF are multiplied by it (``reconstructor.cpp``).

        What reconstructs RELION 4's and 5's subtomograms does not read it.
        """
        if star_of(particles.table).has(TOMOGRAM):
            return None
        return WeightColumn(FIGURE_OF_MERIT, 1.0, "relion_reconstruct --fom_weighting")


FORMAT = RelionStar()


def _halves(table: StarTable) -> tuple[NDArray[np.int8] | None, tuple[Note, ...]]:
    """RELION's random subsets 1 and 2; 0 for anything else; None unless there are both."""
    if not table.has(HALF):
        return None, ()
    subsets = table.numbers(HALF)
    halves = np.where(np.isin(subsets, (1, 2)), subsets, 0).astype(np.int8)
    if (halves == 1).any() and (halves == 2).any():
        return halves, ()
    why = f"{HALF} never says both 1 and 2; RELION refuses to refine such a file."
    return None, (Note("There are no half-sets.", why),)


def _format_name(table: StarTable, tables: Sequence[StarTable]) -> str:
    """The generation of RELION as the tables tell it; 3.1 and 4 write single particles alike."""
    head = table.source.text(0, 1 << 12)
    version = _VERSION.search(head)
    if optics.optics_table(tables) is None:
        return "RELION 3.0 star"
    tomo = " tomo" if table.has("rlnTomoName") else ""
    if (version and int(version[1]) >= 50_000) or table.has("rlnCenteredCoordinateXAngst"):
        return f"RELION 5{tomo} star"
    return f"RELION 4{tomo} star" if tomo else "RELION 3.1 star"


def _gap_notes(table: StarTable) -> list[Note]:
    """Blank lines and comments between rows, which RELION does not read past."""
    gap = first_gap(table)
    if gap is None:
        return []
    kind, offset, row = gap
    line = table.source.line_number(offset)
    behind = len(table) - row
    if kind == "comment":
        return [
            Note(
                f"Line {line:,} is a comment inside the table of particles",
                "All rows are read here; RELION stops with an error at such a line.",
            )
        ]
    return [
        Note(
            f"Line {line:,} is blank inside the table of particles, with {counted(behind, 'row')} "
            "below it",
            "All rows are read here; RELION stops at a blank line and drops what follows.",
        )
    ]


def _other_tables_notes(table: StarTable, tables: Sequence[StarTable]) -> list[Note]:
    others = [other.block for other in tables if other is not table and other.has("rlnAngleRot")]
    if not others:
        return []
    names = ", ".join(f"data_{name}" for name in others)
    return [
        Note(
            f"Only data_{table.block} is shown; {names} has angles too",
            "Tables of bodies (multi-body refinement) stay as they are in files that are written.",
        )
    ]
