"""Lines between the rows of a table that are none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evenview.formats.star.outline import StarTable

_LOOKED_AT = 1000


class Gap(NamedTuple):
    """A line between rows: "blank" or "comment", its first byte, and the row behind it."""

    kind: str
    offset: int
    row: int


def first_gap(table: StarTable) -> Gap | None:
    """The first blank line between rows, else the first comment, else None.

    A blank line matters more: programs that stop at one say nothing of it.
    """
    rows = table.rows
    assert rows is not None
    ends = rows.starts[:-1] + rows.lengths[:-1]
    behind = np.flatnonzero(rows.starts[1:] != ends)[:_LOOKED_AT] + 1
    first_comment = None
    for row in behind:
        at = int(ends[row - 1])
        while at < rows.starts[row]:
            end = table.source.line_end(at)
            if not table.source.text(at, end).strip():
                return Gap("blank", at, int(row))
            first_comment = first_comment or Gap("comment", at, int(row))
            at = end
    return first_comment
