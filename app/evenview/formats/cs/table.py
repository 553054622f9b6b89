"""The cells of a cryoSPARC file and its companion, and writing some of their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Part
from evenview.core.progress import Progress, share, silent
from evenview.core.record import Names
from evenview.formats.cs.base import NO_CHANGES, Changes
from evenview.formats.cs.companion import Companion, companion_path
from evenview.formats.cs.dataset import Dataset
from evenview.formats.output import atomic_writers
from evenview.formats.texts import shown, text_of

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
        field, index = self._place(name)
        column = self.numbers([field])[field]
        for i in index:
            column = column[:, i]
        with np.errstate(invalid="ignore"):  # a damaged file may have a NaN that signals
            return column.astype(np.float64)

    def _place(self, name: str) -> Place:
        if name not in self._places:
            raise UserError(
                f"there is no column of numbers called {name}",
                where=str(self.path),
                hint="Choose one of: " + ", ".join(self.numeric_columns[:8]) + ", ...",
            )
        return self._places[name]

    def numbers_type(self, field: str) -> np.dtype[Any]:
        """The type of one number of a field, in the file that it is read from."""
        return next(one.dtype[field].base for one in self.datasets if field in one.names)

    def names(self, field: str) -> Names | None:
        """The texts of a field, without the ">" before exported paths; None where there is none."""
        for dataset, rows in zip(self.datasets, self._rows_of_datasets(), strict=True):
            if field in dataset.names and dataset.dtype[field].kind == "S":
                texts, codes = dataset.words(field)
                if rows is not None:
                    codes = np.where(rows < 0, -1, codes[rows])
                return _names(texts, codes)
        return None

    def _rows_of_datasets(self) -> list[NDArray[np.int64] | None]:
        """For each of `datasets` its row for every row here; None for the same rows."""
        return [None, *(companion.rows for companion in self.companions)]

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
        self._run([job for path, kept in parts for job in self._jobs(path, kept)], progress)

    def write_changed(
        self, path: Path, changes: Mapping[str, NDArray[np.float64]], progress: Progress = silent
    ) -> tuple[Path, ...]:
        """Write all rows with other numbers in some columns; see `Changeable.write_changed`.

        A file may hold a copy of a field that is read from another. The copies change along where a
        file's copies of the changed fields all say what those say, and else stay: they are then
        another alignment (`differing` names them).
        """
        everything = np.ones(len(self), np.bool_)
        self._run(self._jobs(path, everything, self._by_dataset(changes)), progress)
        return self.targets(path)

    def differing(self, fields: Iterable[str]) -> dict[str, list[str]]:
        """Files that have copies of some fields with other numbers, and these fields."""
        found = {}
        for companion in self.companions:
            copies = self._copies(companion, fields)
            other = [name for name in copies if not self._is_same(companion, name)]
            if other:
                found[companion.dataset.path.name] = other
        return found

    def _copies(self, companion: Companion, fields: Iterable[str]) -> list[str]:
        """Those of `fields` that a companion has and another file gives."""
        own = self.fields_of(companion.dataset)
        return [name for name in fields if name in companion.dataset.names and name not in own]

    def _is_same(self, companion: Companion, field: str) -> bool:
        joined = companion.rows >= 0
        copy = companion.dataset.numbers([field])[field][companion.rows[joined]]
        values = self.numbers([field])[field][joined]
        numeric = copy.dtype.kind in "buif"
        return numeric and np.array_equal(copy, values, equal_nan=True)

    def _by_dataset(self, changes: Mapping[str, NDArray[np.float64]]) -> list[Changes]:
        """The changes in each of `datasets`, by its own rows."""
        fields: dict[str, dict[tuple[int, ...], NDArray[np.float64]]] = {}
        for name, numbers in changes.items():
            field, index = self._place(name)
            if numbers.shape != (len(self),):
                raise ValueError(f"{name} has shape {numbers.shape} for {len(self)} rows")
            _require_fit(numbers, self.numbers_type(field), name, self.path)
            fields.setdefault(field, {})[index] = numbers
        own = set(self.fields_of(self.dataset))
        found: list[Changes] = [{name: parts for name, parts in fields.items() if name in own}]
        return [*found, *(self._joined_changes(one, fields) for one in self.companions)]

    def _joined_changes(self, companion: Companion, fields: Changes) -> Changes:
        """The changes in a companion, by its rows: of what is read from it, and of true copies."""
        names = set(self.fields_of(companion.dataset))
        copies = self._copies(companion, fields)
        if all(self._is_same(companion, name) for name in copies):
            names |= set(copies)
        return {
            name: {index: _scattered(companion, numbers) for index, numbers in parts.items()}
            for name, parts in fields.items()
            if name in names
        }

    def _run(self, jobs: Sequence[Job], progress: Progress) -> None:
        """Write files, all of them or none."""
        with atomic_writers([path for path, _ in jobs], self.sources) as files:
            for i, (file, (_, write)) in enumerate(zip(files, jobs, strict=True)):
                write(file, share(progress, i, len(jobs)))
        progress(1.0, "Written")

    def _jobs(
        self, path: Path, kept: NDArray[np.bool_], changes: Sequence[Changes] = ()
    ) -> list[Job]:
        """Everything that is written for the rows kept (N,) when they go to `path`.

        `changes` are those in each of `datasets`, if there are any.
        """
        new = changes or [NO_CHANGES] * len(self.datasets)
        parts = zip(self._dataset_targets(path), self.datasets, self._masks(kept), new, strict=True)
        return [(target, _writer(dataset, mask, new)) for target, dataset, mask, new in parts]

    def _masks(self, kept: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Which rows of each file belong to the rows kept (N,)."""
        return [kept, *(_companion_mask(companion, kept) for companion in self.companions)]


def _companion_mask(companion: Companion, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    mask = np.zeros(len(companion.dataset), np.bool_)
    rows = companion.rows[kept]
    mask[rows[rows >= 0]] = True
    return mask


def _writer(
    dataset: Dataset, mask: NDArray[np.bool_], changes: Changes
) -> Callable[[BinaryIO, Progress], None]:
    return lambda file, progress: dataset.write(file, mask, progress, changes)


def _require_fit(numbers: NDArray[np.float64], kind: np.dtype[Any], name: str, path: Path) -> None:
    """Whole numbers in fields of such, and none too large for a field of 32-bit numbers."""
    said = numbers[~np.isnan(numbers)]
    with np.errstate(over="ignore", invalid="ignore"):
        stored = said.astype(kind).astype(np.float64)
    fit = np.isfinite(stored) if kind.kind == "f" else stored == said
    if not fit.all():
        raise UserError(
            f"{name} cannot be {said[~fit][0]:g}, which its type ({kind}) does not hold",
            where=str(path),
            hint="Give numbers of its kind.",
        )


def _scattered(companion: Companion, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers (N,) of the opened rows as those of a companion's; NaN in others of its rows."""
    joined = companion.rows >= 0
    out = np.full(len(companion.dataset), np.nan)
    out[companion.rows[joined]] = numbers[joined]
    return out


def _names(texts: Sequence[bytes], codes: NDArray[np.int64]) -> Names:
    """Names of texts and codes (N,) into them, -1 for none."""
    words = [text_of(text.removeprefix(b">")) for text in texts]
    known = Names.of(words)
    return Names(known.words, np.append(known.codes, -1)[codes])


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
        return shown(value)
    if isinstance(value, np.ndarray):
        return ", ".join(_text(part) for part in value.ravel())
    return str(value)
