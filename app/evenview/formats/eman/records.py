"""Records of EMAN2: an object of JSON a particle, or what older EMAN2s wrote in its place."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.core.threads import threads
from evenview.formats.eman.transforms import TRANSFORMS, NotATransformError, matrix_of
from evenview.formats.star.source import Source, parts
from evenview.formats.text.table import SAMPLE_ROWS

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Bytes = NDArray[np.uint8]

_ELEMENT = re.compile(rf"({'|'.join(map(re.escape, TRANSFORMS))})\[(\d+)\]")


class NotARecordError(ValueError):
    """A text that was to be the record of a particle and is none, said in words."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some rows of the records of a file.

    Attributes
    ----------
    rows
        Which.
    text
        Bytes of the file, and where in these each record begins and ends, (n,).
    """

    rows: slice
    text: tuple[Bytes, Places, Places]

    def __len__(self) -> int:
        return len(self.text[1])

    def places(self, names: Sequence[str]) -> tuple[Places, Places]:
        """Where in the bytes a number begins and ends, (n, k) each, for k names; -1 for none.

        Transforms that are not JSON have no such places.
        """
        from evenview.core.kernels import eman

        starts, stops = np.empty((2, len(self), len(names)), np.int64)
        matrices: dict[str, tuple[Places, Places]] = {}
        for k, name in enumerate(names):
            key, element = element_of(name)
            width = () if element is None else (12,)
            find = eman.number_places if element is None else eman.matrix_places
            if key not in matrices:
                found = np.empty((2, len(self), *width), np.int64)
                find(*self.text, _quoted(key), *found)
                matrices[key] = found[0], found[1]
            which = ... if element is None else (slice(None), element)
            starts[:, k], stops[:, k] = (part[which] for part in matrices[key])
        return starts, stops


@dataclass(frozen=True, eq=False)
class Records:
    """The records of a file: where the text of each begins and ends, (N,).

    Attributes
    ----------
    place
        The place of a row, for an error.
    keys
        The names of values parted by ";", for lists that have those (legacy ``#keys:``).
    """

    source: Source
    begins: Places
    ends: Places
    place: Callable[[int], str]
    keys: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.begins)

    def record(self, row: int) -> dict[str, Any]:
        """One record, its values as JSON has them; a legacy transform is its text.

        What is no sound record is one value, its text under "record".
        """
        try:
            return parse(self._text(row), self.keys)
        except NotARecordError:
            return {"record": self._text(row)}

    def _text(self, row: int) -> str:
        text = self.source.text(int(self.begins[row]), int(self.ends[row]))
        return text.decode("utf-8", errors="backslashreplace")

    def numbers(self, key: str) -> Floats:
        """The numbers under a key, (N,), NaN where a record has none."""
        from evenview.core.kernels import decimals, eman

        values = np.empty(len(self))

        def read(chunk: Chunk) -> None:
            codes = np.empty(len(chunk), np.uint8)
            eman.read_numbers(*chunk.text, _quoted(key), values[chunk.rows], codes)
            for row in (np.flatnonzero(codes == decimals.ASK) + chunk.rows.start).tolist():
                values[row] = number_of(self.record(row).get(key))

        self.each(read)
        return values

    def each(self, work: Callable[[Chunk], None]) -> None:
        """Work on all records, a chunk to a thread; what it raises first in the file is raised."""
        with ThreadPoolExecutor(threads()) as pool:
            deque(pool.map(lambda span: work(self._chunk(span)), self._spans()), maxlen=0)

    def chunks(self) -> Iterator[Chunk]:
        """All records, one chunk after the other."""
        return map(self._chunk, self._spans())

    def _spans(self) -> Iterator[tuple[slice, int, int]]:
        return parts(self.begins, self.ends - self.begins)

    def _chunk(self, span: tuple[slice, int, int]) -> Chunk:
        rows, begin, end = span
        text = self.source.array(begin, end), self.begins[rows] - begin, self.ends[rows] - begin
        return Chunk(rows, text)

    def number_names(self) -> tuple[str, ...]:
        """The names that `column` knows, as far as the first records tell.

        They are keys whose values are numbers, and the elements of transforms.
        """
        records = [self.record(row) for row in range(min(len(self), SAMPLE_ROWS))]
        keys = {name: None for record in records for name in record}
        if not keys.keys() & set(TRANSFORMS):
            keys |= {key: None for key in TRANSFORMS if self._has_matrix(key)}
        return tuple(name for key in keys for name in _names(key, records))

    def _has_matrix(self, key: str) -> bool:
        name = [element_name(key, 0)]
        return any((chunk.places(name)[0] >= 0).any() for chunk in self.chunks())

    def column(self, name: str) -> Floats:
        """The numbers (N,) under a name of `number_names`; NaN where a record has none."""
        key, element = element_of(name)
        if element is None:
            return self.numbers(key)
        values = np.empty(len(self))

        def read(chunk: Chunk) -> None:
            values[chunk.rows] = self.matrices(key, chunk).reshape(-1, 12)[:, element]

        self.each(read)
        return values

    def matrices(self, key: str, chunk: Chunk) -> Floats:
        """The matrices (n, 3, 4) of the Transforms under a key, NaN where a record has none."""
        from evenview.core.kernels import decimals, eman

        values, codes = np.empty((len(chunk), 12)), np.empty(len(chunk), np.uint8)
        eman.read_matrices(*chunk.text, _quoted(key), values, codes)
        for row in np.flatnonzero(codes == decimals.ASK).tolist():
            values[row] = self._matrix(chunk.rows.start + row, key).ravel()
        return values.reshape(-1, 3, 4)

    def _matrix(self, row: int, key: str) -> Floats:
        try:
            value = parse(self._text(row), self.keys).get(key)
            return np.full((3, 4), np.nan) if value is None else matrix_of(value)
        except NotARecordError as error:
            raise self._malformed(row, str(error)) from None
        except NotATransformError as error:
            raise self._malformed(row, f"{key}: {error}") from None

    def _malformed(self, row: int, what: str) -> MalformedFileError:
        return MalformedFileError(
            what,
            where=self.place(row),
            hint="The file may be cut off: copy it again, or write it again from EMAN2.",
        )


def element_name(key: str, element: int) -> str:
    """What an element 0 to 11 of a transform's matrix, row by row, is called as a column."""
    return f"{key}[{element}]"


def element_of(name: str) -> tuple[str, int | None]:
    """The key and element of a column's name; no element for a key that holds a number."""
    found = _ELEMENT.fullmatch(name)
    return (name, None) if found is None else (found[1], int(found[2]))


def _names(key: str, records: Sequence[dict[str, Any]]) -> Iterator[str]:
    values = [record[key] for record in records if key in record]
    if key in TRANSFORMS:
        yield from (element_name(key, k) for k in range(12))
    elif not any(np.isnan(number_of(value)) for value in values):
        yield key


def parse(text: str, keys: Sequence[str] = ()) -> dict[str, Any]:
    """The record that a text means (``LSXFile.read`` of ``libpyEM/EMAN2.py``, without its eval).

    Raises `NotARecordError`.
    """
    if text.startswith("{"):
        return _object(text)
    parts = text.split(";")
    if keys:
        return dict(zip(keys, parts, strict=False))
    if len(parts) > 1 and parts[1].startswith("Transform"):
        return {"score_align": parts[0], "xform.projection": parts[1]}
    if text.startswith("Transform"):
        return {"xform.projection": text}
    return {"lst_comment": text} if len(text) > 1 else {}


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise NotARecordError("the record of this particle is not sound JSON") from None
    if not isinstance(found, dict):
        raise NotARecordError("the record of this particle is not an object of JSON")
    return found


def number_of(value: Any) -> float:
    """A number of JSON or of a legacy list, NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return np.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return np.nan


def text_of(value: Any) -> str:
    """A value as it is shown: text and matrices bare, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() == {"__class__", "matrix"}:
        return str(value["matrix"])
    return json.dumps(value)


def _quoted(key: str) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(key).encode(), np.uint8)
