from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.tasks.drawing.scale import Scale, number

KINDS = st.sampled_from(["linear", "log"])


@given(st.floats(0.001, 10), st.floats(1.5, 1e6), KINDS, st.integers(3, 9))
def test_ticks_lie_on_the_bar_rise_and_are_not_too_many(low, ratio, kind, most):
    scale = Scale(low, low * ratio, kind)
    for marks in (scale.major(most), scale.minor()):
        assert marks == sorted(set(marks))
        assert all(-1e-6 <= scale.place(mark) <= 1 + 1e-6 for mark in marks)
    assert 1 <= len(scale.major(most)) <= most + 2


@given(st.floats(-1e4, 1e4), st.floats(0.1, 1e4))
def test_a_linear_bar_has_round_steps_over_zero_too(low, span):
    marks = Scale(low, low + span, "linear").major(6)
    steps = [b - a for a, b in pairwise(marks)]
    assert not steps or max(steps) - min(steps) < 1e-6 * max(steps)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1.0, "1"), (20.0, "20"), (1000.0, "1,000"), (-4.0, "−4"), (0.0, "0")],
)
def test_numbers_are_short_words(value, text):
    assert number(value) == text
