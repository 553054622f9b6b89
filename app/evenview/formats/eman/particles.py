"""The particles that EMAN2's records mean, whatever file they stand in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.particles import Note, Particles, Table
from evenview.formats.eman.records import Chunk, Records
from evenview.formats.eman.transforms import ALIGN3D, PROJECTION, TRANSFORMS, Poses, poses

Floats = NDArray[np.float64]

#: What a record calls a particle's half-set.
HALF = "class"
_REFINED = "Open the particles of a 3-D refinement, such as ptcls_05.lst of a folder spt_ or r3d_."


class RecordTable(Table, Protocol):
    """A table whose rows are records."""

    @property
    def records(self) -> Records: ...


def particles(table: RecordTable, notes: tuple[Note, ...] = ()) -> Particles:
    """Particles with the directions of ``xform.projection``, or else of ``xform.align3d``.

    Raises `MalformedFileError` and `NoOrientationsError` as `Format.read`.
    """
    records = table.records
    key = key_of(records)
    found, turned = _read(records, key)
    if found.wrong.any():
        raise _no_rotation(records.place, int(found.wrong.argmax()), key)
    if not turned:
        raise _never_aligned(records, key)
    placed = np.isfinite(found.quaternions[:, 0])
    halves, half_notes = halves_of(records)
    return Particles(
        table=table,
        quaternions=found.quaternions,
        halves=halves,
        notes=(*notes, *_missing_notes(placed, key), *half_notes),
    )


def aligned(records: Records) -> tuple[Poses, str]:
    """The poses of records and the key they stand under.

    Raises `NoOrientationsError` and `MalformedFileError` as `particles`.
    """
    key = key_of(records)
    return _read(records, key)[0], key


def key_of(records: Records) -> str:
    """The key that the poses of records stand under. Raises as `aligned`."""
    for key in TRANSFORMS:
        for chunk in records.chunks():
            if np.isfinite(records.matrices(key, chunk)).all(axis=(1, 2)).any():
                return key
    raise NoOrientationsError(
        f"no particle has an orientation ({PROJECTION} or {ALIGN3D})",
        where=str(records.source.path),
        hint=_REFINED,
    )


def _read(records: Records, key: str) -> tuple[Poses, bool]:
    """The poses under a key, and whether the matrix of one that is placed is not the identity."""
    found = Poses.empty(len(records), key)
    turned: list[bool] = []

    def read(chunk: Chunk) -> None:
        matrices = records.matrices(key, chunk)
        some = poses(matrices, key)
        found.put(chunk.rows, some)
        placed = matrices[np.isfinite(some.quaternions[:, 0]), :, :3]
        turned.append(bool(np.any(placed != np.eye(3))))

    records.each(read)
    return found, any(turned)


def _no_rotation(place: Callable[[int], str], row: int, key: str) -> MalformedFileError:
    return MalformedFileError(
        f"the matrix of {key} is not a rotation",
        where=place(row),
        hint="Mend or remove this particle, or write the file again from EMAN2.",
    )


def _never_aligned(records: Records, key: str) -> NoOrientationsError:
    return NoOrientationsError(
        f"every {key} is the identity: the particles were never aligned in 3-D",
        where=str(records.source.path),
        hint=_REFINED,
    )


def _missing_notes(placed: NDArray[np.bool_], key: str) -> list[Note]:
    missing = int(np.count_nonzero(~placed))
    if not missing:
        return []
    have = "particle has" if missing == 1 else "particles have"
    return [
        Note(
            f"{missing:,} {have} no {key} and cannot be placed",
            "They are not drawn and are kept in every file that is written.",
        )
    ]


def halves_of(records: Records) -> tuple[NDArray[np.int8] | None, tuple[Note, ...]]:
    """Half codes (N,), if the file has any, and a note that says why they are thought to be.

    EMAN2 numbers the particles of the even and the odd map by class 0 and 1 (``e2spa_refine``).
    More classes than these two, or particles without one, are a classification.
    """
    classes = records.numbers(HALF)
    even, odd = classes == 0.0, classes == 1.0
    if not (even.any() and odd.any() and (even | odd).all()):
        return None, ()
    note = Note(
        "Classes 0 and 1 are taken for the even and the odd half",
        "EMAN2's refinements write them so; in a classification into two they are no half-sets.",
    )
    return odd + np.int8(1), (note,)
