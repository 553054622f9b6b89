"""One pose for each particle out of those of several classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import ClassNeededError, MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.progress import Progress
from evenview.core.words import counted
from evenview.formats.cs.fields import POSE, ClassFields, class_fields
from evenview.formats.cs.table import CsTable
from evenview.formats.numbering import truncated

Numbers = NDArray[Any]
Places = NDArray[np.int64]

#: What is read of the class that counts for a particle.
_LEAVES = ("pose", "split", "psize_A")


@dataclass(frozen=True, eq=False)
class ClassPoses:
    """The classes of a table, and which of them counts for each particle.

    Attributes
    ----------
    table, fields
        Where they come from.
    places
        (N,) int64: which of its K poses a particle has, -1 for none.
    known
        The classes of the table, as cryoSPARC numbers them.
    notes
        How it was chosen.
    """

    table: CsTable
    fields: ClassFields
    places: Places
    known: tuple[int, ...]
    notes: tuple[Note, ...]

    def columns(self, progress: Progress) -> dict[str, Numbers]:
        """Pose, split and pixel size of the class that counts, by the names of one class alone."""
        found = {f"alignments3D/{leaf}": self.column(leaf, progress) for leaf in _LEAVES}
        return {name: values for name, values in found.items() if values is not None}

    def numbers(self, progress: Progress) -> Places:
        """(N,) the class that counts for each particle, as cryoSPARC numbers them; -1 for none."""
        numbers = _numbers(self.table, self.fields, progress)
        of_row = np.broadcast_to(numbers, (len(self.places), numbers.shape[1]))
        return np.where(self.places < 0, -1, of_row[np.arange(len(self.places)), self.places])

    def column(self, leaf: str, progress: Progress) -> Numbers | None:
        """(N, ...) what a field says of the class that counts, NaN for none; None without it."""
        values = _by_class(self.table, self.fields, leaf, progress)
        if values is None or (leaf != "pose" and values.ndim == 1):
            return values
        picked = values[np.arange(len(values)), self.places]
        if (self.places < 0).any():
            picked = picked.astype(np.float64)
            picked[self.places < 0] = np.nan
        return picked


def class_poses(table: CsTable, chosen: int | None, progress: Progress) -> ClassPoses | None:
    """The classes of a table and the one that counts; None where one pose for all does.

    That is the class with the highest posterior, particle by particle, or everywhere the class
    `chosen`. Where the opened file has poses itself they go before those of its companions, and a
    field of one pose before those of several, unless a class is chosen.

    Raises
    ------
    UserError
        A class is chosen and there is none of that number.
    ClassNeededError
        None is chosen, and there are no posteriors.
    MalformedFileError
        The fields of the classes do not have the shape of such.
    """
    fields = _fields(table, chosen is not None)
    if fields is None:
        if chosen is not None:
            raise UserError(
                "the file does not have poses for several classes, so none can be chosen",
                where=str(table.path),
                hint="Open it without a class.",
            )
        return None
    numbers = _numbers(table, fields, progress)
    known = tuple(_known(numbers).tolist())
    best, best_notes = _best(table, fields, numbers, progress)
    if chosen is None:
        if best is None:
            raise ClassNeededError(
                f"the file has poses for {numbers.shape[1]} classes ({fields.title}) and no "
                "posteriors that would say which of them counts",
                known,
                where=str(table.path),
            )
        return ClassPoses(table, fields, best, known, best_notes)
    places, notes = _chosen(table, numbers, chosen, best)
    return ClassPoses(table, fields, places, known, notes)


def _fields(table: CsTable, wanted: bool) -> ClassFields | None:
    """The fields of several classes, if these are what counts; a class may be in any file."""
    for dataset in table.datasets:
        if POSE in dataset.names and not wanted:
            return None
        if class_fields(dataset.names):
            return class_fields({name for other in table.datasets for name in other.names})
    return None


def _by_class(table: CsTable, fields: ClassFields, leaf: str, progress: Progress) -> Numbers | None:
    """A field of all classes, (N, K, ...), or (N,) where they have it in common; None without."""
    names = fields.names(leaf)
    if not all(table.has(name) for name in names):
        return None
    columns = table.numbers(names, progress)
    if not fields.numbers:
        return columns[names[0]]
    if len({values.shape for values in columns.values()}) > 1:
        raise MalformedFileError(
            f"{fields.title}/{leaf} has not the same shape for every class", where=str(table.path)
        )
    return np.stack([columns[name] for name in names], axis=1)


def _numbers(table: CsTable, fields: ClassFields, progress: Progress) -> Places:
    """(N, K) or (1, K): the class of each pose, as cryoSPARC numbers them."""
    if fields.numbers:
        return np.array([fields.numbers])
    shape = _shape(table, f"{fields.prefixes[0]}/pose")
    if len(shape) != 2 or shape[1] != 3 or shape[0] == 0:
        raise MalformedFileError(
            f"{fields.prefixes[0]}/pose has cells of shape {shape}, where rotation vectors of "
            "several classes have (classes, 3)",
            where=str(table.path),
        )
    said = _by_class(table, fields, "class", progress)
    if said is None or said.shape[1:] != shape[:1]:
        return np.arange(shape[0])[None]
    return truncated(said, -1)


def _shape(table: CsTable, name: str) -> tuple[int, ...]:
    return next(one.dtype[name].shape for one in table.datasets if name in one.names)


def _best(
    table: CsTable, fields: ClassFields, numbers: Places, progress: Progress
) -> tuple[Places | None, tuple[Note, ...]]:
    """(N,) the place of the highest posterior, -1 where none is a number, and what to know."""
    n_classes = numbers.shape[1]
    posteriors = _by_class(table, fields, "class_posterior", progress)
    if posteriors is None:
        return (np.zeros(len(table), np.int64), ()) if n_classes == 1 else (None, ())
    if posteriors.shape != (len(table), n_classes):
        raise MalformedFileError(
            f"{fields.title} has poses for {n_classes} classes and posteriors for another number",
            where=str(table.path),
        )
    posteriors = np.where(np.isnan(posteriors), -np.inf, posteriors)
    best = posteriors.argmax(axis=1)
    top = posteriors.max(axis=1)
    best[np.isneginf(top)] = -1
    tied = int(np.count_nonzero(((posteriors == top[:, None]).sum(axis=1) > 1) & (best >= 0)))
    return best, tuple(_best_notes(fields, numbers, best, tied))


def _best_notes(fields: ClassFields, numbers: Places, best: Places, tied: int) -> Iterator[Note]:
    counts = _counts(numbers, best)
    listed = ", ".join(f"{number}: {count:,}" for number, count in counts.items())
    yield Note(
        f"Every particle has poses for {numbers.shape[1]} classes ({fields.title}).",
        f"The one of its most probable class is shown. Particles by class: {listed}.",
    )
    if tied:
        yield Note(
            f"{counted(tied, 'particle has', 'particles have')} the same highest posterior for "
            "several classes.",
            "The first of these classes counts.",
        )


def _chosen(
    table: CsTable, numbers: Places, chosen: int, best: Places | None
) -> tuple[Places, tuple[Note, ...]]:
    """(N,) the place of the chosen class, -1 where a particle has no pose for it."""
    is_chosen = np.broadcast_to(numbers == chosen, (len(table), numbers.shape[1]))
    places = np.where(is_chosen.any(axis=1), is_chosen.argmax(axis=1), -1)
    if (places < 0).all():
        raise UserError(
            f"there is no class {chosen} in the file",
            where=str(table.path),
            hint=f"Choose one of: {_listed(numbers)}.",
        )
    meaning, others = "Every particle is there, whichever class it is most probably of.", True
    if best is not None:
        own = int(np.count_nonzero((best == places) & (places >= 0)))
        meaning = (
            f"It is the most probable class of {own:,} of the {counted(len(table), 'particle')}."
        )
        others = own < len(table)
        meaning += " The others have these poses, too." * others
    return places, (Note(f"The poses are those of class {chosen}.", meaning, warns=others),)


def _counts(numbers: Places, best: Places) -> dict[int, int]:
    """How many particles have each class as their best."""
    of_row = np.broadcast_to(numbers, (len(best), numbers.shape[1]))
    found = of_row[np.arange(len(best)), best][best >= 0]
    return {int(number): int(np.count_nonzero(found == number)) for number in _known(numbers)}


def _known(numbers: Places) -> Places:
    known = np.unique(numbers)
    return known[known >= 0]


def _listed(numbers: Places) -> str:
    return ", ".join(map(str, _known(numbers).tolist()))
