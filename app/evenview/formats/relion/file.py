"""What kind of file a particle table of RELION's is: its optics groups, its shifts, its frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evenview.core.particles import Particles
from evenview.core.record import Floats, Names, Whole
from evenview.formats.relion.labels import (
    ANGST_ORIGINS,
    CENTRED_COORDINATES,
    COORDINATES,
    DETECTOR_PIXEL,
    DIMENSIONALITY,
    GENERAL,
    GROUP,
    GROUP_NAME,
    IMAGE_PIXEL,
    MAGNIFICATION,
    PIXEL,
    PIXEL_ORIGINS,
    STACKS_2D,
    SUBTOMOGRAM_ANGLES,
    TOMOGRAM,
)
from evenview.formats.relion.optics import numbers_in, optics_table
from evenview.formats.star.outline import StarTable
from evenview.formats.star.table import StarParticles

_OF_SUBTOMOGRAMS = (
    TOMOGRAM,
    ANGST_ORIGINS[2],
    PIXEL_ORIGINS[2],
    COORDINATES[2],
    CENTRED_COORDINATES[2],
    SUBTOMOGRAM_ANGLES[0],
)


@dataclass(frozen=True, eq=False)
class Optics:
    """The optics groups, and the one that each particle is in: `rows` (N,), -1 for none."""

    table: StarTable
    rows: Whole

    @classmethod
    def of(cls, particles: StarParticles, table: StarTable) -> Optics:
        """The groups by their numbers; a single one is that of all where no number is said."""
        if not (len(table) and particles.star.has(GROUP) and table.has(GROUP)):
            return cls(table, np.full(len(particles), 0 if len(table) == 1 else -1))
        groups = particles.floats([GROUP])[GROUP]
        numbers = numbers_in(table, GROUP)
        order = np.argsort(numbers, kind="stable")
        place = np.minimum(np.searchsorted(numbers, groups, sorter=order), len(order) - 1)
        rows = order[place]
        return cls(table, np.where(numbers[rows] == groups, rows, -1))

    def numbers(self, label: str) -> Floats:
        """A number of each particle's group, (N,); NaN where there is none."""
        return np.append(numbers_in(self.table, label), np.nan)[self.rows]

    def names(self) -> tuple[Names | None, tuple[str, ...]]:
        """Each particle's group (N,) by a name that no other has, and the names made up for that.

        None where there is a single group without a name: nothing tells it from others.
        """
        table, n = self.table, len(self.table)
        given = table.texts(GROUP_NAME) if table.has(GROUP_NAME) else [""] * n
        if n == 1 and not given[0]:
            return None, ()
        numbers = table.texts(GROUP) if table.has(GROUP) else [str(k) for k in range(1, n + 1)]
        names = _unlike(given, numbers)
        made_up = tuple(name for name, said in zip(names, given, strict=True) if name != said)
        return Names(tuple(names), np.append(np.arange(n), -1)[self.rows]), made_up


def _unlike(given: Sequence[str], numbers: Sequence[str]) -> list[str]:
    """A name for each group: that given where no group before has it, else one with its number."""
    names: list[str] = []
    for text, number in zip(given, numbers, strict=True):
        name = text or f"opticsGroup{number}"
        if name in names:
            name = f"{name}_{number}"
        while name in names or (name != text and name in given):
            name += "_"
        names.append(name)
    return names


