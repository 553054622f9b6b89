from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from evenview.core import colormap, resolve, rotation
from evenview.core.display import exact_summary
from evenview.core.errors import UserError
from evenview.core.keep import choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import ColorRange, Order, Plan, Thinning
from evenview.core.progress import silent
from evenview.core.selection import Band, Cone
from evenview.strategies.cap import Cap
from evenview.strategies.percentile import Percentile
from evenview.strategies.target import Target

LOOKS = ["stored", "expanded", "folded"]
BASE = Plan(grid="healpix:2", symmetry="C3", thinning=Thinning(Cap(40)))
ARRAYS = ("colors", "selected", "decision_selected", "quotas", "after_counts", "after_density",
          "after_values", "after_colors")  # fmt: skip


class Columns:
    numeric_columns = ("score",)

    def numeric(self, name):
        if name != "score":
            raise UserError(f"There is no column {name}")
        return np.linspace(0, 1, N)


N = 8000


@pytest.fixture(scope="module")
def particles():
    rng = np.random.default_rng(0)
    q = rotation.random(N, rng)
    q[: N // 2, 1:3] *= 0.2
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    q[[5, 77, 4000]] = np.nan
    return Particles(Columns(), q, rng.integers(1, 3, N).astype(np.int8))


def alike(one, other):
    """The arrays that two displays share."""
    return {name for name in ARRAYS if getattr(one, name) is getattr(other, name)}


@pytest.mark.parametrize("look", LOOKS)
def test_the_shapes_and_kinds(particles, look):
    display = resolve.resolve(particles, replace(BASE, look=look).select(Cone((0, 0, 1), 30)))
    n = display.binning.grid.n
    for name in ("colors", "after_colors"):
        assert getattr(display, name).shape == (n, 4)
        assert getattr(display, name).dtype == np.uint8
    for name in ("selected", "decision_selected"):
        assert getattr(display, name).dtype == np.bool_
    for name in ("after_counts", "after_density", "after_values"):
        assert getattr(display, name).shape == (n,)
        assert getattr(display, name).dtype == np.float64


def test_nothing_drawn_can_be_written_to(particles):
    display = resolve.resolve(particles, BASE)
    for item in fields(display):
        value = getattr(display, item.name)
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable


def test_the_same_plan_gives_the_same_objects(particles):
    one = resolve.resolve(particles, BASE)
    two = resolve.resolve(particles, replace(BASE), one)
    assert alike(one, two) == set(ARRAYS)
    assert two.binning is one.binning
    assert two.layer is one.layer
    assert two.summary.before is one.summary.before
    assert two.summary.after is one.summary.after


THINNED = {"quotas", "after_counts", "after_density", "after_values", "after_colors"}
COLORED = {"colors", "after_colors"}


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (lambda p: replace(p, thinning=replace(p.thinning, strategy=Cap(20))), THINNED),
        (lambda p: replace(p, thinning=replace(p.thinning, minimum=3)), THINNED),
        (lambda p: replace(p, thinning=replace(p.thinning, seed=3)), set()),
        (lambda p: replace(p, thinning=replace(p.thinning, order=Order("score"))), set()),
        (lambda p: replace(p, thinning=replace(p.thinning, keep_halves=False)), set()),
        (lambda p: p.select(Band(0, 90)), {"selected", "decision_selected"}),
        (lambda p: replace(p, colormap="cividis"), COLORED),
        (lambda p: replace(p, scale="linear"), COLORED),
        (lambda p: replace(p, colors=ColorRange("fixed", 1, 9)), COLORED),
        (lambda p: replace(p, quantity="count"), COLORED | {"after_values"}),
    ],
)
def test_only_what_a_change_touches_is_new(particles, change, changed):
    one = resolve.resolve(particles, BASE)
    two = resolve.resolve(particles, change(BASE), one)
    assert set(ARRAYS) - alike(one, two) == changed
    assert two.binning is one.binning


