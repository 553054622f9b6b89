from __future__ import annotations

import pytest

from evenview.core.words import counted, listed, sentence, with_minus


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


def test_lists_sentences_and_signs():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert sentence("rlnAngleRot is odd") == "rlnAngleRot is odd"
    assert sentence("half-sets differ") == "Half-sets differ"
    assert with_minus("In-plane -1.5, 1e-5, x-2") == "In-plane \u22121.5, 1e-5, x-2"
