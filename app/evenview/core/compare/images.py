"""Which rows are of the same image: its number, from 0 or from 1, and the name of its stack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core.compare.keys import READINGS, codes_of, in_common, most_in_common, paired
from evenview.core.compare.matched import MORE, Matches
from evenview.core.record import Images, Record

Whole = NDArray[np.int64]


def by_image(a: Record, b: Record) -> Matches | str:
    """The rows of the same image, by its number and its stack; or why there cannot be any."""
    for name, record in (("A", a), ("B", b)):
        if record.images is None:
            return f"{name} does not say which images its particles are"
    images = (_from_one(a.images), _from_one(b.images))
    (first, note_a), (second, note_b) = images
    notes = tuple(
        f"{name} counts images from 0." for name, n in (("A", note_a), ("B", note_b)) if n
    )
    if not _named(first) or not _named(second):
        if _stacks(first) > 1 or _stacks(second) > 1:
            return "only one of the files names the stacks that its images are in"
        return _by_number(first, second, notes)
    return _by_stack(first, second, notes)


def _by_number(a: Images, b: Images, notes: tuple[str, ...]) -> Matches:
    rows_a, rows_b, more = paired(_known(a.index), _known(b.index), "image number")
    return Matches(rows_a, rows_b, "image", "by the number of the image", (*notes, *more))


def _by_stack(a: Images, b: Images, notes: tuple[str, ...]) -> Matches:
    assert a.stacks is not None
    assert b.stacks is not None
    best: Matches | None = None
    for reading in READINGS:
        if best is not None and most_in_common(a.stacks, b.stacks) <= len(best) * (1 + MORE):
            break
        codes_a, codes_b = codes_of(a.stacks, b.stacks, reading.short)
        if best is not None and in_common(codes_a, codes_b) <= len(best) * (1 + MORE):
            continue
        found = _at_any_base(codes_a, a.index, codes_b, b.index, reading.words, notes)
        if best is None or len(found) > len(best) * (1 + MORE):
            best = found
    assert best is not None
    return best


def _at_any_base(
    codes_a: Whole, index_a: Whole, codes_b: Whole, index_b: Whole, words: str, notes: Sequence[str]
) -> Matches:
    """The matches with the numbers as they stand, or one apart where that finds more."""
    best: Matches | None = None
    for step in (0, 1, -1):
        # Single images that are files of their own have no numbers, but their name.
        one, other = _image_keys(codes_a, index_a, 0), _image_keys(codes_b, index_b, step)
        rows_a, rows_b, more = paired(one, other, "image")
        told = f"by image, number and {words} of the stack"
        if step:
            low = "B" if step > 0 else "A"
            more = (f"{low} counts images from 0, the other file from 1.", *more)
        found = Matches(rows_a, rows_b, "image", told, (*notes, *more))
        if best is None or len(found) > len(best) * (1 + MORE):
            best = found
        if len(best) >= (1 - MORE) * min(len(one), len(other)):
            break
    assert best is not None
    return best


def _image_keys(codes: Whole, index: Whole, step: int) -> Whole:
    return np.where(codes < 0, -1, (codes << 32) + np.where(index > 0, index + step, 0))


def _known(index: Whole) -> Whole:
    return np.where(index > 0, index, -1)


def _named(images: Images) -> bool:
    return images.stacks is not None and bool((images.stacks.codes >= 0).any())


def _stacks(images: Images) -> int:
    return 0 if images.stacks is None else len(np.unique(images.stacks.codes))


def _from_one(images: Images | None) -> tuple[Images, bool]:
    """Images whose numbers count from 1, and whether they counted from 0.

    A number of 0 means "none" where all are 0 (images that are files of their own); among others it
    is the first of a stack that is counted from 0.
    """
    assert images is not None
    of_stacks = images.index if images.stacks is None else images.index[images.stacks.codes >= 0]
    from_zero = bool((of_stacks == 0).any() and (of_stacks > 0).any())
    return (Images(images.index + 1, images.stacks), True) if from_zero else (images, False)
