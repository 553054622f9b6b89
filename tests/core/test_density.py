from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core import rotation
from evenview.core.beside import NOTHING
from evenview.core.binning import bin_particles
from evenview.core.density import color_limits, count_layer, evenness
from evenview.core.errors import UserError
from evenview.core.grid import parse_grid
from evenview.core.layers import layer
from evenview.core.particles import Particles
from evenview.core.plan import ColorRange
from evenview.core.symmetry import parse_group

AUTO = ColorRange()


class Columns:
    def __init__(self, **columns):
        self.columns = columns
        self.numeric_columns = tuple(columns)

    def numeric(self, name):
        if name not in self.columns:
            raise UserError(f"There is no column {name}")
        return self.columns[name]


def particles(n=5000, seed=0, column=None):
    q = rotation.random(n, np.random.default_rng(seed))
    return Particles(Columns(score=np.arange(n, dtype=float) if column is None else column), q)


def binned(rows, look="stored", group="C1", grid="healpix:2"):
    return bin_particles(rows, parse_grid(grid), parse_group(group), look)


def test_density_is_one_for_an_even_spread_over_uneven_areas():
    grid = parse_grid("azel:30")
    values = count_layer("density", grid.areas * 1e6, grid.areas).values
    np.testing.assert_allclose(values, 1.0)


def test_all_in_a_quarter_of_the_area_is_four_times_uniform():
    shown = count_layer("density", np.array([0, 30, 0, 0]), np.ones(4))
    np.testing.assert_array_equal(shown.values, [np.nan, 4.0, np.nan, np.nan])
    assert (shown.unit, shown.loggable, shown.diverging) == ("× uniform", True, False)


def test_empty_bins_have_no_count_to_show_but_a_significance():
    counts, areas = np.array([0, 30, 0]), np.array([1.0, 1.0, 0.0])
    np.testing.assert_array_equal(count_layer("count", counts, areas).values, [np.nan, 30, np.nan])
    shown = count_layer("significance", counts, areas)
    # 15 expected in each: missing and surplus are both √15 of their shot noise.
    np.testing.assert_allclose(shown.values, [-math.sqrt(15), math.sqrt(15), np.nan])
    assert shown.diverging


def test_significance_of_uniform_particles_is_a_standard_normal():
    cut = binned(particles(200_000), grid="healpix:3")
    values = layer("significance", particles(1), NOTHING, cut).values
    assert abs(values.mean()) < 0.1
    assert values.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(
    ("look", "group"), [("stored", "C1"), ("folded", "D2"), ("expanded", "C3")]
)
def test_the_mean_of_a_constant_is_that_constant(look, group):
    rows = particles(column=np.full(5000, 7.25))
    binning = binned(rows, look, group)
    shown = layer("mean:score", rows, NOTHING, binning)
    known = np.isfinite(shown.values)
    np.testing.assert_array_equal(known, (binning.counts > 0) & (binning.areas > 0))
    np.testing.assert_allclose(shown.values[known], 7.25)
    assert shown.unit == "score"


def test_a_mean_is_over_the_numbers_there_are():
    column = np.arange(5000.0)
    column[::3] = np.nan
    rows = particles(column=column)
    binning = binned(rows)
    values = layer("mean:score", rows, NOTHING, binning).values
    inside = column[binning.bin_of_row == 17]
    assert values[17] == pytest.approx(np.nanmean(inside))


def test_the_mean_of_copies_knows_which_end_is_up():
    # Under C3 about Z the elevation of a particle is that of all its copies.
    q = rotation.random(20_000, np.random.default_rng(5))
    rows = Particles(None, q)
    column = np.degrees(np.arcsin(rows.directions[:, 2]))
    rows = Particles(Columns(elevation=column), q)
    binning = binned(rows, "expanded", "C3", "healpix:3")
    values = layer("mean:elevation", rows, NOTHING, binning).values
    centre = np.degrees(np.arcsin(binning.centers[:, 2]))
    assert np.nanmax(np.abs(values - centre)) < 7.3  # the width of a bin
    assert np.nanstd(values - centre) < 2


@pytest.mark.parametrize("quantity", ["weight", "mean:", "mean", "mean:no_such"])
def test_unknown_quantities_and_columns_are_refused(quantity):
    rows = particles(10)
    with pytest.raises(UserError):
        layer(quantity, rows, NOTHING, binned(rows))


def test_evenness_of_a_perfectly_even_spread():
    grid = parse_grid("azel:15")
    even = evenness(grid.areas * 1e7, grid.areas)
    assert even.entropy == pytest.approx(1)
    assert even.gini == pytest.approx(0, abs=1e-9)
    assert even.empty_fraction == 0
    assert even.max_density == pytest.approx(1)


