"""A cryoSPARC dataset, with its companion, as the rules see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenview.checks.sheet import Floats, Halves, Images, Keys, joined
from evenview.formats.cs.companion import POSE, SPLIT
from evenview.formats.cs.dataset import Dataset
from evenview.formats.cs.table import CsTable

PATH, INDEX = "blob/path", "blob/idx"


@dataclass(frozen=True, eq=False)
class CsSheet:
    """The fields of a .cs file and its companion (`Sheet`)."""

    table: CsTable

    def __len__(self) -> int:
        return len(self.table)

    def has(self, *names: str) -> bool:
        return all(self.table.has(name) for name in names)

    def numbers(self, name: str) -> Floats:
        """A field of numbers, (N, ...), NaN in rows the companion lacks."""
        with np.errstate(invalid="ignore", over="ignore"):  # damaged numbers are for the rules
            return self.table.numbers([name])[name].astype(np.float64)

    def angles(self) -> Floats | None:
        poses = self.numbers(POSE) if self.has(POSE) else None
        return poses if poses is not None and poses.ndim == 2 and poses.shape[1] == 3 else None

    def halves(self) -> Halves | None:
        values = self.numbers(SPLIT) if self.has(SPLIT) else None
        return Halves(SPLIT, values, (0, 1)) if values is not None and values.ndim == 1 else None

    def images(self) -> Images | None:
        keys = _image_keys(self.table.dataset)
        if keys is not None:
            return Images(f"{PATH} and {INDEX}", keys)
        companion = self.table.companion
        theirs = _image_keys(companion.dataset) if companion is not None else None
        if companion is None or theirs is None or companion.n_missing:
            return None
        return Images(f"{PATH} and {INDEX}", theirs[companion.rows])

    def place(self, row: int) -> str:  # noqa: ARG002 - a binary file has no lines
        return ""

    def column(self, name: str) -> str:
        return name


def _image_keys(dataset: Dataset) -> Keys | None:
    """A key for each image, (N,), None where the fields are not there."""
    if PATH not in dataset.names or INDEX not in dataset.names:
        return None
    paths, indices = dataset.dtype[PATH], dataset.dtype[INDEX]
    if paths.kind != "S" or indices.kind not in "ui" or paths.shape or indices.shape:
        return None
    from evenview.core.kernels import cells

    keys = np.empty(len(dataset), dtype=np.uint64)
    for start, rows in dataset.chunks():
        texts = np.ascontiguousarray(rows[PATH]).view(np.uint8).reshape(len(rows), -1)
        part = keys[start : start + len(rows)]
        cells.text_keys(texts, part)
        part[:] = joined(part, rows[INDEX])
    return keys
