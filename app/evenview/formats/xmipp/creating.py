"""A new file of Xmipp's, of a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.record import CTF_FIELDS, FIELDS, Record
from evenview.core.words import counted
from evenview.formats import displacements
from evenview.formats.angles import Floats
from evenview.formats.facts import require_images, unposed_words, without_gaps
from evenview.formats.star.writing import Column, Fixed
from evenview.formats.xmipp import labels

#: Xmipp has single quotes around texts with blanks.
QUOTE = "'"

_SAYABLE = {
    *("origins", "pixel_size", "classes", "images", "micrographs", "coordinates"),
    *CTF_FIELDS,
}


@dataclass
class Filling:
    """Columns (N,) by label, and what became of the record."""

    columns: dict[str, Column] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def numbers(self, names: Iterable[str], values: Floats, what: str) -> None:
        """Columns of numbers (N, k), 0 and told where they are not known."""
        known, told = without_gaps(values, 0, what)
        self.filled += told
        self.columns |= {name: Fixed(column) for name, column in zip(names, known.T, strict=True)}

    def whole(self, label: str, values: NDArray[np.integer]) -> None:
        """A column of whole numbers."""
        self.columns[label] = values.astype(np.int64)


def fill(record: Record) -> Filling:
    """The columns of a record.

    Raises `UserError` where shifts have no pixel size, and for subtomograms.
    """
    require_images(record, "Xmipp")
    made = Filling(dropped=list(record.not_said_by(_SAYABLE)))
    n = len(record)
    _add_images(made, record)
    made.whole(labels.ENABLED, np.where(record.placed, 1, -1))
    angles = convention.quaternions_to_relion(record.quaternions, convention.POLE)
    made.columns |= {
        name: Fixed(column) for name, column in zip(labels.ANGLES, angles.T, strict=True)
    }
    made.numbers(labels.SHIFTS, 0.0 - displacements.of_record(record, 2), "shifts")
    made.whole(labels.FLIP, np.zeros(n, np.int64))
    if record.classes is not None:
        made.whole(labels.CLASS, record.classes)
    _add_ctf(made, record)
    _add_place(made, record)
    if record.pixel_size is not None:
        made.numbers(labels.PIXELS[:1], record.pixel_size[:, None], "pixel size")
    made.whole("itemId", np.arange(1, n + 1))
    missing = counted(int(np.count_nonzero(~record.placed)), "particle")
    without = f"; -1 for {missing} without a pose" if not record.placed.all() else ""
    made.filled += unposed_words(record, labels.ANGLES)
    made.filled += [f"enabled (1{without})", "flip (0)", "itemId (the number of the row)"]
    return made


def _add_images(made: Filling, record: Record) -> None:
    images = record.images
    if images is not None and images.stacks is not None:
        made.columns[labels.IMAGE] = images
    elif images is not None:
        made.dropped.append(FIELDS["images"])


def _add_ctf(made: Filling, record: Record) -> None:
    for name, label in labels.CTF.items():
        values: Floats | None = getattr(record.ctf, name)
        if values is not None:
            made.numbers([label], values[:, None], CTF_FIELDS[name])
    phase = record.ctf.phase_shift
    if phase is not None and np.nan_to_num(phase).any():
        made.dropped.append(CTF_FIELDS["phase_shift"])
    elif phase is not None:
        made.numbers([labels.PHASE_SHIFT], phase[:, None], CTF_FIELDS["phase_shift"])


def _add_place(made: Filling, record: Record) -> None:
    if record.micrographs is not None:
        made.columns[labels.MICROGRAPH] = record.micrographs
    coordinates = record.coordinates
    if coordinates is None:
        return
    if coordinates.unit != "pixel":
        made.dropped.append(FIELDS["coordinates"])
        return
    places, told = without_gaps(coordinates.values[:, :2], 0, FIELDS["coordinates"])
    made.filled += told
    rounded = np.rint(places)
    if (rounded != places).any():
        made.filled.append(f"{' and '.join(labels.PICKED)} (rounded to whole pixels)")
    for label, values in zip(labels.PICKED, rounded.T, strict=True):
        made.whole(label, values.astype(np.int64))


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
