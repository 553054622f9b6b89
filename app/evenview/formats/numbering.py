"""Particles, classes and names that a file has only numbers for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.record import Images, Names, Record

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_MOST_WHOLE = 2.0**53  # beyond it not every whole number is a float


def whole(column: Floats) -> tuple[Whole, bool]:
    """The numbers of a column that are whole and positive, 0 for others, and whether all fit.

    Zeros fit: they are how files say "none".
    """
    fits = (column >= 0) & (column < _MOST_WHOLE) & (column == np.floor(column))
    return np.where(fits, column, 0).astype(np.int64), bool(fits.all())


def truncated(column: Floats, instead: int = 0) -> Whole:
    """Numbers without their fractions, `instead` for those that no whole number stands for."""
    return np.where(np.abs(column) < _MOST_WHOLE, column, instead).astype(np.int64)


def names_of(column: Floats) -> Names:
    """The numbers of a column as names, whole ones without a point; 0 and NaN are none."""
    values, codes = np.unique(column, return_inverse=True)
    named = np.isfinite(values) & (values != 0)
    places = np.where(named, np.cumsum(named) - 1, -1)
    return Names(tuple(f"{value:.15g}" for value in values[named]), places[codes].astype(np.int64))


def numbers_of_names(names: Names | None, column: str) -> tuple[Whole | None, tuple[str, ...]]:
    """A number (N,) a name, 0 for none, and words for what the numbers stand for.

    Names that are whole numbers as such ("7", not "007") stay; others are numbered from 1 as they
    come.
    """
    if names is None:
        return None, ()
    used, codes = np.unique(names.codes[names.codes >= 0], return_inverse=True)
    words = [names.words[code] for code in used.tolist()]
    numbers, told = _numbers(words)
    out = np.zeros(len(names), dtype=np.int64)
    out[names.codes >= 0] = numbers[codes]
    return out, tuple(f"{column}: {words}" for words in told)


def _numbers(words: list[str]) -> tuple[Whole, list[str]]:
    if all(map(_is_number, words)):
        return np.array([int(word) for word in words], dtype=np.int64), []
    several = f"numbers 1 to {len(words)} stand" if len(words) > 1 else "1 stands"
    told = f"{several} for {', '.join(words)}"
    return np.arange(1, len(words) + 1), [told] if words else []


def _is_number(word: str) -> bool:
    """Whether a number says the whole word again, and is not 0, which is none."""
    return word.isascii() and word.isdigit() and len(word) < 8 and not word.startswith("0")


def particle_numbers(record: Record, column: str) -> tuple[Whole, tuple[str, ...]]:
    """The numbers (N,) of the images where each has its own, else those of the rows; words."""
    images = record.images
    if images is None:
        return _row_numbers(record), (f"{column}: the number of the row",)
    known = images.index > 0
    if known.all() and len(np.unique(images.index)) == len(images.index):
        return images.index, ()
    told = f"{column}: the number of the row, since the image numbers are not unique"
    return _row_numbers(record), (told,)


def image_words(images: Images | None, numbers: Whole) -> tuple[str, ...]:
    """Words for what `numbers` (N,) in the place of image references do not say."""
    if images is None:
        return ()
    if not np.array_equal(images.index, numbers):
        return ("image references",)
    return ("names of the image stacks",) if images.stacks is not None else ()


def _row_numbers(record: Record) -> Whole:
    return np.arange(1, len(record) + 1)
