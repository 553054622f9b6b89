"""Particles of one tomogram in another, in the files that say where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.tilt.moving import TomogramMove
from evenview.formats import dynamo_tbl, emmotl_em, stopgap_star
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import TOMOGRAM
from evenview.formats.star.table import StarParticles
from evenview.formats.tomogram import relion, tables, warp
from evenview.formats.warp import labels

Floats = NDArray[np.float64]
Changes = Mapping[str, Floats]

#: Formats that are not moved, and what to do with each.
_ELSEWHERE = {
    "peet-csv": (
        "a motive list of PEET has no places: its points are in the model beside it",
        "Write places and angles as a table of Dynamo, AV3, STOPGAP, RELION or M, and move that.",
    ),
    "eman2-lst": (
        "a list of EMAN2 has no places: they are in the headers of its particles",
        "Write places and angles as a table of Dynamo, AV3, STOPGAP, RELION or M, and move that; "
        "or take the particles out of the other tomogram anew.",
    ),
}
_ELSEWHERE["eman2-json"] = _ELSEWHERE["eman2-lst"]


class Placed(NamedTuple):
    """How a format's files are moved: what changes, and which tomograms they are of."""

    changes: Callable[[Particles, TomogramMove], Changes]
    tomograms: Callable[[Particles], set[str]]


def changes(name: str, particles: Particles, move: TomogramMove) -> Changes:
    """New numbers of the columns of places, poses and shifts, as `Changeable` takes them.

    Parameters
    ----------
    name
        Of the format of the particles.

    Raises
    ------
    UserError
        The format has no places in a tomogram, or something that the move needs is not known.
    """
    return _placed(name, particles).changes(particles, move)


def tomograms(name: str, particles: Particles) -> set[str]:
    """The names of the tomograms that the particles are of; raises as `changes` does."""
    return _placed(name, particles).tomograms(particles)


def _placed(name: str, particles: Particles) -> Placed:
    if name in _FORMATS:
        return _FORMATS[name]
    what, hint = _ELSEWHERE.get(
        name,
        (
            "these are images, or have no places in a tomogram",
            "Give subtomograms of RELION, M, Dynamo, AV3 or STOPGAP.",
        ),
    )
    raise UserError(what, where=str(particles.table.path), hint=hint)


def _of_relion(particles: Particles) -> set[str]:
    file = RelionFile(particles)
    return set(file.table.names(TOMOGRAM).texts()) - {""} if file.has(TOMOGRAM) else set()


def _of_warp(particles: Particles) -> set[str]:
    table = particles.table
    if not isinstance(table, StarParticles) or labels.SOURCE not in table.star.labels:
        return set()
    return set(table.names(labels.SOURCE).texts()) - {""}


_FORMATS: dict[str, Placed] = {
    "relion-star": Placed(lambda p, move: relion.changes(RelionFile(p), move), _of_relion),
    "warp-star": Placed(warp.changes, _of_warp),
} | {
    form.FORMAT.name: Placed(tables.changes_of(form.COLUMNS), tables.tomograms_of(form.COLUMNS))
    for form in (dynamo_tbl, emmotl_em, stopgap_star)
}
