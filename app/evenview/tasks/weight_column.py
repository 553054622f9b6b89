"""The column that weights of particles are written to, and what becomes of numbers there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.formats.base import Changeable, Extendable, WeightColumn, Weighted
from evenview.tasks.described import format_of

Floats = NDArray[np.float64]

#: What is done where the column holds other numbers than those of a weight of 1.
Present = Literal["refuse", "multiply", "replace"]
PRESENT: tuple[Present, ...] = get_args(Present)

_INSTEAD = "Leave out --as-weights to thin instead"


@dataclass(frozen=True)
class Weighting:
    """That weights are written: the column, "" for that of the format's programs, and what becomes
    of weights that it holds already."""

    column: str = ""
    present: Present = "refuse"


def column_of(particles: Particles, name: str = "") -> WeightColumn:
    """The column of a name, or the one that programs of the file's format take weights from.

    Raises `UserError` where no program does, and where the column can be neither changed nor added.
    """
    table, form = particles.table, format_of(particles)
    own = form.weight_column(particles) if isinstance(form, Weighted) else None
    if isinstance(table, Extendable):
        name = name.removeprefix("_")
    if own is not None and name in ("", own.name):
        column = own
    elif name:
        column = WeightColumn(name)
    else:
        other = ", or name a column with --weight-column" if _may_have_any(particles) else ""
        raise UserError(
            f"no program that reads this format ({table.format_name}) is known to take a weight "
            "per particle",
            where=str(table.path),
            hint=f"{_INSTEAD}{other}.",
        )
    _require_writable(particles, column)
    return column


def is_there(particles: Particles, column: WeightColumn) -> bool:
    """Whether the file has the column, as one of numbers."""
    return column.name in particles.table.numeric_columns


def uncounted(particles: Particles) -> str | None:
    """What to be told of weights that a file holds where every particle counts alike; None where it
    holds none that differ."""
    try:
        form = format_of(particles)
    except UserError:  # the file is gone since; what is open of it can be scored all the same
        return None
    column = form.weight_column(particles) if isinstance(form, Weighted) else None
    if column is None or not is_there(particles, column):
        return None
    there = particles.table.numeric(column.name)
    there = there[np.isfinite(there)]
    if not there.size or there.min() == there.max():
        return None
    low, high = float(there.min()), float(there.max())
    return (
        f"The file has weights of particles from {low:.3g} to {high:.3g} in {column.name}; here "
        "every particle counts alike."
    )


def write(
    particles: Particles,
    column: WeightColumn,
    weights: Floats,
    present: Present,
    path: Path,
    progress: Progress = silent,
) -> str:
    """Write all particles with their weights (N,) in a column; says what became of it, in words.

    A weight of 1 is what the programs take for it. Where the column holds weights already, of
    particles with a pose other numbers than that, `present` says whether they are multiplied or
    replaced; those of rows without a pose stay. Every other byte of the file stays.

    Raises `UserError` where such weights are there and `present` is "refuse".
    """
    table = particles.table
    if not is_there(particles, column):
        assert isinstance(table, Extendable)
        table.write_extended(path, column.name, column.whole * weights, progress)
        return "a new column"
    assert isinstance(table, Changeable)
    old = table.numeric(column.name)
    plain = bool((old[particles.placed] == column.whole).all())
    if not plain and present == "refuse":
        raise _holds_weights(particles, column, old[particles.placed])
    if plain or present == "multiply":
        numbers = old * weights
    else:
        numbers = np.where(particles.placed, column.whole * weights, np.nan)
    table.write_changed(path, {column.name: numbers}, progress)
    if plain:
        return f"{column.whole:g} in every row before"
    return (
        "numbers there were multiplied" if present == "multiply" else "numbers there were replaced"
    )


def _may_have_any(particles: Particles) -> bool:
    return isinstance(particles.table, Extendable)


def _require_writable(particles: Particles, column: WeightColumn) -> None:
    table = particles.table
    if is_there(particles, column):
        if isinstance(table, Changeable):
            return
        what = f"a file of this format ({table.format_name}) cannot be written with other numbers"
    elif column.name in table.cells(0):
        what = f"{column.name} is a column of text, which holds no weights"
    elif isinstance(table, Extendable):
        return
    else:
        what = f"the file has no column {column.name}, and none can be added to {table.format_name}"
    raise UserError(what, where=str(table.path), hint=f"{_INSTEAD}.")


def _holds_weights(particles: Particles, column: WeightColumn, there: Floats) -> UserError:
    span = f"{np.nanmin(there):.6g} to {np.nanmax(there):.6g}" if there.size else "nothing"
    return UserError(
        f"the column {column.name} is there already, with numbers from {span}",
        where=str(particles.table.path),
        hint="Say --column-there multiply where they are weights that are to count, too, or "
        "--column-there replace.",
    )
