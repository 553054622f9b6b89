"""The arrays of a cryoDRGN pickle and subsets of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.core.progress import Progress
from evenview.formats.cryodrgn.pickled import (
    FRAME,
    LONG,
    Array,
    Frame,
    Reader,
    RefusedPickleError,
    Whole,
)
from evenview.formats.single import ChangeableFile, Floats
from evenview.formats.star.source import Source

ROTATIONS, SHIFTS = "rot", "trans"

_KINDS = {"f2", "f4", "f8"}
_HINT = "Open a poses file of cryoDRGN, such as that of parse_pose_star or parse_pose_csparc."


class Piece(NamedTuple):
    """Bytes of the file, `start` to `stop`, and what stands there instead."""

    start: int
    stop: int
    text: bytes


class PoseTable(ChangeableFile):
    """Rotations (N, 3, 3) and, if the file has them, shifts (N, 2)."""

    def __init__(self, source: Source, format_name: str) -> None:
        super().__init__(source, format_name)
        self._reader, self._arrays = _read(source)
        self._values = [_values(source, array) for array in self._arrays]
        _require_poses(source, self._values, self._arrays)

    @property
    def rotations(self) -> NDArray[Any]:
        """(N, 3, 3), as the file has them."""
        return self._values[0]

    @property
    def shifts(self) -> NDArray[Any] | None:
        """(N, 2) or (N, 3) parts of the box, as the file has them; None where it has none."""
        return self._values[1] if len(self._values) > 1 else None

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """Every element of a rotation and of a shift."""
        return tuple(self._places)

    @property
    def _places(self) -> dict[str, NDArray[Any]]:
        return _places(self._values)

    def __len__(self) -> int:
        return len(self._values[0])

    def _column(self, name: str) -> Floats:
        return self._places[name].astype(np.float64)

    def _row(self, row: int) -> Mapping[str, str]:
        return {name: str(values[row]) for name, values in self._places.items()}

    def _write(self, file: BinaryIO, kept: NDArray[np.bool_], progress: Progress) -> None:
        found = {
            piece
            for array, values in zip(self._arrays, self._values, strict=True)
            for piece in _pieces(self.source, array, values, kept)
        }
        pieces = found | {_frame_piece(frame, found) for frame in self._reader.frames}
        self._write_pieces(pieces, file, progress)

    def _write_changed(
        self, file: BinaryIO, changes: Mapping[str, Floats], progress: Progress
    ) -> None:
        """The bytes of the arrays become others of the same type; all other bytes stay."""
        values = [array.copy(order="K") for array in self._values]
        places = _places(values)
        for name, numbers in changes.items():
            np.copyto(places[name], numbers, casting="same_kind", where=np.isfinite(numbers))
        pieces = {
            _content_piece(array, new) for array, new in zip(self._arrays, values, strict=True)
        }
        self._write_pieces(pieces, file, progress)

    def _write_pieces(self, pieces: Iterable[Piece], file: BinaryIO, progress: Progress) -> None:
        at = 0
        for piece in (*sorted(pieces), Piece(self.source.size, self.source.size, b"")):
            progress(at / self.source.size, "Writing rows")
            file.write(self.source.text(at, piece.start))
            file.write(piece.text)
            at = piece.stop


def column_names(name: str, *shape: int) -> tuple[str, ...]:
    """What the elements of the rows of an array are called as columns: "rot[0,0]", "trans[0]"."""
    return tuple(f"{name}[{','.join(map(str, index))}]" for index in np.ndindex(shape))


def _places(values: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Views (N,) of every element of rotations and shifts, by their names as columns."""
    places: dict[str, NDArray[Any]] = {}
    for name, array in zip((ROTATIONS, SHIFTS), values, strict=False):
        shape = array.shape[1:]
        views = (array[(slice(None), *index)] for index in np.ndindex(shape))
        places |= zip(column_names(name, *shape), views, strict=True)
    return places


