"""Tools on the sphere and on charts: what is drawn means what it looks like."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.charts import chart_named, charts
from evenview.core.grid import parse_grid
from evenview.core.selection import Band, BinSet, Cone, Polygon
from evenview.render.camera import SphereView, place, upright
from evenview.render.gestures import TOOLS, Gesture, circle
from evenview.render.plane import PlaneView
from evenview.render.pointer import Pointer

GRID = parse_grid("healpix:4")


class Bins:
    """As much of a filled sphere as regions of this kind ask for."""

    centers = GRID.centers
    grid_name = GRID.name


def seen_from(name):
    return SphereView(upright(place(name)), size=(800, 600))


def laid_flat(name, size=(900, 500)):
    return PlaneView(chart_named(name), size)


def draw(tool, ground, path, modifiers=(), button=1):
    """Press, drag along a path of pixels, release; the results on the way and the last one."""
    gesture = Gesture(tool, GRID)
    kinds = ["press", *["drag"] * (len(path) - 1), "release"]
    results = [
        gesture.feed(
            Pointer(kind, tuple(xy), button=button, modifiers=frozenset(modifiers)), ground
        )
        for kind, xy in zip(kinds, [*path, path[-1]], strict=True)
    ]
    return results[:-1], results[-1]


def pixels(ground, azimuth_elevation):
    """Pixels of (az, el) degrees on an az/el chart."""
    return [tuple(xy) for xy in ground.to_pixels(np.array(azimuth_elevation, dtype=float))]


def elevation(v):
    return np.degrees(np.arcsin(v[:, 2]))


def azimuth(v):
    return np.degrees(np.arctan2(v[:, 1], v[:, 0]))


def agreement(region, expected, border):
    """Wrongly taken or left bins that are not within the border's width (B,) bool."""
    return np.flatnonzero((region.mask(Bins()) != expected) & ~border)


def test_a_click_takes_the_bin_under_the_pointer():
    ground = seen_from("top")
    _, last = draw("point", ground, [(400, 300)])
    assert last.done
    assert last.region == BinSet(GRID.name, (int(GRID.index_of(np.array([[0, 0, 1.0]]))[0]),))


def test_a_shaking_hand_still_clicks_and_a_drag_does_not():
    ground = seen_from("top")
    assert draw("point", ground, [(430, 310), (431, 312)])[1].region is not None
    assert draw("point", ground, [(430, 310), (470, 310), (430, 310)])[1].region is None


def test_a_click_beside_the_sphere_takes_nothing():
    _, last = draw("point", seen_from("top"), [(3, 3)])
    assert last.done
    assert last.region is None


@pytest.mark.parametrize(
    ("held", "mode"),
    [
        ((), "replace"),
        (("shift",), "add"),
        (("control",), "subtract"),
        (("alt",), "intersect"),
        (("shift", "control"), "intersect"),
    ],
)
def test_held_keys_say_how_it_combines(held, mode):
    assert draw("cone", seen_from("top"), [(400, 300), (500, 300)], held)[1].mode == mode


@pytest.mark.parametrize("tool", TOOLS)
def test_other_buttons_never_draw(tool):
    results, last = draw(tool, seen_from("top"), [(400, 300), (500, 300)], button=2)
    assert [*results, last] == [None] * 3


def test_a_cancelled_gesture_says_nothing_more():
    gesture = Gesture("lasso", GRID)
    ground = seen_from("top")
    gesture.feed(Pointer("press", (400, 300), button=1), ground)
    gesture.cancel()
    assert gesture.feed(Pointer("drag", (450, 300), button=1), ground) is None
    assert gesture.feed(Pointer("release", (450, 350), button=1), ground) is None


def test_a_cone_opens_as_far_as_the_pointer_goes():
    ground = seen_from("top")
    x = 400 + ground.radius * np.sin(np.radians(25))
    results, last = draw("cone", ground, [(400, 300), (420, 300), (x, 300)])
    assert isinstance(last.region, Cone)
    assert last.region.angle == pytest.approx(25)
    np.testing.assert_allclose(last.region.axis, (0, 0, 1), atol=1e-12)
    np.testing.assert_allclose(elevation(results[-1].preview), 65, atol=1e-9)
    assert "25.0°" in results[-1].text


def test_a_cone_dragged_off_the_sphere_ends_at_the_limb():
    _, last = draw("cone", seen_from("top"), [(400, 300), (799, 300)])
    assert last.region.angle == pytest.approx(90, abs=0.01)


def test_a_cone_over_the_seam_of_a_chart_measures_the_true_angle():
    ground = laid_flat("azel")
    start, end = pixels(ground, [(170, 0), (-170, 0)])
    assert draw("cone", ground, [start, end])[1].region.angle == pytest.approx(20)


def test_a_band_runs_between_two_elevations_in_any_order():
    ground = laid_flat("azel")
    ends = pixels(ground, [(30, 55), (-60, -10)])
    for path in (ends, ends[::-1]):
        region = draw("band", ground, path)[1].region
        assert isinstance(region, Band)
        assert (region.low, region.high) == pytest.approx((-10, 55))


def test_painting_leaves_no_gaps_between_two_samples():
    ground = seen_from("+x")
    radius = ground.radius
    path = [(400 - 0.9 * radius, 300), (400 + 0.9 * radius, 300)]
    results, last = draw("paint", ground, path)
    turn = np.arcsin(np.linspace(-0.9, 0.9, 4001))
    crossed = GRID.index_of(np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1))
    assert set(last.region.indices) == set(crossed.tolist())
    assert len(results[0].region.indices) < len(results[1].region.indices)


