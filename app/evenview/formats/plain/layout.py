"""How a table of text is laid out: what parts its cells, and where its headings and rows are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evenview.core.preview import TablePreview
from evenview.formats.base import HEAD_BYTES
from evenview.formats.star.cells import number_of
from evenview.formats.text.rows import split
from evenview.formats.texts import shown

#: What comments begin with, and what parts cells, in the order in which it is tried.
COMMENTS = b"#%"
_SEPARATORS = (",", ";", "\t", "")
_BOM = b"\xef\xbb\xbf"
#: A table has at least so many columns of numbers, a rotation's three; so many rows tell.
_FEWEST, _ROWS = 3, 20


@dataclass(frozen=True)
class Layout:
    """The layout of a table.

    Attributes
    ----------
    separator
        What parts cells; "" is any run of blanks.
    headings
        What the columns are called, each otherwise; "column 3" where the file does not say.
    named
        Whether the file says.
    begin
        The byte from which on all lines but comments are rows.
    rows
        The cells of the first rows.
    """

    separator: str
    headings: tuple[str, ...]
    named: bool
    begin: int
    rows: tuple[tuple[bytes, ...], ...]

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers in the first rows."""
        return _numeric(self.rows)

    def preview(self, path: Path, most: int) -> TablePreview:
        """The first rows of the file, at most so many."""
        rows = tuple(tuple(map(shown, row)) for row in self.rows[:most])
        return TablePreview(path, self.headings, self.named, rows, self.numeric)


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    text: bytes

    @property
    def comment(self) -> bool:
        return self.text[:1] in COMMENTS


def layout_of(head: bytes) -> Layout | None:
    """The layout of the table that begins with `head`; None where it is no table of numbers.

    The first rows must have the same number of cells, at least three of them always numbers. The
    line before them names the columns if it has as many cells and no number; it may be a comment.
    A heading without rows is a table, too.
    """
    if b"\0" in head:
        return None
    lines = list(_lines(head))
    if any(b"\r" in line.text for line in lines):  # the line ends of old Macs
        return None
    found = (_parted(lines, separator) for separator in _SEPARATORS)
    return next((layout for layout in found if layout is not None), None)


def has_rows(head: bytes) -> bool:
    """Whether text has anything but comments."""
    return not all(line.comment for line in _lines(head))


def number(cell: bytes) -> float | None:
    """The number in a cell, which may be in quotes."""
    return number_of(cell.strip(b'"'))


def _lines(head: bytes) -> Iterator[_Line]:
    """The lines that are not blank and whose end is seen."""
    at = len(_BOM) if head.startswith(_BOM) else 0
    while at < len(head):
        newline = head.find(b"\n", at)
        if newline < 0 and len(head) >= HEAD_BYTES:
            return
        end = len(head) if newline < 0 else newline + 1
        text = head[at:end].strip()
        if text:
            yield _Line(at, end, text)
        at = end


def _parted(lines: Sequence[_Line], separator: str) -> Layout | None:
    """The layout with one separator, if it fits."""
    body = [line for line in lines if not line.comment][: _ROWS + 1]
    if not body:
        return None
    cells = [tuple(split(line.text, separator)) for line in body]
    headed = not any(number(cell) is not None for cell in cells[0])
    rows = tuple(cells[headed:])
    width = len(cells[0])
    if width < _FEWEST or any(len(row) != width or _parts_quotes(row) for row in cells):
        return None
    if rows and sum(_numeric(rows)) < _FEWEST:
        return None
    names = cells[0] if headed else _comment_names(lines, body[0], separator, width)
    begin = body[0].end if headed else body[0].start
    return Layout(separator, _headings(names, width), bool(names), begin, rows)


def _parts_quotes(row: Sequence[bytes]) -> bool:
    """Whether a separator stands in quotes, which are not followed here."""
    return any(cell.count(b'"') % 2 for cell in row)


def _comment_names(
    lines: Sequence[_Line], first: _Line, separator: str, width: int
) -> tuple[bytes, ...]:
    """The cells of the comment before the first row, if they are headings, as numpy writes them."""
    before = [line for line in lines if line.start < first.start]
    if not before:
        return ()
    cells = tuple(split(before[-1].text.lstrip(COMMENTS), separator))
    named = len(cells) == width and not any(number(cell) is not None for cell in cells)
    return cells if named else ()


def _headings(names: Sequence[bytes], width: int) -> tuple[str, ...]:
    """What columns are called; by their place, too, where that is not told or not once."""
    said = [shown(name.strip(b'"')) for name in names] or [""] * width
    return tuple(
        name if name and said.count(name) == 1 else f"{name or 'column'} {place}"
        for place, name in enumerate(said, start=1)
    )


def _numeric(rows: Sequence[Sequence[bytes]]) -> tuple[bool, ...]:
    columns = zip(*rows, strict=True)
    return tuple(all(number(cell) is not None for cell in column) for column in columns)