def _read(source: Source) -> tuple[Reader, list[Array]]:
    reader = Reader(source.text(0, source.size))
    try:
        value = reader.load()
    except RefusedPickleError as error:
        raise MalformedFileError(
            f"the pickle is refused: {error}", where=str(source.path), hint=_HINT
        ) from None
    parts = value if isinstance(value, tuple) else (value,)
    arrays = [part for part in parts if isinstance(part, Array)]
    if not arrays or len(arrays) != len([part for part in parts if part is not None]):
        raise NoOrientationsError(
            "the pickle holds no pair of rotations and shifts", where=str(source.path), hint=_HINT
        )
    return reader, arrays


def _values(source: Source, array: Array) -> NDArray[Any]:
    """The numbers of an array, as the file has them."""
    shape = tuple(size.value for size in array.shape)
    kind, raw = array.kind, array.raw
    if kind is None or raw is None or kind.code not in _KINDS:
        code = "nothing" if kind is None else kind.code[:16]
        raise MalformedFileError(
            f"the pickle holds an array of {code}, where poses are floating-point numbers",
            where=str(source.path),
            hint=_HINT,
        )
    dtype = np.dtype(f"{kind.order}{kind.code}" if kind.order in "<>" else kind.code)
    if raw.size != dtype.itemsize * _product(shape):
        raise MalformedFileError(
            f"an array of {' x '.join(map(str, shape))} numbers has {raw.size:,} bytes",
            where=str(source.path),
            hint="The file is damaged: copy it again, or write it again from cryoDRGN.",
        )
    flat = source.data[raw.data : raw.stop].view(dtype)
    return flat.reshape(shape[::-1]).T if array.fortran else flat.reshape(shape)


def _product(shape: Sequence[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def _require_poses(source: Source, values: list[NDArray[Any]], arrays: list[Array]) -> None:
    shapes = [value.shape for value in values]
    n = shapes[0][0] if shapes[0] else 0
    if shapes[0] != (n, 3, 3) or any(shape not in ((n, 2), (n, 3)) for shape in shapes[1:]):
        found = " and ".join(" x ".join(map(str, shape)) for shape in shapes)
        raise NoOrientationsError(
            f"the arrays are of {found} numbers, not N x 3 x 3 rotations and N x 2 shifts",
            where=str(source.path),
            hint=_HINT,
        )
    if n == 0:
        raise NoOrientationsError(
            "the file has no poses", where=str(source.path), hint="Was the selection empty?"
        )
    spans = sorted((array.raw.start, array.raw.stop) for array in arrays if array.raw)
    if len(spans) > 2 or any(b < a for (_, a), (b, _) in pairwise(spans)):
        raise MalformedFileError(
            "the pickle holds more arrays than rotations and shifts, or one twice",
            where=str(source.path),
            hint=_HINT,
        )


def _pieces(
    source: Source, array: Array, values: NDArray[Any], kept: NDArray[np.bool_]
) -> Iterator[Piece]:
    """The number of rows and the bytes of an array with the rows of `kept` only.

    The words stay those of the file: whatever is smaller fits them.
    """
    assert array.raw is not None
    rows = values[kept]
    yield _count_piece(source, array.shape[0], len(rows))
    raw, content = array.raw, rows.tobytes(order="F" if array.fortran else "C")
    size = len(content).to_bytes(raw.data - raw.start - 1, "little")
    yield Piece(raw.start, raw.stop, source.text(raw.start, raw.start + 1) + size + content)


def _content_piece(array: Array, values: NDArray[Any]) -> Piece:
    """The bytes of an array with other numbers of the same type."""
    assert array.raw is not None
    content = values.tobytes(order="F" if array.fortran else "C")
    return Piece(array.raw.data, array.raw.stop, content)


def _count_piece(source: Source, count: Whole, value: int) -> Piece:
    text = source.text(count.start, count.stop)
    head = 2 if text[:1] == LONG else 1
    return Piece(count.start, count.stop, text[:head] + value.to_bytes(len(text) - head, "little"))


def _frame_piece(frame: Frame, pieces: Iterable[Piece]) -> Piece:
    """The size of a frame when pieces of it have another length."""
    inside = (piece for piece in pieces if frame.begin <= piece.start < frame.end)
    grown = sum(len(piece.text) - (piece.stop - piece.start) for piece in inside)
    size = max(0, frame.end - frame.begin + grown)
    return Piece(frame.start, frame.begin, FRAME + size.to_bytes(8, "little"))
