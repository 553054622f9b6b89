"""Records written again with other numbers in some places."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress
from evenview.core.threads import threads
from evenview.formats.eman.numbers import DIGITS, general
from evenview.formats.eman.records import Chunk, Places, Records, element_of
from evenview.formats.star.source import parts
from evenview.formats.text.table import SAMPLE_ROWS

Floats = NDArray[np.float64]

_MANTISSA = re.compile(rb"[-+]?0*\.?0*([\d.]*)")

#: What `Splices.copy` may be told in the place of a length.
NOT_FILLED, OWN_LENGTH = -1, 0


@dataclass(frozen=True, eq=False)
class Splices:
    """New numbers for k places in each of N records.

    Attributes
    ----------
    columns
        k columns of numbers (N,) by their names; what is not finite leaves its place as it is.
    digits
        The significant digits of each.
    """

    records: Records
    columns: Mapping[str, Floats]
    digits: tuple[int, ...]

    @classmethod
    def of(cls, records: Records, columns: Mapping[str, Floats]) -> Splices:
        """New numbers with as many digits as those of their key have in the first rows."""
        return cls(records, columns, _digits(records, tuple(columns)))

    def copy(
        self,
        begins: Places,
        ends: Places,
        file: BinaryIO,
        progress: Progress,
        at: int = 0,
        length: int = NOT_FILLED,
    ) -> int:
        """Copy the file from the byte `at` on; `begins` to `ends` (N,) hold a record each.

        These are filled up with blanks to a `length` and what is longer is not cut. Gives 0 if all
        fit, else the longest. Raises `UserError` where a new number has no place in the text.
        """
        longest, source = 0, self.records.source
        for row, text, needed in self._texts(begins, ends, at, length):
            progress(row / len(begins), "Writing rows")
            file.write(text)
            longest = max(longest, needed)
        file.write(source.array(int(ends[-1]) if len(ends) else at, source.size).data)
        return longest

    def _texts(
        self, begins: Places, ends: Places, at: int, length: int
    ) -> Iterator[tuple[int, memoryview, int]]:
        """The first row of each chunk, its text, and its longest row if one outgrew its length."""
        ahead: deque[tuple[int, Future[tuple[memoryview, int]]]] = deque()
        with ThreadPoolExecutor(threads()) as pool:
            for rows, _, end in parts(begins, ends - begins):
                spans = begins[rows] - at, ends[rows] - at
                work = pool.submit(self._text, rows, at, end, spans, length)
                ahead.append((rows.start, work))
                at = end
                if len(ahead) > threads():
                    yield _result(*ahead.popleft())
            while ahead:
                yield _result(*ahead.popleft())

    def _text(
        self, rows: slice, at: int, end: int, spans: tuple[Places, Places], length: int
    ) -> tuple[memoryview, int]:
        from evenview.core.kernels import eman

        records = self.records
        data = records.source.array(at, end)
        text = data, records.begins[rows] - at, records.ends[rows] - at
        starts, stops = Chunk(rows, text).places(tuple(self.columns))
        values = np.empty(starts.shape)
        for k, column in enumerate(self.columns.values()):
            values[:, k] = column[rows]
        values[~np.isfinite(values)] = np.nan
        self._require_places(rows, starts, values)
        cells = general(values, self.digits)
        room = data.size + cells.lengths.clip(0).sum() + max(length, 0) * len(values)
        out = np.empty(int(room), np.uint8)
        size, longest = eman.splice(
            data, *spans, starts, stops, cells.texts, cells.lengths, length, out
        )
        return out[:size].data, longest

    def _require_places(self, rows: slice, starts: Places, values: Floats) -> None:
        lost = np.argwhere((starts < 0) & np.isfinite(values))
        if not lost.size:
            return
        row, column = lost[0].tolist()
        raise UserError(
            f"{element_of(list(self.columns)[column])[0]} of this particle is not the JSON that "
            "EMAN2 writes now, so it cannot be changed in place",
            where=self.records.place(rows.start + row),
            hint="Convert the file to a new list of EMAN2 first, and change that.",
        )


def _result(row: int, work: Future[tuple[memoryview, int]]) -> tuple[int, memoryview, int]:
    return row, *work.result()


def _digits(records: Records, names: Sequence[str]) -> tuple[int, ...]:
    """The significant digits of each column, the most that its key has in the first rows."""
    first = next(records.chunks(), None)
    if first is None or not names:
        return (DIGITS,) * len(names)
    data = first.text[0]
    starts, stops = (places[:SAMPLE_ROWS] for places in first.places(names))
    digits: dict[str, int] = {}
    for column, name in enumerate(names):
        key = element_of(name)[0]
        rows = np.flatnonzero(starts[:, column] >= 0)
        spans = zip(starts[rows, column].tolist(), stops[rows, column].tolist(), strict=True)
        counts = (_digits_of(data[start:stop].tobytes()) for start, stop in spans)
        digits[key] = max([digits.get(key, DIGITS), *counts])
    return tuple(digits[element_of(name)[0]] for name in names)


def _digits_of(text: bytes) -> int:
    """The significant digits of a number."""
    found = _MANTISSA.match(text)
    return 0 if found is None else len(found[1].replace(b".", b""))
