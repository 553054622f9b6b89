"""The header of a .cs stream: which columns there are, of what kind, and which are packed.

cryosparc-tools, ``cryosparc/dataset/__init__.py`` (``Dataset.stream``) and ``dtype.py``: the magic
word, the header's length (4 bytes, little endian), the header (JSON), then for each column its
length and bytes, then the texts, each ending in a zero byte. A column of texts holds for each row
where its text begins. With no rows there are no columns.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np

from evenview.core.errors import MalformedFileError

STREAM_MAGIC = b"\x95CSDAT"

#: Where a row's text begins, in a column of texts.
TEXT_PLACE = np.dtype("<u8")

_LARGEST_HEADER = 1 << 24
_LARGEST_COLUMN = (1 << 32) - 1  # its length is written in 4 bytes
_NUMBER = re.compile(r"[<>|=]?[biufc]\d{1,2}")


@dataclass(frozen=True)
class Field:
    """One column: its name, the type of its cells as stored, whether it is text or packed."""

    name: str
    kind: np.dtype[Any]
    is_text: bool
    packed: bool


@dataclass(frozen=True)
class Header:
    """What the header says; `said` is all of it, to be written again, `size` its end in bytes."""

    said: dict[str, Any]
    n: int
    fields: tuple[Field, ...]
    size: int

    def of_rows(self, n: int) -> bytes:
        """The beginning of a file with `n` of these rows and columns that are not packed."""
        plain: dict[str, Any] = {"length": n, "compression": None, "compressed_fields": []}
        text = json.dumps(self.said | plain).encode()
        return STREAM_MAGIC + len(text).to_bytes(4, "little") + text


def read_header(file: BinaryIO, path: Path) -> Header:
    """Read the header from the beginning of a file.

    Raises
    ------
    MalformedFileError
        It is cut short, not what cryosparc-tools writes, or packed in an unknown way.
    """
    length = int.from_bytes(file.read(len(STREAM_MAGIC) + 4)[len(STREAM_MAGIC) :], "little")
    text = file.read(length) if 0 < length <= _LARGEST_HEADER else b""
    if not text or len(text) < length:
        _bad(path, "it is cut short or damaged")
    try:
        said = json.loads(text)
        n, packed = said["length"], set(said["compressed_fields"])
        fields = tuple(_field(*words, packed=packed) for words in said["dtype"])
        packing = said["compression"]
    except (ValueError, ArithmeticError, LookupError, TypeError, RecursionError, MemoryError):
        _bad(path, "it does not say its fields and rows")
    if type(n) is not int or n < 0:
        _bad(path, "it does not say how many rows there are")
    if len({field.name for field in fields}) < len(fields):
        _bad(path, "it has two fields of one name")
    _require_known(packing, bool(packed), path)
    for field in fields:
        if field.kind.itemsize * n > _LARGEST_COLUMN:
            _bad(path, f"the field {field.name} would be too large for this form")
    return Header(said, n, fields, len(STREAM_MAGIC) + 4 + length)


def _field(name: str, kind: str, shape: tuple[int, ...] = (), *, packed: set[str]) -> Field:
    """A field of the header's ``dtype``; `ValueError` or `TypeError` where it is none."""
    if not isinstance(name, str) or not name:
        raise ValueError(name)
    if kind == "|O":
        return Field(name, TEXT_PLACE, True, name in packed)
    if not _NUMBER.fullmatch(kind):
        raise ValueError(kind)
    sizes = tuple(shape)
    if not all(type(size) is int and 0 < size < 1 << 16 for size in sizes) or len(sizes) > 3:
        raise ValueError(shape)
    return Field(name, np.dtype((np.dtype(kind), sizes)), False, name in packed)


def _require_known(packing: object, is_packed: bool, path: Path) -> None:
    if packing == "snap":
        raise MalformedFileError(
            "this .cs stream is packed with snappy, as cryosparc-tools did before version 4.4",
            where=str(path),
            hint="Export the particles again, or save them as numpy with cryosparc-tools 4.3.",
        )
    if packing not in (None, "lz4") or (is_packed and packing is None):
        raise MalformedFileError(
            f"this .cs stream is packed in a way that is not known here ({packing!r:.40})",
            where=str(path),
            hint="Save it again as numpy with cryosparc-tools: "
            "Dataset.load(IN).save(OUT, format=NUMPY_FORMAT).",
        )


def _bad(path: Path, why: str) -> NoReturn:
    raise MalformedFileError(
        f"the header of this .cs stream cannot be read ({why})",
        where=str(path),
        hint="Copy or download the file again.",
    )
