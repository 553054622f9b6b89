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
from evenview.core.progress import Progress, part, silent
from evenview.core.record import Floats, Images, Names, Whole
from evenview.formats.output import atomic_writer
from evenview.formats.texts import bytes_of, shown

_CHUNK_ROWS = 1 << 14
_NUMBER_WIDTH = 12  # RELION's
_INDEX_DIGITS = 6
_PLAIN = re.compile(r"[^\s#_\"']\S*")
# What begins a table for many readers wherever it begins a line (the starfile package's too).
_RESERVED = re.compile(r"data_|loop_", re.IGNORECASE)
#: The kinds of quotes of a star file, the one to take first at the front.
QUOTES = "\"'"


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
            start, done = done, done + len(block)
            _write_block(file, block, comment, part(progress, start / total, done / total))


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
    _write_loop(file, laid, len(block), progress)
    file.write(b"\n")


def write_loop_rows(
    file: BinaryIO, columns: Sequence[Column], progress: Progress, marks: str = QUOTES
) -> None:
    """Write the rows of a table, laid out as by `write_blocks`; texts are in quotes of `marks`.

    Raises `UserError` for a text that no star file of such quotes can hold.
    """
    laid = [_laid_out(column, marks) for column in columns]
    _write_loop(file, laid, max(map(_size, columns), default=0), progress)


def _write_loop(
    file: BinaryIO, laid: Sequence[Sequence[_Piece]], rows: int, progress: Progress
) -> None:
    for first in range(0, rows, _CHUNK_ROWS):
        progress(first / rows, "Writing rows")
        file.write(_rows(laid, slice(first, min(first + _CHUNK_ROWS, rows))))


def _write_pairs(file: BinaryIO, block: Block, laid: Sequence[Sequence[_Piece]]) -> None:
    width = max(map(len, block.columns), default=0) + 1
    for label, pieces in zip(block.columns, laid, strict=True):
        value = bytes(_rows([pieces], slice(0, 1))).strip()
        file.write(f"{'_' + label:<{width}} ".encode() + value + b"\n")
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


def _laid_out(column: Column, marks: str = QUOTES) -> list[_Piece]:
    """A column as the pieces that its cells are made of; all but the first follow at once."""
    if isinstance(column, Fixed):
        return [_Decimals(np.ascontiguousarray(column.values, dtype=np.float64), column.decimals)]
    if isinstance(column, Names):
        return [_words(column, marks=marks)]
    if isinstance(column, Images):
        return _image_pieces(column, marks)
    return [_Integers(np.ascontiguousarray(column, dtype=np.int64))]


def _image_pieces(images: Images, marks: str) -> list[_Piece]:
    stacks = images.stacks
    if stacks is None:
        raise ValueError("images without stacks have no names")
    if not _all_plain(images, stacks) or (stacks.codes < 0).any():
        return [_words(Names.of(image_names(images)), marks=marks)]
    at = Names(("@", ""), (images.index <= 0).astype(np.int64))
    index = _ImageNumbers(np.ascontiguousarray(images.index, dtype=np.int64))
    return [index, _words(at, -1, marks=""), _words(stacks, -1, marks="")]


def _all_plain(images: Images, stacks: Names) -> bool:
    """Whether no name of an image needs quotes. One with a number does not begin as its stack."""
    if not all(map(_PLAIN.fullmatch, stacks.words)):
        return False
    return bool((images.index > 0).all()) or not any(map(_RESERVED.match, stacks.words))


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


def _words(names: Names, width: int = 0, marks: str = QUOTES) -> _Words:
    """Cells of texts, as they are where there are no `marks`."""
    texts = [*names.words, ""]
    encoded = [bytes_of(quote(text, marks) if marks else text) for text in texts]
    begins = np.cumsum([0, *map(len, encoded)])
    codes = np.where(names.codes < 0, len(names.words), names.codes)
    return _Words(np.frombuffer(b"".join(encoded), dtype=np.uint8), begins, codes, width)


def quote(text: str, marks: str = QUOTES) -> str:
    """A text as a cell: in quotes where it would otherwise be taken for something else.

    Raises `UserError` for one that no star file can hold.
    """
    if _PLAIN.fullmatch(text) and not _RESERVED.match(text):
        return text
    return enclosed(text, marks)


def enclosed(text: str, marks: str = QUOTES, hint: str = "Rename what it names.") -> str:
    """A text in the first of some kinds of quotes (both, or single ones) that it has not itself.

    Raises `UserError` with the hint where there is none, and for line ends.
    """
    for mark in marks:
        if mark not in text and not re.search(r"[\r\n\v\f]", text):
            return f"{mark}{text}{mark}"
    kinds = "both kinds of quotes" if len(marks) > 1 else "single quotes"
    raise UserError(
        f"the text '{shown(text)}' cannot stand in a star file, which has no place for line ends "
        f"or {kinds}",
        hint=hint,
    )


def _size(column: Column) -> int:
    if isinstance(column, Fixed):
        return len(column.values)
    return len(column.index) if isinstance(column, Images) else len(column)
