"""The columns of a new file of M's, of a record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.record import Names, Record
from evenview.formats.angles import Floats
from evenview.formats.facts import in_angstroms, require_corner
from evenview.formats.star.writing import Column, Fixed
from evenview.formats.warp import labels

#: The fields of a record that a file of M's may say.
SAYABLE = ("origins", "halves", "micrographs", "tomograms", "coordinates")

_UNKNOWN = "unknown"


def fill(record: Record) -> tuple[dict[str, Column], tuple[str, ...]]:
    """The columns, and words for what stands there unsaid.

    Raises `UserError` where there are no coordinates in pixels, or no size of these pixels.
    """
    halves, half_words = _halves(record)
    sources, source_words = _sources(record)
    angles, places = (
        convention.quaternions_to_relion(record.quaternions, convention.POLE),
        _positions(record),
    )
    columns: dict[str, Column] = {
        **dict(zip(labels.position(1), map(Fixed, places.T), strict=True)),
        **dict(zip(labels.angles(1), map(Fixed, angles.T), strict=True)),
        labels.HALF: halves,
        labels.SOURCE: sources,
        labels.HASH: _same(len(record)),
    }
    return columns, (*half_words, *source_words, f"{labels.HASH} ({_UNKNOWN}: it is M's own)")


def _positions(record: Record) -> Floats:
    """Where the particles are, (N, 3) Å: the shifts are put in."""
    if record.coordinates is None:
        raise UserError(
            "M has the positions of particles, and the file does not say them",
            hint="Convert a file with coordinates.",
        )
    require_corner(record.coordinates, "M counts")
    places = in_angstroms(record.coordinates)
    if places is None:
        raise _unplaced(record)
    origins = record.origins_of(places.shape[1])
    if origins is not None:
        places = places - np.nan_to_num(origins)
    return np.pad(places, ((0, 0), (0, 3 - places.shape[1])))


def _unplaced(record: Record) -> UserError:
    return UserError(
        "M has positions in Å, and nothing tells how large the pixels of the coordinates are",
        hint="Give it with --pixel-size."
        if record.pixel_size is None
        else "It need not be that of the images: give it with --coordinate-pixel-size.",
    )


def _halves(record: Record) -> tuple[NDArray[np.int64], list[str]]:
    """Half-sets, those not said 1 and 2 in turn, as M gives them (``ParticlesFromRelionStar``)."""
    n = len(record)
    in_turn = 1 + np.arange(n) % 2
    said = np.zeros(n, np.int64) if record.halves is None else record.halves.astype(np.int64)
    words = [] if said.all() else [f"{labels.HALF} (1 and 2 in turn)"]
    return np.where(said > 0, said, in_turn), words


def _sources(record: Record) -> tuple[Names, list[str]]:
    names = record.micrographs if record.tomograms is None else record.tomograms
    if names is not None:
        return names, []
    return _same(len(record)), [f"{labels.SOURCE} ({_UNKNOWN})"]


def _same(rows: int) -> Names:
    return Names((_UNKNOWN,), np.zeros(rows, dtype=np.int64))
