"""The second file of a pair: cryoSPARC splits a job's fields between particles and passthrough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.formats.cs.dataset import Dataset, open_dataset
from evenview.formats.cs.fields import POSE, SPLIT, has_poses

__all__ = ["POSE", "SPLIT", "Companion", "companion_path", "find_companion", "join"]

_PASSTHROUGH = "passthrough"
_JOB = re.compile(r"(?:^|_)(J\d+)(?=_|$)")
_WORDS = re.compile(r"[_\-. ]+")


@dataclass(frozen=True, eq=False)
class Companion:
    """A file joined to the opened one.

    Attributes
    ----------
    dataset
        The companion.
    rows
        (N,) int64: the companion's row of each opened row, -1 where it has none.
    """

    dataset: Dataset
    rows: NDArray[np.int64]

    @property
    def n_missing(self) -> int:
        """How many of the opened rows the companion lacks."""
        return int(np.count_nonzero(self.rows < 0))


def join(
    uids: NDArray[np.uint64], others: NDArray[np.uint64], where: str = ""
) -> NDArray[np.int64]:
    """For each uid (N,) the index of its equal in `others` (M,), -1 where there is none.

    Raises
    ------
    MalformedFileError
        A uid stands twice in `others`, so that a row could have two companions.
    """
    if len(uids) == len(others) and np.array_equal(uids, others):
        others_order = uids_order = np.argsort(others)
    else:
        others_order, uids_order = np.argsort(others), np.argsort(uids)
    ordered = others[others_order]
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(twice):
        first, second = sorted(others_order[twice[0] : twice[0] + 2].tolist())
        raise MalformedFileError(
            f"the uid {ordered[twice[0]]} stands twice (rows {first + 1:,} and {second + 1:,}), "
            "so its rows cannot be joined",
            where=where,
            hint="Export the particles from cryoSPARC again.",
        )
    wanted = uids[uids_order]  # sorted as well, so that the search walks instead of jumping
    places = np.minimum(np.searchsorted(ordered, wanted), len(others) - 1)
    rows = np.empty(len(uids), np.int64)
    rows[uids_order] = np.where(ordered[places] == wanted, others_order[places], -1)
    return rows


def is_passthrough(path: Path) -> bool:
    """Whether a file is called a passthrough."""
    return _PASSTHROUGH in path.stem.lower()


def companion_path(path: Path, companion: Path) -> Path:
    """Where the companion of an exported file is written, so that opening that file finds it.

    ``kept.cs`` has ``kept_passthrough.cs`` beside it; when a passthrough was opened and its
    particles were joined, they become ``kept_particles.cs``.
    """
    kind = _PASSTHROUGH if is_passthrough(companion) else "particles"
    return path.with_name(f"{path.stem}_{kind}.cs")


def find_companion(opened: Dataset) -> tuple[Companion | None, tuple[Note, ...]]:
    """The passthrough of a particles file, or the particles of a passthrough that lacks poses.

    It lies in the same folder and is of the same job by its name, and of several the first that
    holds every uid is taken: the same name but for the word "passthrough" goes first, then the
    latest iteration. Without poses in the opened file the companion must have them.

    Raises
    ------
    UserError
        The poses must come from a companion, and the only one there is cannot be used.
    """
    trouble: list[UserError] = []
    best: Companion | None = None
    uids: NDArray[np.uint64] | None = None
    for path in _candidates(opened):
        try:
            dataset = open_dataset(path)
            if not _useful(opened, dataset):
                continue
            uids = opened.uids() if uids is None else uids
            found = Companion(dataset, join(uids, dataset.uids(), str(path)))
        except UserError as error:
            trouble.append(error)
            continue
        if found.n_missing < (len(opened) if best is None else best.n_missing):
            best = found
        if found.n_missing == 0:
            break
    if best is None and not has_poses(opened.names) and trouble:
        raise trouble[0]
    return best, tuple(_left_out(error) for error in trouble if best is None)


def _left_out(error: UserError) -> Note:
    return Note(
        f"A companion beside the file is left out. {error}",
        "Its columns cannot be used, and exports are written without it.",
    )


def _useful(opened: Dataset, other: Dataset) -> bool:
    """A passthrough always goes along; particles only to give what the passthrough lacks."""
    if not has_poses(opened.names):
        return has_poses(other.names)
    if is_passthrough(other.path):
        return True
    return SPLIT in other.names and SPLIT not in opened.names


def _candidates(opened: Dataset) -> Iterator[Path]:
    """Files of the other kind, or named as a pair, in the same folder, the likeliest first."""
    kind = is_passthrough(opened.path)
    try:
        beside = sorted(path for path in opened.path.parent.iterdir() if path.suffix == ".cs")
    except OSError:
        return
    ranked = [
        (rank, path)
        for path in reversed(beside)
        if path.name != opened.path.name
        and (rank := _kinship(opened, path)) is not None
        and (is_passthrough(path) != kind or (rank == 0 and not has_poses(opened.names)))
    ]
    yield from (path for _, path in sorted(ranked, key=lambda item: item[0]))


def _kinship(opened: Dataset, path: Path) -> int | None:
    """0 for the same name but for its kind, 1 for the same job, 2 for perhaps, None for no."""
    ours, theirs = opened.path.stem, path.stem
    if _key(ours) == _key(theirs):
        return 0
    our_job, their_job = _JOB.search(ours), _JOB.search(theirs)
    if our_job and their_job:
        return 1 if our_job[1] == their_job[1] else None
    return 2 if our_job is None and not has_poses(opened.names) else None


def _key(stem: str) -> tuple[str, ...]:
    words = _WORDS.split(stem.lower())
    return tuple(word for word in words if word and word not in (_PASSTHROUGH, "particles"))
