"""What a report says of an FSC: crossed, above to the last shell, or below from the first."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.align.superpose import Likeness
from evenview.tasks.align_words import crossing_words, fsc_words, reached

SIDE = 100.0


def likeness(*fsc):
    """Shells 1, 2, 3, … of a box of 100 Å: 100, 50, 33.3 Å …"""
    values = np.array([np.nan, *fsc])
    return Likeness(values, np.ones_like(values), SIDE)


@pytest.mark.parametrize(
    ("fsc", "level", "state", "words"),
    [
        ((1.0, 0.9, 0.1, 0.0), 0.5, "crossed", "0.5 at 40.00 Å"),
        ((1.0, 0.9, 0.8, 0.7), 0.5, "last_shell", "above 0.5 to 25.00 Å, the last shell"),
        ((0.4, 0.3, 0.6, 0.2), 0.5, "never", "below 0.5 from the first shell"),
        ((0.4, 0.3, 0.3, 0.3), 0.143, "last_shell", "above 0.143 to 25.00 Å, the last shell"),
    ],
)
def test_whether_and_where_the_fsc_falls_to_a_level(fsc, level, state, words):
    assert reached(likeness(*fsc), level) == state
    assert crossing_words(likeness(*fsc), level) == words


@pytest.mark.parametrize(
    ("fsc", "words"),
    [
        ((1.0, 0.9, 0.1, 0.043), "0.5 at 40.00 Å, 0.143 at 33.94 Å"),
        ((1.0, 0.9, 0.8), "above 0.5 to 33.33 Å, the last shell"),
        ((0.1, 0.1, 0.1), "below 0.143 from the first shell"),
        ((0.3, 0.3, 0.3), "below 0.5 from the first shell, above 0.143 to 33.33 Å, the last shell"),
    ],
)
def test_a_level_that_says_nothing_more_is_left_out(fsc, words):
    found = fsc_words(likeness(*fsc))
    assert found == words
    masked = fsc_words(likeness(*fsc), masked=True)
    assert masked == f"{words} (both maps times the mask of the reference, which raises the FSC)"
