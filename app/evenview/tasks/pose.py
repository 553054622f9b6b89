"""The same rotation in every convention."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import convention
from evenview.core.conventions import Convention, conventions, find_convention
from evenview.core.conventions.ambiguity import ambiguities
from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.words import counted
from evenview.tasks import pose_words
from evenview.tasks.pose_file import read_poses
from evenview.tasks.textfile import write_csv

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PoseRequest:
    """One rotation, or a file of them, in the convention of a name.

    Attributes
    ----------
    source
        A name or alias of `evenview.core.conventions`.
    numbers
        Of one rotation, in the convention's order; none where there is a file.
    path
        A text table with one pose a line.
    output
        Where the table of all conventions goes, if anywhere.
    """

    source: str
    numbers: tuple[float, ...] = ()
    path: Path | None = None
    output: Path | None = None


@dataclass(frozen=True, eq=False)
class PoseResult:
    """Rotations in every convention.

    Attributes
    ----------
    source, given
        The convention they came in, and their numbers (N, k) in it.
    quaternions
        (N, 4), (w, x, y, z) of A.
    places
        Where each row stands in its file, to be shown to people; empty for one rotation.
    output
        The table that was written.
    """

    source: Convention
    given: Array
    quaternions: Array
    places: tuple[str, ...] = ()
    output: Path | None = None

    def __len__(self) -> int:
        return len(self.quaternions)

    @cached_property
    def values(self) -> dict[str, Array]:
        """The numbers (N, k) of each convention, by its name."""
        q = self.quaternions
        return {name: about.from_quaternions(q) + 0.0 for name, about in conventions().items()}

    @cached_property
    def directions(self) -> Array:
        """(N, 3) directions of view in the map's frame."""
        return convention.directions(self.quaternions)

    @cached_property
    def view(self) -> Array:
        """(N, 3) azimuth, elevation and in-plane angle in degrees."""
        angles = convention.azimuth_elevation(self.directions)
        return np.column_stack([angles, convention.inplane(self.quaternions)])

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is not determined, or was mended, of each rotation; "" where nothing."""
        mended, open_ends = self.source.remarks(self.given), ambiguities(self.quaternions)
        parts = ((mended.get(i), open_ends.get(i)) for i in range(len(self)))
        return tuple("; ".join(filter(None, pair)) for pair in parts)

    def summary(self) -> str:
        if self.output is None:
            return pose_words.describe(self)
        return f"Wrote {counted(len(self), 'pose')} to {self.output}"

    def as_json(self) -> list[dict[str, Any]]:
        """One object a pose: the conventions' names, and what a viewer shows."""
        columns = {
            name: values.reshape(-1, *conventions()[name].shape or (values.shape[1],)).tolist()
            for name, values in self.values.items()
        }
        azimuth, elevation, inplane = self.view.T.tolist()
        columns |= {
            "direction": self.directions.tolist(),
            "azimuth": azimuth,
            "elevation": elevation,
            "inplane": inplane,
            "note": list(self.notes),
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def run(request: PoseRequest, progress: Progress = silent) -> PoseResult:
    """Convert, and write the table if one is wanted.

    Raises
    ------
    UserError
        The numbers are no rotation, do not fit the convention or cannot be read; the sentence says
        which line and column.
    """
    source = find_convention(request.source)
    if request.path is None:
        return _written(convert(source, [request.numbers]), request, progress)
    if request.numbers:
        raise UserError("numbers and --file are given", hint="Give one of the two.")
    table = read_poses(request.path, source)
    quaternions = source.read(table.values, table.place)
    places = tuple(f"line {line:,}" for line in table.lines.tolist())
    result = PoseResult(source, table.values, quaternions, places, request.output)
    return _written(result, request, progress)


def convert(source: Convention, values: ArrayLike) -> PoseResult:
    """Rotations (N, k) in one convention, in all. Raises `UserError` where one is none."""
    given = np.asarray(values, dtype=np.float64)
    return PoseResult(source, given, source.read(given))


def _written(result: PoseResult, request: PoseRequest, progress: Progress) -> PoseResult:
    if request.output is None:
        return result
    columns: dict[str, NDArray[Any]] = {}
    formats: list[str] = []
    for name, about in conventions().items():
        for number, column in zip(about.numbers, result.values[name].T, strict=True):
            columns[f"{name}_{number.name}"] = column
            formats.append("%.9f" if number.unit == "°" else "%.12f")
    columns |= {f"direction_{axis}": result.directions[:, i] for i, axis in enumerate("xyz")}
    columns |= dict(zip(("azimuth", "elevation", "inplane"), result.view.T, strict=True))
    columns["note"] = np.array(result.notes, dtype=object)
    row_format = ",".join([*formats, *["%.12f"] * 3, *["%.9f"] * 3, '"%s"']) + "\n"
    sources = () if request.path is None else (request.path,)
    write_csv(request.output, columns, row_format, sources, progress)
    return replace(result, output=request.output)