def test_evenness_of_a_half_filled_sphere():
    even = evenness(np.repeat([6, 0], 32), np.ones(64))
    assert even.entropy == pytest.approx(5 / 6)  # log2 32 of log2 64 bits
    assert even.gini == pytest.approx(0.5)
    assert even.empty_fraction == pytest.approx(0.5)
    assert even.max_density == pytest.approx(2)


def test_evenness_of_one_crowded_bin():
    counts = np.zeros(100, np.int64)
    counts[3] = 1000
    even = evenness(counts, np.ones(100))
    assert even.entropy == pytest.approx(0, abs=1e-12)
    assert even.gini == pytest.approx(0.99)
    assert even.max_density == pytest.approx(100)


def test_evenness_without_particles_or_with_one_bin():
    assert evenness(np.zeros(5), np.ones(5)).empty_fraction == 1
    assert evenness(np.array([7]), np.ones(1)).entropy == 1


@given(st.lists(st.integers(0, 300), min_size=2, max_size=30), st.integers(0, 29))
def test_cutting_a_bin_into_alike_halves_changes_only_the_resolution(counts, at):
    if sum(counts) == 0:
        return
    at %= len(counts)
    whole = evenness(np.array(counts, float), np.ones(len(counts)))
    halves = np.array([*counts, counts[at]], float)
    areas = np.ones(len(halves))
    halves[[at, -1]] /= 2
    areas[[at, -1]] /= 2
    cut = evenness(halves, areas)
    assert cut.gini == pytest.approx(whole.gini, abs=1e-9)
    assert cut.empty_fraction == pytest.approx(whole.empty_fraction)
    assert cut.max_density == pytest.approx(whole.max_density)
    assert 0 <= cut.entropy <= 1


def test_limits_are_the_lowest_and_highest_that_can_be_drawn():
    values = np.array([np.nan, 0.0, 0.25, 8.0])
    assert color_limits(values, "log", AUTO) == (0.25, 8.0)
    assert color_limits(values, "linear", AUTO) == (0.0, 8.0)
    assert color_limits(values, "linear", ColorRange("fixed", -1, 3)) == (-1, 3)


def test_percentile_limits_leave_the_outliers_out():
    values = np.concatenate([np.arange(101.0), [np.nan] * 50])
    assert color_limits(values, "linear", ColorRange("percentile", 5, 95)) == (5.0, 95.0)


def test_diverging_limits_have_zero_in_the_middle_and_do_not_follow_one_crowded_spot():
    spread = np.linspace(-30.0, 11.0, 1001)
    crowd = np.concatenate([spread, [4000.0]])
    low, high = color_limits(crowd, "linear", AUTO, diverging=True)
    assert low == -high
    assert 28 < high < 30
    assert color_limits(spread / 100, "linear", AUTO, diverging=True) == (-5, 5)
    whole = ColorRange("percentile", 0, 100)
    assert color_limits(crowd, "linear", whole, diverging=True) == (-4000, 4000)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("values", [[5.0, 5.0], [np.nan], [], [0.0], [-2.0, -2.0], [1e-300]])
def test_there_are_always_limits(scale, values):
    low, high = color_limits(np.array(values), scale, AUTO)
    assert low < high
    assert scale == "linear" or low > 0


@pytest.mark.parametrize(
    ("scale", "colors"),
    [
        ("linear", ColorRange("fixed", 3, 3)),
        ("log", ColorRange("fixed", 0, 3)),
        ("linear", ColorRange("percentile", 50, 20)),
        ("linear", ColorRange("percentile", -1, 20)),
    ],
)
def test_ranges_that_cannot_be_are_refused(scale, colors):
    with pytest.raises(UserError):
        color_limits(np.array([1.0, 2.0]), scale, colors)


def test_a_logarithm_is_for_what_is_positive_by_nature():
    rows = particles(100)
    binning = binned(rows)
    drawn = {
        q: layer(q, rows, NOTHING, binning).scale("log")
        for q in ("density", "count", "significance")
    }
    assert drawn == {"density": "log", "count": "log", "significance": "linear"}
    assert layer("mean:score", rows, NOTHING, binning).scale("log") == "linear"


def test_trimmed_values_are_coloured_without_the_few_that_lie_far_off():
    values = np.append(np.linspace(3.0, 4.0, 999), 89.0)
    low, high = color_limits(values, "log", AUTO, trimmed=True)
    assert 3.0 < low < 3.05 < 3.95 < high < 4.0
    assert color_limits(values, "log", ColorRange("percentile", 0, 100), trimmed=True) == (3, 89)
