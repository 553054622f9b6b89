"""Shifts in pixels where Å belong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenview.checks.base import Found, Rule
from evenview.checks.edits import Edits
from evenview.checks.sheet import Floats
from evenview.checks.star_sheet import StarSheet
from evenview.checks.subject import Subject
from evenview.formats.relion.labels import GROUP, IMAGE_PIXEL

_LABELS = ("rlnOriginX", "rlnOriginY", "rlnOriginZ")


def _look(subject: Subject) -> Iterator[Found]:
    star = subject.star
    if star is None or star.optics is None:
        return
    pixels = [label for label in _LABELS if star.has(label)]
    alone = [label for label in pixels if not star.has(f"{label}Angst")]
    if not pixels:
        return
    where = ", ".join(star.column(label) for label in pixels)
    if not alone:
        yield Found("the shifts stand in Å and in pixels too", where, len(star), "note", _LEAVE)
        return
    yield Found(
        "the shifts are in pixels in a file with optics groups",
        where,
        len(star),
        fix=_fix(star, alone),
    )


_LEAVE = "RELION reads those in Å; remove the others to be clear."


def _fix(star: StarSheet, labels: list[str]) -> Edits | None:
    """Rename the columns and multiply their cells by the pixel size; None where it is not known."""
    sizes = _pixel_sizes(star)
    if sizes is None or star.faults:
        return None
    parts = [_header(star, labels), *(_cells(star, label, sizes) for label in labels)]
    if any(part is None for part in parts):
        return None
    whole = [part for part in parts if part is not None]
    return Edits(
        np.concatenate([part.begins for part in whole]),
        np.concatenate([part.ends for part in whole]),
        tuple(text for part in whole for text in part.texts or ()),
    )


def _pixel_sizes(star: StarSheet) -> Floats | None:
    """Å per pixel of every row, (N,); None unless each row's is known."""
    assert star.optics is not None
    if not star.optics.has(IMAGE_PIXEL):
        return None
    sizes = star.optics_numbers(IMAGE_PIXEL)
    groups = star.groups()
    if groups is None or not star.optics.has(GROUP):
        known = len(sizes) == 1 and sizes[0] > 0
        return np.full(len(star), sizes[0]) if known else None
    names = star.optics_numbers(GROUP)
    if len(np.unique(names)) != len(names) or not np.isin(groups, names).all():
        return None
    order = np.argsort(names)
    found: Floats = sizes[order][np.searchsorted(names[order], groups)]
    return found if (found > 0).all() else None


def _header(star: StarSheet, labels: list[str]) -> Edits | None:
    """The lines of the labels, which lie between "loop_" and the first row."""
    rows = star.table.rows
    assert rows is not None
    if not len(rows):
        return None
    head = star.source.text(star.table.offset, int(rows.starts[0]))
    begins, at = [], star.table.offset
    for line in head.splitlines(keepends=True):
        words = line.split()
        if words and words[0].decode("ascii", "replace").removeprefix("_") in labels:
            begins.append(at + line.index(words[0]) + len(words[0]))
        at += len(line)
    if len(begins) != len(labels):
        return None
    ends = np.array(begins, dtype=np.int64)
    return Edits(ends, ends, (b"Angst",) * len(begins))


def _cells(star: StarSheet, label: str, sizes: Floats) -> Edits | None:
    values = star.numbers(label) * sizes
    if not np.isfinite(values).all():
        return None
    begins, ends = star.cells(label)
    texts = tuple(
        b"%*.6f" % (width, value)
        for width, value in zip((ends - begins).tolist(), values.tolist(), strict=True)
    )
    return Edits(begins, ends, texts)


RULE = Rule(
    name="pixel-origin",
    title="shifts in pixels (rlnOriginX) in a file with optics groups",
    severity="error",
    causes={
        "relion": "RELION 3.1 and later read rlnOriginXAngst only and take these shifts as 0.",
        "cryosparc": "Converters that expect Å in such a file take these shifts as 0 or for Å.",
    },
    mend="Rename the columns to rlnOriginXAngst (Y, Z) and multiply them by the pixel size of the "
    "row's optics group.",
    look=_look,
    fix="the columns are renamed and each cell is multiplied by its group's rlnImagePixelSize",
)
