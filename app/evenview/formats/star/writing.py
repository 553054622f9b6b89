"""New star files, from columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.record import Floats, Images, Names, Whole
from evenview.formats.output import atomic_writer

_CHUNK_ROWS = 1 << 14
_NUMBER_WIDTH = 12  # RELION's
_INDEX_DIGITS = 6
_PLAIN = re.compile(r"[^\s#_\"']\S*")
_QUOTES = "\"'"


@dataclass(frozen=True, eq=False)
class Fixed:
    """Numbers (N,) with so many decimals; NaN is "nan"."""

    values: Floats
    decimals: int = 6


#: Integers; numbers; texts, "" among them; images as "000001@stack" (place 0: "stack").
Column: TypeAlias = NDArray[np.integer] | Fixed | Names | Images


@dataclass(frozen=True, eq=False)
class Block:
    """One table: columns of N rows by their labels, without underscore.

    With `loop` false they are written as keys and values, and there is one row.
    """

    name: str
    columns: Mapping[str, Column]
    loop: bool = True

    def __len__(self) -> int:
        return max(map(_size, self.columns.values()), default=0)


def write_blocks(
    path: Path,
    blocks: Sequence[Block],
    comment: str = "",
    sources: Iterable[Path] = (),
    progress: Progress = silent,
) -> None:
    """Write a new star file, whole or not at all.

    `comment` is a line that stands before each block ("# version 30001"). Rows are laid out as
    RELION does, numbers to the right in 12 places. Texts with blanks and the like are in quotes.

    Raises `UserError` as `output.atomic_writers` does, and for a text that no star file can hold.
    """
    total = sum(map(len, blocks)) or 1
    done = 0
    with atomic_writer(path, sources) as file:
        for block in blocks:
            _write_block(file, block, comment, _part(progress, done / total, len(block) / total))
            done += len(block)


def _part(progress: Progress, done: float, size: float) -> Progress:
    return lambda fraction, phrase: progress(done + fraction * size, phrase)


def _write_block(file: BinaryIO, block: Block, comment: str, progress: Progress) -> None:
    sizes = {_size(column) for column in block.columns.values()}
    if len(sizes) > 1:
        raise ValueError(f"columns of data_{block.name} have {sorted(sizes)} rows")
    head = f"\n{comment}\n" if comment else ""
    file.write(f"{head}\ndata_{block.name}\n\n".encode())
    laid = [_laid_out(column) for column in block.columns.values()]
    if not block.loop:
        _write_pairs(file, block, laid)
        return
    labels = [f"_{label} #{k}" for k, label in enumerate(block.columns, 1)]
    file.write(("\n".join(["loop_", *labels]) + "\n").encode())
    for first in range(0, len(block), _CHUNK_ROWS):
        progress(first / len(block), "Writing rows")
        file.write(_rows(laid, slice(first, min(first + _CHUNK_ROWS, len(block)))))
    file.write(b"\n")


def _write_pairs(file: BinaryIO, block: Block, laid: Sequence[Sequence[_Piece]]) -> None:
    width = max(map(len, block.columns), default=0) + 1
    for label, pieces in zip(block.columns, laid, strict=True):
        value = bytes(_rows([pieces], slice(0, 1))).decode().strip()
        file.write(f"{'_' + label:<{width}} {value}\n".encode())
    file.write(b"\n")


@dataclass(frozen=True, eq=False)
class _Words:
    """Cells that are some of a few texts: `pool` holds these, `begins` (W + 1,) parts them."""

    pool: NDArray[np.uint8]
    begins: Whole
    codes: Whole
    width: int = 0

    def cells(self, rows: slice) -> tuple[NDArray[np.uint8], Whole, Whole]:
        from evenview.core.kernels import star

        codes = self.codes[rows]
        begins, lengths = self.begins[codes], self.begins[codes + 1] - self.begins[codes]
        ends = np.cumsum(lengths)
        pool = np.empty(int(ends[-1]), dtype=np.uint8)
        star.gather(self.pool, begins, lengths, pool)
        return pool, ends - lengths, lengths


@dataclass(frozen=True, eq=False)
class _Decimals:
    values: Floats
    decimals: int
    width: int = _NUMBER_WIDTH

    def cells(self, rows: slice) -> tuple[NDArray[np.uint8], Whole, Whole]:
        from evenview.core.kernels import digits

        values = self.values[rows]
        cells = np.empty((len(values), digits.WIDTH), dtype=np.uint8)
        lengths = np.empty(len(values), dtype=np.int64)
        digits.fixed_cells(values, self.decimals, cells, lengths)
        for row in np.flatnonzero(lengths == digits.TOO_LARGE):
            text = repr(float(values[row])).encode()
            cells[row, : len(text)] = np.frombuffer(text, dtype=np.uint8)
            lengths[row] = len(text)
        return cells.reshape(-1), _begins(cells), lengths


@dataclass(frozen=True, eq=False)
class _Integers:
    values: Whole
    least: int = 1
    width: int = _NUMBER_WIDTH

    def cells(self, rows: slice) -> tuple[NDArray[np.uint8], Whole, Whole]:
        from evenview.core.kernels import digits

        values = self.values[rows]
        cells = np.empty((len(values), digits.WIDTH), dtype=np.uint8)
        lengths = np.empty(len(values), dtype=np.int64)
        digits.whole_cells(values, self.least, cells, lengths)
        return cells.reshape(-1), _begins(cells), lengths


_Piece: TypeAlias = _Words | _Decimals | _Integers


def _begins(cells: NDArray[np.uint8]) -> Whole:
    return np.arange(0, cells.size, cells.shape[1], dtype=np.int64)


def _rows(laid: Sequence[Sequence[_Piece]], rows: slice) -> memoryview:
    """Some rows as text."""
    from evenview.core.kernels import digits

    pieces = [piece for column in laid for piece in column]
    cells = [piece.cells(rows) for piece in pieces]
    pools = [pool for pool, _, _ in cells]
    offsets = np.cumsum([0, *(len(pool) for pool in pools)])
    begins = np.stack([begin + at for (_, begin, _), at in zip(cells, offsets, strict=False)])
    lengths = np.stack([length for _, _, length in cells])
    widths = np.array([piece.width for piece in pieces])
    room = np.maximum(lengths, widths[:, None]).sum() + (len(pieces) + 1) * lengths.shape[1]
    out = np.empty(int(room), dtype=np.uint8)
    size = digits.lay_out(np.concatenate(pools), begins, lengths, widths, out)
    return out[:size].data


def _laid_out(column: Column) -> list[_Piece]:
    """A column as the pieces that its cells are made of; all but the first follow at once."""
    if isinstance(column, Fixed):
        return [_Decimals(np.ascontiguousarray(column.values, dtype=np.float64), column.decimals)]
    if isinstance(column, Names):
        return [_words(column)]
    if isinstance(column, Images):
        return _image_pieces(column)
    return [_Integers(np.ascontiguousarray(column, dtype=np.int64))]


def _image_pieces(images: Images) -> list[_Piece]:
    stacks = images.stacks
    if stacks is None:
        raise ValueError("images without stacks have no names")
    if not all(_PLAIN.fullmatch(word) for word in stacks.words) or (stacks.codes < 0).any():
        return [_words(Names.of(image_names(images)))]
    at = Names(("@", ""), (images.index <= 0).astype(np.int64))
    index = _ImageNumbers(np.ascontiguousarray(images.index, dtype=np.int64))
    return [index, _words(at, -1, quoted=False), _words(stacks, -1)]


@dataclass(frozen=True, eq=False)
class _ImageNumbers(_Integers):
    """Places in stacks; none where they are 0."""

    least: int = _INDEX_DIGITS
    width: int = 0

    def cells(self, rows: slice) -> tuple[NDArray[np.uint8], Whole, Whole]:
        pool, begins, lengths = super().cells(rows)
        return pool, begins, np.where(self.values[rows] > 0, lengths, 0)


def image_names(images: Images) -> Iterator[str]:
    """ "000001@stack" of each row; "stack" where the place is 0, "" where there is no stack."""
    if images.stacks is None:
        raise ValueError("images without stacks have no names")
    for index, stack in zip(images.index.tolist(), images.stacks.texts(), strict=True):
        yield f"{index:0{_INDEX_DIGITS}d}@{stack}" if index > 0 and stack else stack


def _words(names: Names, width: int = 0, quoted: bool = True) -> _Words:
    texts = [*names.words, ""]
    encoded = [(quote(text) if quoted else text).encode() for text in texts]
    begins = np.cumsum([0, *map(len, encoded)])
    codes = np.where(names.codes < 0, len(names.words), names.codes)
    return _Words(np.frombuffer(b"".join(encoded), dtype=np.uint8), begins, codes, width)


def quote(text: str) -> str:
    """A text as a cell: in quotes where it would otherwise be taken for something else.

    Raises `UserError` for one that no star file can hold.
    """
    if _PLAIN.fullmatch(text):
        return text
    for mark in _QUOTES:
        if mark not in text and not re.search(r"[\r\n\v\f]", text):
            return f"{mark}{text}{mark}"
    raise UserError(
        f"the text {text!r} cannot stand in a star file, which has no place for line ends or both "
        "kinds of quotes",
        hint="Rename what it names.",
    )


def _size(column: Column) -> int:
    if isinstance(column, Fixed):
        return len(column.values)
    return len(column.index) if isinstance(column, Images) else len(column)
