"""The files of a result group as one table, and writing some of its particles as a new group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.particles import Note
from evenview.core.words import counted
from evenview.formats.cs.base import Changes
from evenview.formats.cs.companion import Companion, companion_path, join
from evenview.formats.cs.dataset import Dataset, open_dataset
from evenview.formats.cs.fields import POSE, class_fields
from evenview.formats.cs.group import Group, Slot, read_group
from evenview.formats.cs.table import CsTable, Job


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupTable(CsTable):
    """The files of the slots of particles, joined by uid; the rows are those of the poses."""

    group: Group

    @property
    def path(self) -> Path:
        """The .csg file."""
        return self.group.path

    @property
    def format_name(self) -> str:
        """The format in words."""
        return "cryoSPARC .csg"

    @property
    def sources(self) -> tuple[Path, ...]:
        """The .csg file, then the .cs files that it names, that of the poses first."""
        return (self.path, *super().sources)

    def targets(self, path: Path) -> tuple[Path, ...]:
        """The new .csg file, then its .cs files beside it, named after it."""
        return (path, *self._dataset_targets(path))

    def _dataset_targets(self, path: Path) -> tuple[Path, ...]:
        found: list[Path] = []
        for dataset in self.datasets:
            names = self._names(path, dataset)
            found.append(next(name for name in names if name not in (path, *found)))
        return tuple(found)

    def _names(self, path: Path, dataset: Dataset) -> Iterator[Path]:
        """Names for the new file of a dataset, the best first, without end."""
        yield companion_path(path, dataset.path)
        slots = [slot for slot in self.group.particles if self._file(slot) == dataset.path]
        word = re.sub(r"[^\w-]", "_", slots[0].name)
        yield path.with_name(f"{path.stem}_{word}.cs")
        for i in range(2, len(self.datasets) + 3):
            yield path.with_name(f"{path.stem}_{word}_{i}.cs")

    def _file(self, slot: Slot) -> Path:
        return self.group.file_of(slot)

    def _jobs(
        self, path: Path, kept: NDArray[np.bool_], changes: Sequence[Changes] = ()
    ) -> list[Job]:
        jobs = super()._jobs(path, kept, changes)
        counts = [int(np.count_nonzero(mask)) for mask in self._masks(kept)]
        files = {
            dataset.path: (target.name, n)
            for dataset, (target, _), n in zip(self.datasets, jobs, counts, strict=True)
        }
        text = self.group.replaced(files)
        return [(path, lambda file, _: file.write(text)), *jobs]


def open_group(path: Path, by_class: bool) -> tuple[GroupTable, tuple[Note, ...]]:
    """Open a .csg file and the files of its slots of particles.

    The rows are those of the file with the poses; with `by_class`, those of several classes.

    Raises
    ------
    MalformedFileError
        The .csg file or one of those it names is damaged, or they do not agree in number.
    NoOrientationsError
        It is a group of something else than particles, or of none.
    UserError
        A file that it names is not there.
    """
    group = read_group(path)
    if not group.particles:
        kinds = ", ".join(sorted({slot.type.partition(".")[0] for slot in group.slots})) or "none"
        raise NoOrientationsError(
            f"this result group has no particles (its results are: {kinds})",
            where=str(path),
            hint="Open the .csg file of a group of particles.",
        )
    datasets = _open_files(group)
    first = min(datasets, key=lambda dataset: _rank(dataset, by_class))
    companions = tuple(
        Companion(other, join(first.uids(), other.uids(), str(other.path)))
        for other in datasets
        if other is not first
    )
    return GroupTable(first, companions, group=group), tuple(_other_slots(group))


def _open_files(group: Group) -> list[Dataset]:
    """The files of the slots of particles, each once, with as many rows as the group says."""
    found: dict[Path, Dataset] = {}
    for slot in group.particles:
        path = group.file_of(slot)
        if path not in found:
            if not _is_there(path):
                raise UserError(
                    f"the slot {slot.name} is in {slot.file}, and there is no such file beside it",
                    where=str(group.path),
                    hint="Copy the whole folder of the result group.",
                )
            found[path] = open_dataset(path)
        _require_count(group, slot, len(found[path]))
    return list(found.values())


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any can be
        return False


def _require_count(group: Group, slot: Slot, n: int) -> None:
    if slot.n != n:
        raise MalformedFileError(
            f"the slot {slot.name} has {counted(slot.n, 'particle')} by its num_items, and "
            f"{slot.file} has {counted(n, 'row')}",
            where=str(group.path),
            hint="Export the group again, or put the right file and number there.",
        )
    first = group.particles[0]
    if slot.n != first.n:
        raise MalformedFileError(
            f"the slot {first.name} has {counted(first.n, 'particle')} and the slot "
            f"{slot.name} {slot.n:,}, where all slots of a group have the same",
            where=str(group.path),
            hint="Export the group again.",
        )


def _rank(dataset: Dataset, by_class: bool) -> int:
    """0 for the file that the poses are taken from, 1 where there is none, 2 for the rest."""
    kinds = [POSE in dataset.names, class_fields(dataset.names) is not None]
    return [*(reversed(kinds) if by_class else kinds), True].index(True)


def _other_slots(group: Group) -> Iterator[Note]:
    others = [slot.name for slot in group.slots if not slot.is_particles]
    if others:
        yield Note(
            f"The group has slots that are not of particles: {', '.join(others)}.",
            "Exports leave them as they are, and their files are not copied.",
        )
