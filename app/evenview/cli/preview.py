"""The beginning of a table of text, a line a column, for whoever is to say what these hold."""

from __future__ import annotations

from collections.abc import Sequence

from evenview.core.preview import TablePreview

#: How many rows are shown, and how much of a cell.
_ROWS, _LETTERS = 4, 18


def table(preview: TablePreview) -> str:
    """The columns with their numbers, headings and first cells, in lines that align."""
    head = ["column", "heading" if preview.named else ""]
    head += [f"row {row}" for row in range(1, len(preview.rows[:_ROWS]) + 1)]
    lines = [head]
    for place, heading in enumerate(preview.headings):
        cells = [row[place] for row in preview.rows[:_ROWS]]
        lines.append([str(place + 1), heading if preview.named else "", *cells])
    shown = [[_short(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return "\n".join(_aligned(line, widths) for line in shown)


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    number, heading, *cells = line
    words = [number.rjust(widths[0]), *([heading.ljust(widths[1])] if widths[1] else [])]
    words += [cell.rjust(width) for cell, width in zip(cells, widths[2:], strict=True)]
    return "  " + "  ".join(words)


def _short(cell: str) -> str:
    return cell if len(cell) <= _LETTERS else f"…{cell[1 - _LETTERS :]}"