def test_a_lasso_around_the_pole_is_a_cap():
    ground = seen_from("top")
    turn = np.linspace(0, 2 * np.pi, 60)
    ring = ground.center + ground.radius * 0.5 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    region = draw("lasso", ground, ring)[1].region
    height = elevation(GRID.centers)
    assert not agreement(region, height > 60, abs(height - 60) < 0.5).size


def test_a_rectangle_over_all_of_the_sphere_is_the_near_half():
    ground = seen_from("+y")
    region = draw("rectangle", ground, [(1, 1), (799, 599)])[1].region
    y = GRID.centers[:, 1]
    assert not agreement(region, y > 0, abs(y) < 0.02).size


def test_a_rectangle_half_off_the_sphere_ends_at_the_limb():
    ground = seen_from("+x")
    region = draw("rectangle", ground, [(400, 10), (799, 590)])[1].region
    x, y, _ = GRID.centers.T
    assert not agreement(region, (x > 0) & (y > 0), (abs(x) < 0.02) | (abs(y) < 0.01)).size


@pytest.mark.parametrize("name", ["azel", "equirectangular"])
@pytest.mark.parametrize(("low", "high"), [(60, 90), (-60, 60), (-90, -45), (-90, 90), (20, 21)])
def test_a_rectangle_of_full_width_is_a_band(name, low, high):
    ground = laid_flat(name)
    (x0, y0), (x1, y1) = pixels(ground, [(-180, low), (180, high)])
    region = draw("rectangle", ground, [(x0 - 9, y0), (x1 + 9, y1)])[1].region
    height = elevation(GRID.centers)
    near = (abs(height - low) < 0.2) | (abs(height - high) < 0.2)
    assert not agreement(region, (height > low) & (height < high), near).size


def test_a_rectangle_to_the_pole_is_a_wedge():
    ground = laid_flat("azel")
    region = draw("rectangle", ground, pixels(ground, [(-100, 30), (-20, 89.999)]))[1].region
    az, el = azimuth(GRID.centers), elevation(GRID.centers)
    near = (abs(az + 100) < 0.4) | (abs(az + 20) < 0.4) | (abs(el - 30) < 0.2) | (el > 89)
    assert not agreement(region, (az > -100) & (az < -20) & (el > 30), near).size


def test_a_rectangle_at_the_seam_keeps_to_its_side():
    ground = laid_flat("azel")
    (x0, y0), (x1, y1) = pixels(ground, [(140, -30), (180, 30)])
    region = draw("rectangle", ground, [(x0, y0), (x1 + 40, y1)])[1].region
    az, el = azimuth(GRID.centers), elevation(GRID.centers)
    near = (abs(az - 140) < 0.4) | (abs(abs(el) - 30) < 0.2) | (abs(az) > 179.9)
    assert not agreement(region, (az > 140) & (abs(el) < 30), near).size


@pytest.mark.parametrize("name", list(charts()))
def test_a_rectangle_over_all_of_any_chart_is_the_whole_sphere(name):
    ground = laid_flat(name)
    region = draw("rectangle", ground, [(1, 1), (899, 499)])[1].region
    assert region.mask(Bins()).all()


@pytest.mark.parametrize("name", ["lambert", "stereographic"])
def test_a_lasso_over_both_discs_takes_a_part_of_each(name):
    ground = laid_flat(name)
    low, high = ground.to_pixels(np.array([[-0.9, -0.35], [0.9, 0.35]]))
    ring = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    region = draw("lasso", ground, ring)[1].region
    flat = ground.chart.forward(GRID.centers)
    expected = (abs(flat) < [0.9, 0.35]).all(axis=1)
    near = (abs(abs(flat) - [0.9, 0.35]) < 0.005).any(axis=1)
    assert expected.any()
    assert not agreement(region, expected, near).size


def test_a_lasso_that_crosses_the_outline_many_times_takes_what_it_covers():
    ground = laid_flat("mollweide")
    comb = [(0.2, -0.8), (3, -0.6), (0.2, -0.3), (3, 0.1), (0.2, 0.4), (3, 0.6), (-0.5, 0.9)]
    ring = ground.to_pixels(np.array(comb))
    region = draw("lasso", ground, ring)[1].region
    flat = ground.chart.forward(GRID.centers)
    from matplotlib.path import Path

    path = Path(np.array(comb), closed=False)
    expected = path.contains_points(flat)
    near = path.contains_points(flat, radius=0.03) != path.contains_points(flat, radius=-0.03)
    assert 100 < expected.sum() < 2000
    assert not agreement(region, expected, near).size


def test_a_slip_of_the_hand_is_no_lasso():
    ground = seen_from("top")
    assert draw("lasso", ground, [(400, 300), (401, 300), (401, 301)])[1].region is None
    assert draw("rectangle", ground, [(2, 2), (40, 30)])[1].region is None


def test_a_loop_stays_light_enough_for_a_recipe():
    ground = seen_from("top")
    turn = np.linspace(0, 2 * np.pi, 5000)
    ring = ground.center + 200 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    region = draw("lasso", ground, ring)[1].region
    assert isinstance(region, Polygon)
    assert len(region.vertices) < 1000


def test_the_preview_of_a_lasso_lifts_the_pen_off_the_sphere():
    ground = seen_from("top")
    results, _ = draw("lasso", ground, [(400, 300), (795, 300), (400, 500)])
    line = results[-1].preview
    assert np.isnan(line).any()
    np.testing.assert_allclose(np.linalg.norm(line[np.isfinite(line[:, 0])], axis=1), 1)


def test_a_circle_keeps_its_distance():
    axis = np.array([0.6, 0.0, 0.8])
    np.testing.assert_allclose(circle(axis, 40) @ axis, np.cos(np.radians(40)))
