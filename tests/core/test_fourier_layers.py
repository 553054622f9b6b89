"""Fourier sampling and the value of views over the bins, against what geometry says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenview.core import convention
from evenview.core.beside import NOTHING, Beside, Field
from evenview.core.errors import UserError
from evenview.core.foresight import is_known
from evenview.core.kernels.sampling import count
from evenview.core.layers import layer
from evenview.core.plan import Plan, Thinning
from evenview.core.resolve import resolve
from evenview.core.sampling import shell
from evenview.core.selection import Combine, Threshold
from evenview.strategies.cap import Cap
from evenview.strategies.like import Like
from made_views import cone, even, particles_of, side, skewed, turned

N = 20_000


def views(make, n=N, *, seed=0):
    return particles_of(make(n, np.random.default_rng(seed)))


def shown(particles, quantity, **plan):
    return resolve(particles, Plan(quantity=quantity, **plan))


@pytest.mark.parametrize("quantity", ["sampling", "value"])
@pytest.mark.parametrize("grid", ["healpix:3", "fibonacci:500", "azel:10"])
def test_even_views_sample_all_alike_and_are_of_one_value(quantity, grid):
    values = shown(views(even), quantity, grid=grid).layer.values
    assert np.isfinite(values).all()
    assert values.mean() == pytest.approx(1, abs=0.02)
    assert values.std() < 0.12


def test_side_views_fill_the_poles_most():
    # S(u) of views on a great circle is 2/(π sin θ) of its mean, θ from the circle's axis.
    v = turned(side(N, np.random.default_rng(0)), np.random.default_rng(5))
    axis = np.linalg.svd(v, full_matrices=False)[2][2]
    display = shown(particles_of(v), "sampling", grid="healpix:4")
    z = np.abs(display.binning.centers @ axis)
    for low, high in ((0, 0.3), (0.3, 0.6), (0.6, 0.8), (0.8, 0.95)):
        belt = (z >= low) & (z < high)  # one by one, the bins of an ideal line are grainy
        expected = np.mean(2 / (math.pi * np.sqrt(1 - z[belt] ** 2)))
        assert display.layer.values[belt].mean() == pytest.approx(expected, rel=0.04)


def test_one_more_top_view_is_worth_two_more_side_views():
    # 1/S² around the great circle of a side view is on average half of what it is at the equator.
    display = shown(views(side, 200_000), "value", grid="healpix:3")
    z = np.abs(display.binning.centers[:, 2])
    top, level = (display.layer.values[part].mean() for part in (z > 0.98, z < 0.02))
    assert top / level == pytest.approx(2, rel=0.06)


def test_what_a_cone_of_views_never_samples_is_empty():
    display = shown(views(lambda n, r: cone(n, 30, r)), "sampling", grid="healpix:4")
    z = np.abs(display.binning.centers[:, 2])
    border = math.sin(math.radians(30))
    assert np.isnan(display.layer.values[z > border + 0.04]).all()
    assert np.isfinite(display.layer.values[z < border - 0.04]).all()
    assert (display.colors[z > border + 0.04] == display.colors[z.argmax()]).all()


@pytest.mark.parametrize(("grid", "tolerance"), [("healpix:2", 0.05), ("healpix:4", 0.15)])
def test_the_sampling_of_bins_is_the_mean_of_every_view_counted(grid, tolerance):
    v, half = skewed(50_000, np.random.default_rng(3)), shell().half_width
    display = shown(particles_of(v), "sampling", grid=grid)
    directions = even(40_000, np.random.default_rng(4))
    counted, inside = count(directions, v, half), display.binning.grid.index_of(directions)
    held = np.bincount(inside, minlength=display.binning.grid.n)
    mean = np.bincount(inside, counted, len(held)) / np.maximum(held, 1) / (len(v) * half)
    off = (display.layer.values / mean - 1)[held > 0]
    assert np.sqrt(np.mean(off**2)) < tolerance
    assert abs(off.mean()) < 0.02


def test_a_folded_set_looks_even_when_its_symmetry_is_given():
    v = even(N, np.random.default_rng(1))
    v = v[(v[:, 2] > 0) & (np.abs(np.arctan2(v[:, 1], v[:, 0])) < np.pi / 7)]
    rows = particles_of(v)
    alone = shown(rows, "sampling").layer.values
    together = shown(rows, "sampling", symmetry="D7").layer.values
    assert np.nanmax(alone) > 3.5  # the crest is sharper than a bin
    assert np.isfinite(together).all()
    assert np.nanmax(together) < 1.7


def test_thinning_a_crowd_evens_the_sampling_out():
    display = shown(views(skewed), "sampling", thinning=Thinning(Cap(10)))
    before, after = display.layer.values, display.after_values
    assert after.std() < 0.6 * before.std()
    assert (display.after_colors != display.colors).any()


def test_a_grid_finer_than_the_sampling_shows_the_same():
    rows = views(skewed)
    coarse, fine = (shown(rows, "sampling", grid=f"healpix:{k}") for k in (5, 6))
    at = coarse.binning.grid.index_of(fine.binning.centers)
    np.testing.assert_array_equal(fine.layer.values, coarse.layer.values[at])


def test_redundant_views_can_be_selected_and_are_those_of_the_crowd():
    step = Combine("replace", Threshold("redundant", 0.9))
    display = shown(views(skewed), "density", selection=(step,))
    assert is_known(display.binning)
    z = np.abs(display.binning.centers[:, 2])
    assert display.selected[z > 0.95].all()
    assert not display.selected[z < 0.3].any()


def test_a_field_is_shown_where_its_axes_are_and_on_the_other_side():
    axes = np.eye(3)
    field = Field("resolution", "Resolution", "Å", axes, np.array([3.0, 4.0, 5.0]))
    np.testing.assert_allclose(field.at(np.concatenate([axes, -axes])), [3, 4, 5, 3, 4, 5])
    display = resolve(
        views(even), Plan(quantity="field:resolution"), beside=Beside({"resolution": field})
    )
    assert display.layer.unit == "Å"
    assert 3 <= display.layer.values.min() < display.layer.values.max() <= 5
    assert display.after_values is display.layer.values


@pytest.mark.parametrize("quantity", ["field:resolution", "field:", "valeu"])
def test_a_quantity_that_is_not_there_is_told(quantity):
    rows = views(even, 100)
    with pytest.raises(UserError, match="There is no"):
        layer(quantity, rows, NOTHING, resolve(rows, Plan()).binning)


@pytest.mark.parametrize("quantity", ["field:resolution", "rows:agreement"])
def test_a_plan_outlives_the_field_that_it_shows(quantity):
    display = shown(views(even, 100), quantity)
    assert display.quantity == "density"
    assert display.layer.unit == "× uniform"


def test_an_example_is_cut_as_the_particles_are():
    rows, other = views(even), views(side)
    plan = Plan(grid="healpix:2", symmetry="C3", look="folded", thinning=Thinning(Like("b.star")))
    display = resolve(rows, plan, beside=Beside(examples={"b.star": other}))
    assert display.problem is None
    assert display.quotas is not None
    upright = np.abs(display.binning.centers[:, 2]) > 0.5
    assert display.quotas[upright].sum() < 0.05 * display.quotas.sum()
    assert resolve(rows, plan).problem is not None
    assert convention.directions(other.quaternions).shape == (N, 3)
