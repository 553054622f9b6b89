"""What is known beside the open particles' own columns: fields on the sphere, numbers of each
particle that were worked out, the particles of other files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenview.core.binning import Binning, bin_particles
from evenview.core.density import Layer, row_means
from evenview.core.errors import UserError
from evenview.core.particles import Particles

Floats = NDArray[np.float64]

_MEAN = "The mean over the particles of each bin."
#: Axes that a value in between is made from.
_NEAR = 4


@dataclass(frozen=True, eq=False)
class Field:
    """A quantity on the sphere that comes from elsewhere, such as the resolution by direction.

    Attributes
    ----------
    key
        Its name in a plan: the quantity "field:KEY".
    title, unit
        For menus and the colour bar.
    axes
        (D, 3) unit vectors, of which opposite ones are the same.
    values
        (D,) at the axes.
    about
        What it is, in a sentence or two.
    loggable
        The values are positive by nature, so a log scale makes sense.
    """

    key: str
    title: str
    unit: str
    axes: Floats
    values: Floats
    about: str = ""
    loggable: bool = False

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(np.concatenate([self.axes, -self.axes]))

    def at(self, directions: Floats) -> Floats:
        """(N,) at directions (N, 3): the mean of the nearest axes, weighted by 1/distance²."""
        near = min(_NEAR, len(self.axes))
        distance, index = self._tree.query(directions, k=np.arange(1, near + 1))
        weight = 1.0 / np.square(np.maximum(distance, 1e-9))
        values = np.concatenate([self.values, self.values])[index]
        return np.asarray((weight * values).sum(axis=1) / weight.sum(axis=1))


@dataclass(frozen=True, eq=False)
class RowValues:
    """A number for each of the open particles that is in none of their columns.

    Attributes
    ----------
    key
        Its name in a plan: the quantity "rows:KEY".
    title, unit
        For menus and the colour bar.
    values
        (N,), NaN where there is none.
    span
        What they can be, lowest and highest, None where that is open.
    """

    key: str
    title: str
    unit: str
    values: Floats
    span: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Beside:
    """What a plan may name besides the columns of its own file.

    Attributes
    ----------
    fields
        By key.
    examples
        Particles of other files, by the path as a plan has it.
    rows
        Of the open particles, by key.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    examples: Mapping[str, Particles] = field(default_factory=dict)
    rows: Mapping[str, RowValues] = field(default_factory=dict)

    def layer(self, key: str, binning: Binning) -> Layer:
        """A field over the bins as shown. Raises `UserError` where there is none of that key."""
        if key not in self.fields:
            raise UserError(
                f"There is no field called {key!r}", hint="Open the half-maps that it comes from."
            )
        found = self.fields[key]
        values = found.at(binning.centers)
        values[binning.areas == 0] = np.nan
        return Layer(
            values,
            found.unit,
            found.title,
            loggable=found.loggable,
            trimmed=True,
            about=found.about,
        )

    def has_rows(self, key: str, particles: Particles) -> bool:
        """Whether there are such values of these particles."""
        return key in self.rows and len(self.rows[key].values) == len(particles)

    def mean(self, key: str, binning: Binning, particles: Particles) -> Layer:
        """The mean in each bin as shown. Raises `UserError` where there are no such values."""
        if not self.has_rows(key, particles):
            raise UserError(
                f"There are no values called {key!r} of these particles",
                hint="Do again what they come from.",
            )
        found = self.rows[key]
        mean = row_means(binning, found.values, particles)
        return Layer(mean, found.unit, found.title, about=_MEAN, span=found.span)

    def is_cut(self, path: str, binning: Binning) -> bool:
        """Whether `wanted` answers at once."""
        example = self.examples.get(path)
        return example is None or _cut(binning) in _known.get(example, {})

    def wanted(self, path: str, binning: Binning) -> Floats | None:
        """(B,) particles of an example in the bins to decide in; None where it is not open."""
        example = self.examples.get(path)
        return None if example is None else _binned(example, binning)


_known: WeakKeyDictionary[Particles, dict[tuple[str, str, str], Floats]] = WeakKeyDictionary()


def _binned(example: Particles, like: Binning) -> Floats:
    """(B,) an example cut as a binning is, kept for next time."""
    known = _known.setdefault(example, {})
    cut = _cut(like)
    if cut not in known:
        own = bin_particles(example, like.grid, like.group, like.look)
        known[cut] = own.decision_counts.astype(np.float64)
    return known[cut]


def _cut(binning: Binning) -> tuple[str, str, str]:
    return binning.grid.name, binning.group.name, binning.look


#: Nothing else is open.
NOTHING = Beside()
