"""Records written again with other numbers in some places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.formats.eman.records import Places, Records, element_of
from evenview.formats.text.table import SAMPLE_ROWS

Floats = NDArray[np.float64]

_CHUNK_ROWS = 1 << 14
#: EMAN2 writes six digits, and files of older ones all of a number; the latter are ``repr``'s.
_FEWEST, _ALL = 6, 16
_MANTISSA = re.compile(rb"[-+]?0*\.?0*([\d.]*)")


@dataclass(frozen=True, eq=False)
class Splices:
    """New numbers for k places in each of N records: (N, k) each, ascending in a row.

    `formats` (N, k) are places in `spellings`; NaN in `values` leaves a place as it is.
    """

    records: Records
    starts: Places
    stops: Places
    values: Floats
    formats: NDArray[np.int64]
    spellings: tuple[bytes, ...]

    @classmethod
    def of(cls, records: Records, changes: Mapping[str, Floats]) -> Splices:
        """The places of columns of numbers (N,).

        Raises `UserError` where a new number has no place in the text.
        """
        starts, stops = records.places(tuple(changes))
        values = np.array(list(changes.values())).reshape(len(changes), len(records)).T
        _require_places(records, starts, values, tuple(changes))
        order = np.argsort(starts, axis=1)
        return cls(
            records,
            np.take_along_axis(starts, order, axis=1),
            np.take_along_axis(stops, order, axis=1),
            np.take_along_axis(values, order, axis=1),
            order,
            _spellings(records, tuple(changes), starts, stops),
        )

    def texts(self, begins: Places, ends: Places) -> Iterator[bytes]:
        """The text from each of `begins` to each of `ends` (N,), which hold a record each."""
        text = self.records.source.text
        for first in range(0, len(begins), _CHUNK_ROWS):
            part = slice(first, first + _CHUNK_ROWS)
            base = begins[part, None]
            kept = (self.starts[part] < 0) | ~np.isfinite(self.values[part])
            starts = np.where(kept, -1, self.starts[part] - base)
            spans = (starts, self.stops[part] - base, self.values[part], self.formats[part])
            lines = map(text, begins[part].tolist(), ends[part].tolist())
            for line, *places in zip(lines, *(span.tolist() for span in spans), strict=True):
                yield self._spliced(line, *places)

    def _spliced(
        self,
        line: bytes,
        starts: Sequence[int],
        stops: Sequence[int],
        values: Sequence[float],
        formats: Sequence[int],
    ) -> bytes:
        parts: list[bytes] = []
        at = 0
        for start, stop, value, spelling in zip(starts, stops, values, formats, strict=True):
            if start >= 0:
                parts += line[at:start], self.spellings[spelling] % value
                at = stop
        return b"".join([*parts, line[at:]])


def copy_spliced(
    splices: Splices,
    begins: Places,
    ends: Places,
    file: BinaryIO,
    progress: Progress,
    at: int = 0,
    laid: Callable[[int, bytes], bytes] = lambda _, text: text,
) -> None:
    """Copy a file from the byte `at` on, with new texts between `begins` and `ends` (N,).

    `laid` has the last word on the text of a row.
    """
    source = splices.records.source
    pending: list[bytes] = []
    texts = splices.texts(begins, ends)
    spans = zip(begins.tolist(), ends.tolist(), texts, strict=True)
    for row, (begin, end, text) in enumerate(spans):
        pending += source.text(at, begin), laid(row, text)
        at = end
        if len(pending) >= 2 * _CHUNK_ROWS:
            progress(row / len(begins), "Writing rows")
            file.write(b"".join(pending))
            pending.clear()
    file.write(b"".join(pending))
    file.write(source.text(at, source.size))


def _require_places(records: Records, starts: Places, values: Floats, names: Sequence[str]) -> None:
    lost = np.argwhere((starts < 0) & np.isfinite(values))
    if not lost.size:
        return
    row, column = lost[0].tolist()
    raise UserError(
        f"{element_of(names[column])[0]} of this particle is not the JSON that EMAN2 writes now, "
        "so it cannot be changed in place",
        where=records.place(row),
        hint="Convert the file to a new list of EMAN2 first, and change that.",
    )


def _spellings(
    records: Records, names: Sequence[str], starts: Places, stops: Places
) -> tuple[bytes, ...]:
    """A %-format for each column, of as many digits as its key has in the first rows."""
    digits: dict[str, int] = {}
    for column, name in enumerate(names):
        key = element_of(name)[0]
        rows = np.flatnonzero(starts[:SAMPLE_ROWS, column] >= 0)
        spans = zip(starts[rows, column].tolist(), stops[rows, column].tolist(), strict=True)
        counts = (_digits(records.source.text(*span)) for span in spans)
        digits[key] = max([digits.get(key, _FEWEST), *counts])
    return tuple(_spelling(digits[element_of(name)[0]]) for name in names)


def _spelling(digits: int) -> bytes:
    return b"%r" if digits >= _ALL else b"%%.%dg" % digits


def _digits(text: bytes) -> int:
    """The significant digits of a number."""
    found = _MANTISSA.match(text)
    return 0 if found is None else len(found[1].replace(b".", b""))
