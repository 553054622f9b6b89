"""The cells of a cryoSPARC file and its companion, and writing some of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Part
from evenview.core.progress import Progress, share, silent
from evenview.formats.cs.companion import Companion, companion_path
from evenview.formats.cs.dataset import Dataset
from evenview.formats.output import atomic_writers

Numbers = NDArray[Any]
Place = tuple[str, tuple[int, ...]]

#: A file to write, and what writes it.
Job: TypeAlias = tuple[Path, Callable[[BinaryIO, Progress], None]]


@dataclass(frozen=True, eq=False)
class CsTable:
    """A cryoSPARC dataset with the companions that were joined to it by uid (a `Table`)."""

    dataset: Dataset
    companions: tuple[Companion, ...] = ()

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self.dataset.path

    @property
    def format_name(self) -> str:
        """The format in words."""
        return self.dataset.form

    @property
    def sources(self) -> tuple[Path, ...]:
        """The file that was opened, then its companions."""
        return tuple(dataset.path for dataset in self.datasets)

    @property
    def companion(self) -> Companion | None:
        """The first companion; a .cs file has no more than one."""
        return self.companions[0] if self.companions else None

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The dataset that says which rows there are, then those of its companions."""
        return (self.dataset, *(companion.dataset for companion in self.companions))

    @cached_property
    def _places(self) -> dict[str, Place]:
        places: dict[str, Place] = {}
        for dataset in self.datasets:
            for name in self.fields_of(dataset):
                for component, index in _components(name, dataset.dtype[name]):
                    places.setdefault(component, (name, index))
        return places

    def fields_of(self, dataset: Dataset) -> tuple[str, ...]:
        """The fields read from `dataset`: where two files have one, that of the first counts."""
        before = self.datasets[: self.datasets.index(dataset)]
        return tuple(name for name in dataset.names if not any(name in d.names for d in before))

    def has(self, field: str) -> bool:
        """Whether one of the files has the field."""
        return any(field in dataset.names for dataset in self.datasets)

    def numbers(self, names: Sequence[str], progress: Progress = silent) -> dict[str, Numbers]:
        """Fields (N, ...), NaN in rows that a companion lacks; unknown ones left out.

        They are in the file's own types (to spare memory), a companion's in float64.
        """
        out = self._own_numbers(self.dataset, names, progress)
        for companion in self.companions:
            for name, values in self._own_numbers(companion.dataset, names, progress).items():
                joined = values[companion.rows].astype(np.float64)
                joined[companion.rows < 0] = np.nan
                out[name] = joined
        return out

    def _own_numbers(
        self, dataset: Dataset, names: Sequence[str], progress: Progress
    ) -> dict[str, Numbers]:
        here = [name for name in self.fields_of(dataset) if name in names]
        _require_numbers(dataset, here)
        return dataset.numbers(here, progress)

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """Number fields, a sub-array by parts ("alignments3D/shift[0]"); no 64-bit identifiers."""
        return tuple(self._places)

    def __len__(self) -> int:
        return len(self.dataset)

    def numeric(self, name: str) -> NDArray[np.float64]:
        """One column, (N,), NaN in rows that the companion lacks."""
        if name not in self._places:
            raise UserError(
                f"there is no column of numbers called {name}",
                where=str(self.path),
                hint="Choose one of: " + ", ".join(self.numeric_columns[:8]) + ", ...",
            )
        field, index = self._places[name]
        column = self.numbers([field])[field]
        for i in index:
            column = column[:, i]
        return column.astype(np.float64)

    def cells(self, row: int) -> Mapping[str, str]:
        """One row as text, the companions' fields after the file's own."""
        cells = _texts(self.dataset, row, self.dataset.names)
        for companion in self.companions:
            if (place := int(companion.rows[row])) >= 0:
                other = companion.dataset
                cells |= _texts(other, place, self.fields_of(other))
        return cells

    def targets(self, path: Path) -> tuple[Path, ...]:
        """The file itself, then those of its companions, whose names `companion_path` says."""
        return self._dataset_targets(path)

    def _dataset_targets(self, path: Path) -> tuple[Path, ...]:
        """The file of each of `datasets`."""
        return (path, *(companion_path(path, dataset.path) for dataset in self.datasets[1:]))

    def write(
        self, path: Path, kept: NDArray[np.bool_], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write one part and return the files written."""
        self.write_parts([(path, kept)], progress)
        return self.targets(path)

    def write_parts(self, parts: Sequence[Part], progress: Progress = silent) -> None:
        """Write the rows of each part, each in the form of its file, and their companions.

        The rows of the same uids go to a companion's file, in its own order of rows.
        """
        jobs = [job for path, kept in parts for job in self._jobs(path, kept)]
        with atomic_writers([path for path, _ in jobs], self.sources) as files:
            for i, (file, (_, write)) in enumerate(zip(files, jobs, strict=True)):
                write(file, share(progress, i, len(jobs)))
        progress(1.0, "Written")

    def _jobs(self, path: Path, kept: NDArray[np.bool_]) -> list[Job]:
        """Everything that is written for the rows kept (N,) when they go to `path`."""
        parts = zip(self._dataset_targets(path), self.datasets, self._masks(kept), strict=True)
        return [(target, _writer(dataset, mask)) for target, dataset, mask in parts]

    def _masks(self, kept: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Which rows of each file belong to the rows kept (N,)."""
        return [kept, *(_companion_mask(companion, kept) for companion in self.companions)]


def _companion_mask(companion: Companion, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    mask = np.zeros(len(companion.dataset), np.bool_)
    rows = companion.rows[kept]
    mask[rows[rows >= 0]] = True
    return mask


def _writer(dataset: Dataset, mask: NDArray[np.bool_]) -> Callable[[BinaryIO, Progress], None]:
    return lambda file, progress: dataset.write(file, mask, progress)


def _require_numbers(dataset: Dataset, names: list[str]) -> None:
    for name in names:
        if dataset.dtype[name].base.kind not in "buif":
            raise MalformedFileError(
                f"the field {name} is {dataset.dtype[name].base}, not numbers",
                where=str(dataset.path),
                hint="Export the particles from cryoSPARC again.",
            )


def _components(name: str, dtype: np.dtype[np.generic]) -> list[tuple[str, tuple[int, ...]]]:
    """Column names of a field with their indices in it; none for text and 64-bit identifiers."""
    base = dtype.base
    if base.kind not in "buif" or (base.kind == "u" and base.itemsize == 8):
        return []
    if not dtype.shape:
        return [(name, ())]
    return [
        (f"{name}[{','.join(str(i) for i in index)}]", index) for index in np.ndindex(dtype.shape)
    ]


def _texts(dataset: Dataset, row: int, names: tuple[str, ...]) -> dict[str, str]:
    values = dataset.row(row)
    return {name: _text(values[name]) for name in names}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return ", ".join(_text(part) for part in value.ravel())
    return str(value)
