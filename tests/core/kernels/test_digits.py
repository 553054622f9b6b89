"""Numbers as text are those that Python writes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.kernels import digits


def written(values, decimals: int) -> list[str]:
    values = np.asarray(values, dtype=np.float64)
    cells = np.zeros((len(values), digits.WIDTH), dtype=np.uint8)
    lengths = np.empty(len(values), dtype=np.int64)
    digits.fixed_cells(values, decimals, cells, lengths)
    assert (lengths >= 0).all()
    return [bytes(cell[:n]).decode() for cell, n in zip(cells, lengths, strict=True)]


def expected(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


@given(
    st.lists(st.floats(-4e3, 4e3) | st.floats(-1e-5, 1e-5), min_size=1),
    st.integers(0, digits.MOST_DECIMALS),
)
def test_every_number_is_what_python_writes(values, decimals):
    assert written(values, decimals) == [expected(value, decimals) for value in values]


def test_many_numbers_of_all_sizes_are_what_python_writes():
    rng = np.random.default_rng(0)
    values = rng.uniform(-1, 1, 200_000) * 10.0 ** rng.uniform(-9, 12.6, 200_000)
    assert written(values, 6) == [expected(value, 6) for value in values.tolist()]


@pytest.mark.parametrize("decimals", [0, 1, 2, 5, 6])
def test_numbers_halfway_and_beside_it_are_what_python_writes(decimals):
    """Exact ties (multiples of a power of two) and the numbers next to a decimal halfway."""
    rng = np.random.default_rng(decimals)
    ties = rng.integers(-(2**40), 2**40, 20_000) / 2.0 ** rng.integers(1, 12, 20_000)
    near = (rng.integers(0, 10**9, 20_000) + 0.5) / 10.0**decimals
    values = [*ties, *near, *np.nextafter(near, 0), *np.nextafter(near, np.inf), *-near]
    assert written(values, decimals) == [expected(value, decimals) for value in values]


def test_nothing_and_zero():
    assert written([np.nan, 0.0, -0.0, -1e-9, 5e-324], 6) == ["nan", *["0.000000"] * 4]


@pytest.mark.parametrize("value", [1e13, -1e300, np.inf, -np.inf])
def test_what_is_too_large_is_left_to_others(value):
    out = np.zeros(digits.WIDTH, dtype=np.uint8)
    assert digits.write_fixed(value, 6, out, 0) == digits.TOO_LARGE


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), st.integers(1, 8))
def test_integers_are_what_python_writes(values, least):
    array = np.array(values, dtype=np.int64)
    cells = np.zeros((len(array), digits.WIDTH), dtype=np.uint8)
    lengths = np.empty(len(array), dtype=np.int64)
    digits.whole_cells(array, least, cells, lengths)
    for value, cell, n in zip(values, cells, lengths, strict=True):
        sign = "-" if value < 0 else ""
        assert bytes(cell[:n]).decode() == f"{sign}{abs(value):0{least}d}"