def test_a_selection_matters_to_thinning_only_where_it_is_asked(particles):
    plan = replace(BASE, thinning=replace(BASE.thinning, only_selected=True))
    one = resolve.resolve(particles, plan.select(Band(0, 90)))
    two = resolve.resolve(particles, plan.select(Band(-90, 0)), one)
    assert (one.quotas != two.quotas).any()


@pytest.mark.parametrize(
    "change", [{"grid": "azel:20"}, {"symmetry": "D2", "look": "folded"}, {"look": "expanded"}]
)
def test_reused_or_not_the_display_is_the_same(particles, change):
    one = resolve.resolve(particles, BASE)
    plan = replace(BASE, **change).select(Cone((1, 0, 1), 40))
    fresh, reused = resolve.resolve(particles, plan), resolve.resolve(particles, plan, one)
    assert reused.binning is not one.binning
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(fresh, name), getattr(reused, name))
    assert fresh.summary == reused.summary


def test_a_slider_step_never_looks_at_rows(particles, monkeypatch):
    plan = replace(BASE, look="expanded")
    one = resolve.resolve(particles, plan)

    def never(*_):
        raise AssertionError("rows were looked at")

    monkeypatch.setattr(resolve, "bin_particles", never)
    monkeypatch.setattr(resolve, "count_halves", never)
    monkeypatch.setattr(one.binning.grid, "index_of", never)
    moved = replace(plan, thinning=Thinning(Cap(10)))
    two = resolve.resolve(particles, moved, one)
    assert two.summary.after.particles < one.summary.after.particles


@pytest.mark.parametrize("look", LOOKS)
def test_the_preview_is_what_the_chosen_rows_are(particles, look):
    plan = replace(BASE, look=look)
    display = resolve.resolve(particles, plan)
    kept = choose_rows(particles, display.binning, display.checked_quotas(), plan.thinning)
    after = display.summary.after
    assert after.particles == kept.sum()
    assert after.unplaced == 3
    assert after.halves == tuple((particles.halves[kept] == h).sum() for h in (1, 2))
    assert exact_summary(display, kept) == display.summary


def test_the_exact_summary_counts_halves_that_were_left_to_chance(particles):
    plan = replace(BASE, thinning=Thinning(Cap(40), keep_halves=False))
    display = resolve.resolve(particles, plan)
    kept = choose_rows(particles, display.binning, display.checked_quotas(), plan.thinning)
    exact = exact_summary(display, kept).after
    assert exact.halves == tuple((particles.halves[kept] == h).sum() for h in (1, 2))
    assert sum(exact.halves) == sum(display.summary.after.halves) == exact.particles


@pytest.mark.parametrize("look", LOOKS)
def test_density_after_is_of_what_is_left(particles, look):
    display = resolve.resolve(particles, replace(BASE, look=look))
    areas = display.binning.areas
    real = areas > 0
    mean = np.average(display.after_density[real], weights=areas[real])
    assert mean == pytest.approx(1)
    assert np.isnan(display.after_density[~real]).all()


def test_without_thinning_after_is_before(particles):
    display = resolve.resolve(particles, replace(BASE, thinning=None))
    assert display.quotas is None
    assert display.problem is None
    np.testing.assert_array_equal(display.after_counts, display.binning.counts)
    assert display.after_colors is display.colors
    assert display.summary.after is display.summary.before
    with pytest.raises(UserError, match="Nothing is to be thinned"):
        display.checked_quotas()


def test_a_rule_that_makes_no_sense_is_a_problem_not_the_end_of_the_picture(particles):
    sparse = replace(BASE, grid="healpix:5", thinning=Thinning(Percentile(10)))
    display = resolve.resolve(particles, sparse)
    assert display.quotas is None
    assert display.after_colors is display.colors
    with pytest.raises(UserError, match="bins are empty"):
        display.checked_quotas()
    better = resolve.resolve(particles, replace(sparse, thinning=Thinning(Percentile(99))), display)
    assert better.problem is None
    assert better.checked_quotas().sum() < N
    too_many = resolve.resolve(particles, replace(BASE, thinning=Thinning(Target(N))))
    assert "only 7,997" in str(too_many.problem)


