"""The cells of one line and the number in one cell: the slow, plain twin of the compiled scan."""

from __future__ import annotations

import re

# A quoted value ends at a quote that is followed by a separator or by the end of the line (CIF).
_CELL = re.compile(
    rb"""[ \t\r\v\f]*(?:
        \#.*
      | "(?P<double>[^\n]*?)"(?!\S)
      | '(?P<single>[^\n]*?)'(?!\S)
      | (?P<plain>[^ \t\r\n\v\f]+)
    )""",
    re.VERBOSE,
)


def split_cells(line: bytes) -> list[bytes]:
    """The cells of a line, without quotes and without a comment at its end."""
    matches = _CELL.finditer(line.rstrip())
    return [match[match.lastgroup] for match in matches if match.lastgroup is not None]


def number_of(cell: bytes) -> float | None:
    """The number in a cell, None if it is not one. Python's digit groups (1_000) are none."""
    if b"_" in cell:
        return None
    try:
        return float(cell.decode("ascii"))
    except ValueError:
        return None
