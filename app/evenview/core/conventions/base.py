"""What a convention is: the numbers by which a package says a rotation, and how to read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core.conventions.twice import like_twice, twice_in_words
from evenview.core.errors import UserError

Array = NDArray[np.float64]


class Number(NamedTuple):
    """One number of a convention.

    `unit` is "°", "rad" or "" (a plain number). `labels` are what files call it, in lower case.
    """

    name: str
    unit: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What must be true of the numbers for them to be a rotation.

    Attributes
    ----------
    measure
        (N, k) numbers to (N,): how far each row is off.
    limit, broken
        Above the limit a row is refused, with the sentence; ``{0}`` in it is the measure.
    notable, noted
        Above this a row is taken with a note.
    hint
        What to do.
    """

    measure: Callable[[Array], Array]
    limit: float
    broken: str
    notable: float = np.inf
    noted: str = ""
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Convention:
    """How a package writes rotations as numbers.

    Attributes
    ----------
    name
        The word of ``evenview pose --from`` and of JSON keys: "relion".
    title, packages
        For people: "RELION", and every program that writes rotations so.
    numbers
        The numbers of one rotation, in the order in which they are given.
    formula
        A by these numbers; Rx, Ry and Rz are right-handed turns of vectors.
    degenerate
        Where different numbers are the same rotation, and which are then chosen.
    precision
        How many digits the package keeps.
    source
        Package and file that the formula was read from, or what it was checked with.
    to_quaternions, from_quaternions
        (N, k) numbers to (N, 4) quaternions (w, x, y, z) of A, and back.
    place
        Position in tables.
    aliases
        Other words for it.
    shape
        How the numbers of one rotation are laid out in JSON; a plain list where empty.
    view
        Of Euler angles: which of `numbers` turns the view about Z, tilts it, turns the image.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    numbers: tuple[Number, ...]
    formula: str
    degenerate: str
    precision: str
    source: str
    to_quaternions: Callable[[Array], Array]
    from_quaternions: Callable[[Array], Array]
    place: int
    aliases: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    shape: tuple[int, ...] = ()
    view: tuple[int, int, int] = (0, 1, 2)

    @property
    def order(self) -> str:
        """The names of the numbers, as they are given."""
        return " ".join(number.name for number in self.numbers)

    def columns_of(self, headings: Sequence[str]) -> list[int | None]:
        """Where among headings, in lower case, each of the numbers is; None where it is not."""
        return [self._column_of(number, headings) for number in self.numbers]

    def _column_of(self, number: Number, headings: Sequence[str]) -> int | None:
        for name in (f"{self.name}_{number.name}", number.name, *number.labels):
            if name in headings:
                return headings.index(name)
        return None

    def read(self, values: ArrayLike, place: Callable[[int], str] = lambda _: "") -> Array:
        """Rotations of numbers, or one sentence about the first row that is none.

        Parameters
        ----------
        values
            (N, k) in the order of `numbers`.
        place
            Row to where it stands ("poses.csv, line 3"), for the sentence.

        Returns
        -------
        (N, 4) float64, (w, x, y, z) of A.

        Raises
        ------
        UserError
            The count of numbers does not fit; one is not finite; a rule is broken.
        """
        rows = np.asarray(values, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.numbers):
            self.expect(rows.shape[-1] if rows.ndim else 1, place(0))
        self._require_finite(rows, place)
        for rule in self.rules:
            off = rule.measure(rows)
            for row in np.flatnonzero(~(off <= rule.limit))[:1].tolist():
                sentence = rule.broken.format(float(off[row]))
                raise UserError(sentence, where=place(row), hint=rule.hint)
        return self.to_quaternions(rows)

    def expect(self, count: int, where: str = "") -> None:
        """Raise `UserError` unless `count` numbers are a rotation of this convention."""
        wanted = len(self.numbers)
        if count == wanted:
            return
        given = "1 number is" if count == 1 else f"{count or 'no'} numbers are"
        raise UserError(
            f"{given} given, but a rotation of {self.title} has {wanted}",
            where=where,
            hint=f"Give {self.order}, in this order.",
        )

    def remarks(self, values: ArrayLike) -> dict[int, str]:
        """Rows of numbers (N, k) that were taken, but are not quite as they should be: why."""
        rows = np.asarray(values, dtype=np.float64)
        found: dict[int, str] = {}
        for rule in self.rules:
            off = rule.measure(rows)
            for row in np.flatnonzero(off > rule.notable).tolist():
                found[row] = rule.noted.format(float(off[row]))
        return self._twice(rows) | found

    def _twice(self, rows: Array) -> dict[int, str]:
        in_degrees = [k for k, number in enumerate(self.numbers) if number.unit == "°"]
        angles = rows[:, in_degrees]
        cells = np.argwhere(like_twice(angles)).tolist()
        return {row: twice_in_words(angles[row, k]) for row, k in reversed(cells)}

    def _require_finite(self, rows: Array, place: Callable[[int], str]) -> None:
        for row, column in np.argwhere(~np.isfinite(rows))[:1].tolist():
            number = self.numbers[column].name
            raise UserError(
                f"{number} is {rows[row, column]:g}, which is not a finite number",
                where=place(row),
                hint="Leave out particles that have no pose.",
            )


def euler(*names: str, labels: tuple[tuple[str, ...], ...] = ()) -> tuple[Number, ...]:
    """Angles in degrees, each with what files call it."""
    each = labels or ((),) * len(names)
    return tuple(Number(name, "°", label) for name, label in zip(names, each, strict=True))


def columns(convert: Callable[..., Array]) -> Callable[[Array], Array]:
    """A conversion that takes each number as a column of its own, made to take rows."""
    return lambda rows: convert(*rows.T)


def unit_length(first: int, last: int, what: str) -> Rule:
    """The rule that numbers `first` to `last` (excluded) are a vector that is not 0."""

    def off(rows: Array) -> Array:
        vectors = rows[:, first:last]
        size = np.abs(vectors).max(axis=1, initial=0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.linalg.norm(vectors / size[:, None], axis=1)
            logarithm: Array = np.abs(np.log(size) + np.log(part))
        return logarithm

    return Rule(
        measure=off,
        limit=np.finfo(np.float64).max,
        broken=f"the {what} has length 0 and is no rotation",
        notable=1e-3,
        noted=f"the {what} is not of length 1 and was brought to it",
    )


def to_unit(vectors: Array) -> Array:
    """(N, k) vectors, none of them 0, brought to length 1."""
    part = vectors / np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(part / np.linalg.norm(part, axis=1, keepdims=True))
