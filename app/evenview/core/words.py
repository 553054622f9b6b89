"""Counts in words, the same in every sentence."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """(1, "bin") → "1 bin"; (1204, "bin") → "1,204 bins"; (2, "row is", "rows are") → "2 rows are".

    `many` is only needed where it is not `one` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