@dataclass(frozen=True, eq=False)
class RelionFile:
    """The table of particles of a file, seen as RELION sees it."""

    particles: Particles

    @property
    def table(self) -> StarParticles:
        """Its rows and cells."""
        table = self.particles.table
        assert isinstance(table, StarParticles)
        return table

    @cached_property
    def optics(self) -> Optics | None:
        """The optics groups; None before RELION 3.1."""
        table = optics_table(self.table.others)
        return None if table is None else Optics.of(self.table, table)

    def has(self, *labels: str) -> bool:
        """Whether all are columns of the particles."""
        return self.table.star.has(*labels)

    def present(self, labels: Sequence[str]) -> list[str]:
        """Those that are columns of the particles."""
        return [label for label in labels if self.has(label)]

    def optics_has(self, label: str) -> bool:
        """Whether the optics groups say it."""
        return self.optics is not None and self.optics.table.has(label)

    @cached_property
    def subtomograms(self) -> bool:
        """Whether the particles are parts of tomograms.

        They are where a tomogram, a third coordinate or shift or the angles of a box are said.
        """
        if self.present(_OF_SUBTOMOGRAMS):
            return True
        if self.optics is None or not self.optics_has(DIMENSIONALITY):
            return False
        return bool((numbers_in(self.optics.table, DIMENSIONALITY) == 3).any())

    @cached_property
    def stacks_2d(self) -> bool | None:
        """Whether the images of subtomograms are stacks of 2-D tilt images; None if not said."""
        if not self.subtomograms:
            return None
        general = self.general
        if general is not None and general.has(STACKS_2D):
            flags = numbers_in(general, STACKS_2D)
            return bool((flags == 1).any()) if np.isin(flags, (0, 1)).all() else None
        if self.optics is None or not self.optics_has(DIMENSIONALITY):
            return None
        return False if (numbers_in(self.optics.table, DIMENSIONALITY) == 3).all() else None

    @property
    def general(self) -> StarTable | None:
        """What RELION 5 says of all particles, "data_general"."""
        return next((table for table in self.table.others if table.block == GENERAL), None)

    @property
    def dimensions(self) -> int:
        """The number of components of a shift."""
        return 3 if self.subtomograms else 2

    @property
    def shift_labels(self) -> list[str]:
        """The columns of the shifts that RELION reads; [] where there are none.

        They are in pixels before RELION 3.1 (no optics groups), and in Å since.
        """
        pixels = [] if self.optics else self.present(PIXEL_ORIGINS[: self.dimensions])
        return pixels or self.present(ANGST_ORIGINS[: self.dimensions])

    @property
    def stray_shift_labels(self) -> list[str]:
        """Columns of shifts in pixels in a file with optics groups: RELION does not read them."""
        return self.present(PIXEL_ORIGINS) if self.optics else []

    @property
    def pixel_size_labels(self) -> list[str]:
        """The columns of particles, or that of the optics groups, that say the pixel size."""
        if self.optics_has(IMAGE_PIXEL):
            return [IMAGE_PIXEL]
        if self.has(MAGNIFICATION, DETECTOR_PIXEL):
            return [MAGNIFICATION, DETECTOR_PIXEL]
        return self.present([PIXEL, IMAGE_PIXEL])[:1]

    @cached_property
    def pixel_size(self) -> Floats | None:
        """Å per pixel of the images (N,), NaN where it is not known; None if it is for no row."""
        sizes = self._pixel_sizes()
        sizes = np.where(np.isfinite(sizes) & (sizes > 0), sizes, np.nan)
        if np.isfinite(sizes).any():
            return sizes
        known = self.particles.pixel_size
        return None if known is None else np.full(len(self.particles), known)

    def _pixel_sizes(self) -> Floats:
        labels = self.pixel_size_labels
        if not labels:
            return np.full(len(self.particles), np.nan)
        if labels == [IMAGE_PIXEL] and self.optics and self.optics_has(IMAGE_PIXEL):
            return self.optics.numbers(IMAGE_PIXEL)
        columns = self.table.floats(labels)
        if len(labels) == 1:
            return columns[labels[0]]
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes: Floats = 10_000 * columns[DETECTOR_PIXEL] / columns[MAGNIFICATION]
        return sizes

    def shifts(self, labels: Sequence[str]) -> Floats:
        """The columns of X, Y (, Z) as they stand, (N, 2) or (N, 3); 0 for a missing one."""
        present = self.present(labels[: self.dimensions])
        columns = self.table.floats(present)
        zero = np.zeros(len(self.particles))
        return np.column_stack([columns.get(label, zero) for label in labels[: self.dimensions]])

    def bodies(self) -> list[str]:
        """The names of tables of bodies (multi-body refinement)."""
        return [other.block for other in self.table.others if other.has("rlnAngleRot")]
