"""The pixel size of the particle images: by optics group since RELION 3.1, by row before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core.particles import Note
from evenview.core.words import counted
from evenview.formats.pixels import single_size
from evenview.formats.relion.labels import (
    ANGST_ORIGINS,
    DETECTOR_PIXEL,
    GROUP,
    IMAGE_PIXEL,
    IMAGE_SIZE,
    MAGNIFICATION,
    PIXEL,
    PIXEL_ORIGINS,
)
from evenview.formats.star.cells import number_of
from evenview.formats.star.outline import StarTable
from evenview.formats.texts import bytes_of


def optics_table(tables: Sequence[StarTable]) -> StarTable | None:
    """The table of optics groups, as a loop or as keys and values; None before RELION 3.1."""
    return next((table for table in tables if table.block == "optics"), None)


def pixel_size(particles: StarTable, optics: StarTable | None) -> tuple[float | None, list[Note]]:
    """Å per pixel of the particle images, None where it is not known or not one, and notes."""
    if optics is not None and optics.has(IMAGE_PIXEL):
        return _one(_of_groups(particles, optics, IMAGE_PIXEL), [])
    if particles.has(MAGNIFICATION, DETECTOR_PIXEL):
        detector, magnification = (
            particles.numbers(DETECTOR_PIXEL),
            particles.numbers(MAGNIFICATION),
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return _one(10_000 * detector / magnification, [_MAGNIFICATION_NOTE])
    if particles.has(PIXEL):
        return _one(particles.numbers(PIXEL), [])
    return None, []


def box_size(particles: StarTable, optics: StarTable | None) -> int | None:
    """The side of the images in pixels, None where it is not known or not one."""
    if optics is None or not optics.has(IMAGE_SIZE):
        return None
    sizes = np.unique(_of_groups(particles, optics, IMAGE_SIZE))
    return int(sizes[0]) if len(sizes) == 1 and sizes[0] > 0 else None


_MAGNIFICATION_NOTE = Note(
    "The pixel size is computed from rlnDetectorPixelSize (µm) and rlnMagnification",
    "RELION 3.0 and before have no other; it is wrong where one of the two is only nominal.",
)


def group_notes(particles: StarTable, optics: StarTable | None) -> list[Note]:
    """What is amiss between the particles and the optics groups."""
    if optics is None:
        return []
    notes = []
    if any(map(particles.has, PIXEL_ORIGINS)) and not any(map(particles.has, ANGST_ORIGINS)):
        notes.append(_ORIGIN_NOTE)
    if particles.has(GROUP) and optics.has(GROUP):
        groups = particles.numbers(GROUP)
        lost = int(np.count_nonzero(~np.isin(groups, _group_numbers(optics))))
        if lost:
            notes.append(
                Note(
                    f"{counted(lost, 'row names', 'rows name')} an optics group that "
                    "data_optics does not have",
                    "RELION will refuse the file; the orientations shown do not depend on it.",
                )
            )
    return notes


_ORIGIN_NOTE = Note(
    "The shifts are in pixels (rlnOriginX) in a file with optics groups",
    "RELION 3.1 and later read rlnOriginXAngst only and take these shifts as 0.",
)


def _group_numbers(optics: StarTable) -> NDArray[np.float64]:
    return numbers_in(optics, GROUP)


def _of_groups(particles: StarTable, optics: StarTable, label: str) -> NDArray[np.float64]:
    """A number of the optics groups that particles are in; of all where that is not told."""
    sizes = numbers_in(optics, label)
    if not (particles.has(GROUP) and optics.has(GROUP)):
        return sizes
    used = np.isin(_group_numbers(optics), particles.numbers(GROUP))
    return sizes[used] if used.any() else sizes


def numbers_in(table: StarTable, label: str) -> NDArray[np.float64]:
    """A column of optics groups, (groups,), NaN where a cell is not a number."""
    numbers = [number_of(bytes_of(text)) for text in table.texts(label)]
    return np.array([np.nan if number is None else number for number in numbers])


def _one(sizes: NDArray[np.float64], notes: list[Note]) -> tuple[float | None, list[Note]]:
    """The single size; `notes` are on what it was computed from."""
    size, trouble = single_size(sizes)
    return size, trouble or (notes if size is not None else [])
