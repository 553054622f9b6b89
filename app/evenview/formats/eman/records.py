"""Records of EMAN2: an object of JSON a particle, or what older EMAN2s wrote in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError
from evenview.formats.eman.transforms import NotATransformError, matrix_of
from evenview.formats.star.source import Source
from evenview.formats.text.table import SAMPLE_ROWS

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class NotARecordError(ValueError):
    """A text that was to be the record of a particle and is none, said in words."""


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

        values, codes = np.empty(len(self)), np.empty(len(self), np.uint8)
        eman.read_numbers(self.source.data, self.begins, self.ends, _quoted(key), values, codes)
        for row in np.flatnonzero(codes == decimals.ASK).tolist():
            values[row] = number_of(self.record(row).get(key))
        return values

    def number_keys(self) -> tuple[str, ...]:
        """The keys whose values are numbers, as far as the first records tell."""
        records = [self.record(row) for row in range(min(len(self), SAMPLE_ROWS))]
        names = {name: None for record in records for name in record}
        return tuple(
            name
            for name in names
            if not any(np.isnan(number_of(record.get(name, 0))) for record in records)
        )

    def matrices(self, key: str) -> Floats:
        """The matrices (N, 3, 4) of the Transforms under a key, NaN where a record has none."""
        from evenview.core.kernels import decimals, eman

        values, codes = np.empty((len(self), 12)), np.empty(len(self), np.uint8)
        eman.read_matrices(self.source.data, self.begins, self.ends, _quoted(key), values, codes)
        for row in np.flatnonzero(codes == decimals.ASK).tolist():
            values[row] = self._matrix(row, key).ravel()
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
