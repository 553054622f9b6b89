"""A new file of Xmipp's, of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.record import CTF_FIELDS, FIELDS, Names, Record
from evenview.formats import displacements
from evenview.formats.angles import Floats
from evenview.formats.facts import require_images
from evenview.formats.star.writing import image_names
from evenview.formats.xmipp import labels

_SAYABLE = {
    *("origins", "pixel_size", "classes", "images", "micrographs", "coordinates"),
    *CTF_FIELDS,
}


@dataclass
class Filling:
    """Columns (N,) and their %-formats by label, and what became of the record."""

    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def numbers(self, label: str, values: Floats) -> None:
        """A column of numbers with six decimals."""
        self.columns[label], self.forms[label] = values, "%14.6f"

    def whole(self, label: str, values: NDArray[Any]) -> None:
        """A column of whole numbers."""
        self.columns[label], self.forms[label] = values.astype(np.int64), "%10d"

    def texts(self, label: str, texts: Names) -> None:
        """A column of texts."""
        words = np.array([_quoted(word) for word in (*texts.words, "")], dtype=object)
        self.columns[label], self.forms[label] = words[texts.codes], "%s"


def fill(record: Record) -> Filling:
    """The columns of a record.

    Raises `UserError` where shifts have no pixel size, and for subtomograms.
    """
    require_images(record, "Xmipp")
    made = Filling(dropped=list(record.not_said_by(_SAYABLE)))
    n = len(record)
    _add_images(made, record)
    made.whole(labels.ENABLED, np.where(record.placed, 1, -1))
    for label, angles in zip(
        labels.ANGLES,
        convention.quaternions_to_relion(record.quaternions, convention.POLE).T,
        strict=True,
    ):
        made.numbers(label, angles)
    shifts = 0.0 - np.nan_to_num(displacements.of_record(record, 2))
    for label, values in zip(labels.SHIFTS, shifts.T, strict=True):
        made.numbers(label, values)
    made.whole(labels.FLIP, np.zeros(n))
    if record.classes is not None:
        made.whole(labels.CLASS, record.classes)
    _add_ctf(made, record)
    _add_place(made, record)
    if record.pixel_size is not None:
        made.numbers(labels.PIXELS[0], record.pixel_size)
    made.whole("itemId", np.arange(1, n + 1))
    without = "; -1 without a pose" if not record.placed.all() else ""
    made.filled += [f"enabled (1{without})", "flip (0)", "itemId (the number of the row)"]
    return made


def _add_images(made: Filling, record: Record) -> None:
    images = record.images
    if images is not None and images.stacks is not None:
        made.texts(labels.IMAGE, Names.of(image_names(images)))
    elif images is not None:
        made.dropped.append(FIELDS["images"])


def _add_ctf(made: Filling, record: Record) -> None:
    for name, label in labels.CTF.items():
        values = getattr(record.ctf, name)
        if values is not None:
            made.numbers(label, values)
    phase = record.ctf.phase_shift
    if phase is not None and np.nan_to_num(phase).any():
        made.dropped.append(CTF_FIELDS["phase_shift"])
    elif phase is not None:
        made.numbers(labels.PHASE_SHIFT, phase)


def _add_place(made: Filling, record: Record) -> None:
    if record.micrographs is not None:
        made.texts(labels.MICROGRAPH, record.micrographs)
    coordinates = record.coordinates
    if coordinates is None:
        return
    if coordinates.unit != "pixel":
        made.dropped.append(FIELDS["coordinates"])
        return
    rounded = np.rint(np.nan_to_num(coordinates.values))
    if (rounded != coordinates.values).any():
        made.filled.append(f"{' and '.join(labels.PICKED)} (rounded to whole pixels)")
    for label, values in zip(labels.PICKED, rounded.T, strict=True):
        made.whole(label, values)


def head(columns: Mapping[str, object]) -> str:
    """All that stands before the rows: Xmipp knows its files by the first line."""
    return "\n".join(
        [
            "# XMIPP_STAR_1 * ",
            "# ",
            "data_noname",
            "loop_",
            *(f" _{label}" for label in columns),
            "",
        ]
    )


def _quoted(text: str) -> str:
    """A text as a cell; Xmipp has single quotes around blanks."""
    if text and not any(mark.isspace() or mark in "'\"" for mark in text):
        return text
    if "'" in text or not text.isprintable():
        raise UserError(
            f"the text {text!r} cannot stand in a file of Xmipp, which has single quotes",
            hint="Rename what it names.",
        )
    return f"'{text}'"
