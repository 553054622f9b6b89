from __future__ import annotations

import pytest

from evenview.core.words import counted


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("bin",), "0 bins"),
        (1, ("bin",), "1 bin"),
        (1204, ("bin",), "1,204 bins"),
        (1, ("row is", "rows are"), "1 row is"),
        (2, ("row is", "rows are"), "2 rows are"),
    ],
)
def test_one_and_many(number, words, said):
    assert counted(number, *words) == said
