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


def general(values, count: int) -> list[str | None]:
    """What the kernel writes; None where it leaves a number to Python."""
    column = np.asarray(values, dtype=np.float64).reshape(-1, 1)
    cells = np.zeros((len(column), 1, digits.WIDTH), dtype=np.uint8)
    lengths = np.empty((len(column), 1), dtype=np.int64)
    digits.general_cells(column, np.array([count]), cells, lengths)
    pairs = zip(cells[:, 0], lengths[:, 0].tolist(), strict=True)
    return [bytes(cell[:n]).decode() if n >= 0 else None for cell, n in pairs]


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.integers(1, digits.MOST_DIGITS))
def test_any_number_is_pythons_to_its_digits_or_left_to_it(values, count):
    for value, text in zip(values, general(values, count), strict=True):
        assert text in (None, f"{value:.{count}g}")


@pytest.mark.parametrize("count", [1, 6, 9, 15])
def test_many_numbers_are_pythons_to_their_digits(count):
    rng = np.random.default_rng(count)
    values = rng.uniform(-1, 1, 200_000) * 10.0 ** rng.uniform(-5, min(count, 9), 200_000)
    values[::1000] = 0.0
    found = [text for text in general(values, count) if text is not None]
    assert len(found) > 0.95 * len(values)
    assert all(
        text in (None, f"{value:.{count}g}")
        for value, text in zip(values.tolist(), general(values, count), strict=True)
    )


@pytest.mark.parametrize("count", [1, 2, 6, 15])
def test_numbers_beside_powers_of_ten_and_halfway_are_pythons_to_their_digits(count):
    """Where the exponent changes by rounding, and where the last digit is a tie."""
    rng = np.random.default_rng(count)
    powers = 10.0 ** np.arange(-18, count + 1)
    halves = (rng.integers(0, 10 ** min(count, 14), 20_000) + 0.5) * 10.0 ** rng.integers(
        -12, 1, 20_000
    )
    exact = np.array([*powers, *(powers * (1 - 0.5 * 10.0**-count)), *halves])
    ties = rng.integers(-(2**40), 2**40, 20_000) / 2.0 ** rng.integers(1, 60, 20_000)
    values = [*exact, *-exact, *np.nextafter(exact, 0), *np.nextafter(exact, np.inf), *ties]
    for value, text in zip(values, general(values, count), strict=True):
        assert text in (None, f"{value:.{count}g}")


def test_the_numbers_of_a_matrix_are_all_written():
    values = [0.0, -0.0, 1.0, -1.0, 6.1e-17, -0.5, 0.0001, 0.00001, 0.1, 1 / 3, 123456.4, -99999.95]
    assert general(values, 6) == [f"{value:.6g}" for value in values]
    assert general([1e6, np.inf, 5e-324, 1e300, 999999.5], 6) == [None] * 5
    column = np.array([[np.nan]])
    lengths = np.zeros((1, 1), np.int64)
    digits.general_cells(column, np.array([6]), np.zeros((1, 1, digits.WIDTH), np.uint8), lengths)
    assert lengths[0, 0] == digits.NOTHING
