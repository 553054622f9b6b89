"""The columns of a new file of cisTEM's, of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.record import CTF_FIELDS, FIELDS, Coordinates, Names, Record
from evenview.core.words import counted
from evenview.formats.angles import Floats
from evenview.formats.cistem import labels
from evenview.formats.facts import in_angstroms, require_images, unposed_words, without_gaps

#: Numbers or texts of a column (N,), or one for all rows.
Cells: TypeAlias = NDArray[np.generic] | Names | float | str

_NEUTRAL = {column.label: column.neutral for column in labels.WRITTEN}
_SAYABLE = {
    *("origins", "pixel_size", "halves", "images", "micrographs", "coordinates"),
    *CTF_FIELDS,
}


@dataclass(frozen=True, eq=False)
class Filled:
    """Every column of `labels.WRITTEN` by its label, and what became of the record."""

    cells: dict[str, Cells]
    dropped: tuple[str, ...]
    filled: tuple[str, ...]


def fill(record: Record, radians: bool) -> Filled:
    """The columns of a record; phase shifts in radians or degrees.

    Raises `UserError` where there is no pixel size, and for subtomograms.
    """
    require_images(record, labels.PROGRAM)
    filling = _Filling(record)
    filling.poses()
    filling.place()
    filling.ctf(radians)
    filling.rest()
    return Filled(filling.cells, tuple(filling.dropped), tuple(filling.filled))


class _Filling:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.cells: dict[str, Cells] = {
            column.label: "" if column.kind == labels.TEXT else _NEUTRAL[column.label]
            for column in labels.WRITTEN
        }
        self.dropped = list(record.not_said_by(_SAYABLE))
        self.filled: list[str] = []

    def poses(self) -> None:
        record = self.record
        angles = convention.quaternions_to_relion(record.quaternions, convention.POLE)
        self.cells |= dict(zip(labels.ANGLES, angles.T, strict=True))
        origins = record.origins_of(2)
        if origins is None:
            self.filled.append("shifts (0)")
        else:
            known = self._known(origins, 0, "shifts")
            self.cells |= dict(zip(labels.SHIFTS, 0.0 - known.T, strict=True))

    def place(self) -> None:
        record = self.record
        self.cells[labels.PIXEL] = record.require_pixel_size("the parameters of cisTEM")
        if record.images is None:
            self.cells[labels.PLACE] = np.arange(1, len(record) + 1)
            self.filled.append("places in the stack (1, 2, 3 ...)")
        else:
            self.cells[labels.PLACE] = record.images.index
            self._name(labels.STACK, record.images.stacks)
        self._name(labels.MICROGRAPH, record.micrographs)
        if record.coordinates is not None:
            self._positions(record.coordinates)

    def _positions(self, coordinates: Coordinates) -> None:
        places = in_angstroms(coordinates)
        if places is None:
            self.dropped.append(FIELDS["coordinates"])
            return
        known = self._known(places[:, :2], 0, "coordinates")
        self.cells |= dict(zip(labels.POSITIONS, known.T, strict=True))

    def _known(self, values: Floats, neutral: float, what: str) -> Floats:
        known, told = without_gaps(values, neutral, what)
        self.filled += told
        return known

    def _name(self, label: str, names: Names | None) -> None:
        if names is not None:
            self.cells[label] = names

    def ctf(self, radians: bool) -> None:
        ctf = self.record.ctf
        for name, label in labels.CTF.items():
            values: Floats | None = getattr(ctf, name)
            if values is None and name == "defocus_v" and ctf.defocus_u is not None:
                self.filled.append(f"{CTF_FIELDS[name]} (as of the first)")
                self.cells[label] = self.cells[labels.CTF["defocus_u"]]
            else:
                self._number(label, values, CTF_FIELDS[name])
        phase = ctf.phase_shift
        phase = np.radians(phase) if radians and phase is not None else phase
        self._number(labels.PHASE_SHIFT, phase, CTF_FIELDS["phase_shift"])

    def _number(self, label: str, values: Floats | None, what: str) -> None:
        """Numbers where they are known, else the neutral one that the cells have already."""
        if values is None:
            self.filled.append(f"{what} ({_NEUTRAL[label]:g})")
        else:
            self.cells[label] = self._known(values, _NEUTRAL[label], what)

    def rest(self) -> None:
        record = self.record
        if record.halves is not None:
            self.cells[labels.HALF] = record.halves
        self.cells[labels.ACTIVE] = np.where(record.placed, 1, -1)
        self.filled += unposed_words(record, labels.ANGLES)
        missing = int(np.count_nonzero(~record.placed))
        left_out = f"; -1, left out, for the {counted(missing, 'row')} without a pose"
        self.filled.append(f"image activity (1{left_out if missing else ''})")
        self.filled += ["occupancy (100)", "sigma (10)", "scores, beam tilt and exposure (0)"]