@pytest.mark.parametrize("look", ["expanded", "folded"])
def test_a_region_drawn_on_one_copy_thins_all_of_them(particles, look):
    plan = replace(BASE, symmetry="C4", look=look, thinning=Thinning(Cap(1), only_selected=True))
    east = resolve.resolve(particles, plan.select(Cone((1, 0.2, 0), 25)))
    north = resolve.resolve(particles, plan.select(Cone((-0.2, 1, 0), 25)))
    np.testing.assert_array_equal(east.decision_selected, north.decision_selected)
    np.testing.assert_array_equal(east.quotas, north.quotas)
    assert east.summary.after.particles < N


def test_outside_the_asymmetric_unit_nothing_is_selected_or_empty(particles):
    display = resolve.resolve(particles, replace(BASE, look="folded").inverted())
    outside = display.binning.areas == 0
    assert outside.sum() > display.binning.grid.n / 3
    assert not display.selected[outside].any()
    assert display.selected[~outside].all()
    assert {tuple(color) for color in display.colors[outside]} == {colormap.OUTSIDE}


def test_before_and_after_are_coloured_by_one_scale(particles):
    display = resolve.resolve(particles, replace(BASE, thinning=Thinning(Cap(3))))
    low, high = display.limits
    hottest = tuple(colormap.lut("viridis")[-1])
    assert hottest in {tuple(color) for color in display.colors}
    occupied = display.after_counts > 0
    assert np.nanmax(display.after_values) < high
    again = colormap.colorize(display.after_values, low, high, display.scale, "viridis")
    np.testing.assert_array_equal(display.after_colors[occupied], again[occupied])


def test_a_mean_of_a_column_is_taken_to_stay(particles):
    display = resolve.resolve(particles, replace(BASE, quantity="mean:score"))
    left = display.after_counts > 0
    np.testing.assert_array_equal(display.after_values[left], display.layer.values[left])
    assert display.scale == "linear"


@pytest.mark.parametrize(
    "change",
    [
        {"grid": "cubes:3"},
        {"symmetry": "X9"},
        {"quantity": "mean:no_such"},
        {"colormap": "heat"},
        {"colors": ColorRange("fixed", 0, 1)},
    ],
)
def test_what_does_not_exist_is_the_users_to_mend(particles, change):
    with pytest.raises(UserError):
        resolve.resolve(particles, replace(BASE, **change))


def test_rows_that_cannot_be_placed_are_counted_never_thinned(particles):
    display = resolve.resolve(particles, replace(BASE, thinning=Thinning(Cap(1))), None, silent)
    assert display.summary.before.particles == N
    assert display.summary.before.unplaced == 3
    kept = choose_rows(particles, display.binning, display.checked_quotas(), Thinning(Cap(1)))
    assert kept[[5, 77, 4000]].all()


@pytest.mark.parametrize("keep_halves", [True, False])
@pytest.mark.parametrize("look", LOOKS)
def test_what_is_not_marked_as_expected_is_what_the_kept_rows_show(particles, look, keep_halves):
    thinning = Thinning(Cap(40), keep_halves=keep_halves)
    display = resolve.resolve(particles, replace(BASE, look=look, thinning=thinning))
    told = display.summary.after
    kept = choose_rows(particles, display.binning, display.checked_quotas(), thinning)
    left = Particles(Columns(), particles.quaternions[kept], particles.halves[kept])
    found = resolve.resolve(left, replace(BASE, look=look, thinning=None)).summary.before
    assert (told.particles, told.unplaced) == (found.particles, found.unplaced)
    assert told.halves_expected is not keep_halves
    if not told.halves_expected:
        assert told.halves == found.halves
    assert told.evenness_expected is (look == "expanded")
    if not told.evenness_expected:
        assert told.evenness == found.evenness
