"""Charts on the screen: right at poles and seams, for every chart."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtTest import QTest

from evenview.charts import chart_named, charts
from evenview.core.grid import parse_grid
from evenview.render.theme import DARK, LIGHT
from pictures import COLD, HOT, at, near, rgb

NAMES = list(charts())


def bin_at(grid, direction):
    return int(grid.index_of(np.array([direction], dtype=float))[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_hot_bin_is_hot_where_it_lies(chart, grid, colors, name):
    chart.set_chart(chart_named(name))
    chart.set_graticule(False)
    for direction in [(0.48, 0.6, 0.64), (-0.97, 0.05, -0.2), (0.1, 0.1, 0.98)]:
        hot = bin_at(grid, direction)
        mine = colors.copy()
        mine[hot] = HOT
        chart.set_colors(mine)
        picture = chart.render()
        np.testing.assert_allclose(at(picture, chart.xy_of(grid.centers[hot])), HOT[:3], atol=3)
        np.testing.assert_allclose(at(picture, chart.xy_of(-grid.centers[hot])), COLD[:3], atol=3)


@pytest.mark.parametrize("name", NAMES)
def test_picking_goes_there_and_back(chart, name):
    chart.set_chart(chart_named(name))
    for direction in np.random.default_rng(3).normal(size=(50, 3)):
        direction /= np.linalg.norm(direction)
        back = chart.direction_at(chart.xy_of(direction))
        assert np.degrees(np.arccos(min(1.0, back @ direction))) < 0.1


def test_a_bin_over_the_seam_is_hot_on_both_sides(chart):
    grid = parse_grid("fibonacci:192")
    chart.set_grid(grid)
    chart.set_graticule(False)
    height = np.linspace(-0.5, 0.5, 400)
    level = np.sqrt(1 - height**2)
    sides = [np.stack([-level, 0 * level + y, height], axis=1) for y in (0.04, -0.04)]
    left, right = (grid.index_of(side) for side in sides)
    over = np.flatnonzero((left == right) & (left == left[200]))
    row = over[len(over) // 2]
    colors = np.tile(np.array(COLD, dtype=np.uint8), (grid.n, 1))
    colors[left[row]] = HOT
    chart.set_colors(colors)
    picture = chart.render()
    for side in sides:
        np.testing.assert_allclose(at(picture, chart.xy_of(side[row])), HOT[:3], atol=3)


@pytest.mark.parametrize("name", NAMES)
def test_outside_of_the_outline_is_ground(chart, name):
    chart.set_chart(chart_named(name))
    picture = chart.render()
    assert not near(picture, COLD, 8)[0].any()
    assert near(picture, rgb(LIGHT.background), 2)[0, 0]
    chart.set_theme(DARK)
    assert near(chart.render(), rgb(DARK.background), 2)[0, 0]
    assert chart.direction_at((1, 1)) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_selection_is_outlined_on_every_side(chart, grid, name):
    chart.set_chart(chart_named(name))
    selected = grid.centers @ np.array([0.6, 0.0, 0.8]) > np.cos(np.radians(22))
    chart.set_selected(selected)
    outlined = near(chart.render(), rgb(LIGHT.accent), 60)
    x, y = chart.xy_of((0.6, 0.0, 0.8))
    found_y, found_x = np.nonzero(outlined)
    turn = np.degrees(np.arctan2(found_y - y, found_x - x)) % 360
    assert len(np.unique(turn // 30)) == 12
    assert not outlined[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4].any()


def test_an_outline_over_the_seam_draws_no_line_across(chart, grid):
    selected = grid.centers @ np.array([-1.0, 0.0, 0.0]) > 0.9
    chart.set_selected(selected)
    outlined = near(chart.render(), rgb(LIGHT.accent), 60)
    left, _ = chart.xy_of((np.cos(2.4), -np.sin(2.4), 0))
    right, _ = chart.xy_of((np.cos(2.4), np.sin(2.4), 0))
    assert outlined.any()
    assert not outlined[:, round(left) : round(right)].any()


def test_recolouring_changes_the_picture(chart, colors):
    before = chart.render()
    colors[:] = HOT
    chart.set_colors(colors)
    assert not near(before, HOT, 30).any()
    assert near(chart.render(), HOT, 30).sum() > 20_000


def test_hovering_marks_the_direction_and_the_bin(chart, grid):
    before = chart.render()
    direction = (0.5, -0.5, 0.3)
    chart.set_hover(direction, bin_at(grid, direction))
    y, x = np.nonzero((chart.render() != before).any(axis=-1))
    assert np.hypot(x - chart.xy_of(direction)[0], y - chart.xy_of(direction)[1]).max() < 60
    assert len(x) > 40
    chart.set_hover(None, None)
    assert (chart.render() == before).all()


def test_zoomed_in_the_borders_of_bins_are_where_picking_says(chart, grid):
    chart.set_graticule(False)
    numbers = np.arange(grid.n)
    shade = (numbers * 97 % 251).astype(np.uint8)
    chart.set_colors(np.stack([shade, shade, shade, np.full(grid.n, 255, np.uint8)], axis=1))
    chart.zoom_by(9)
    picture = chart.render()
    right = 0
    for x, y in np.random.default_rng(4).integers(90, 260, (200, 2)):
        found = bin_at(grid, chart.direction_at((x + 0.5, y + 0.5)))
        right += abs(int(picture[y, x, 0]) - int(shade[found])) <= 2
    assert right > 180


def test_the_picture_on_the_screen_sharpens_after_zooming(chart, qapp):
    chart.zoom_by(9)
    chart.canvas.native.grabFramebuffer()
    QTest.qWait(250)
    assert chart.zoom == 9
    chart.fit()
    assert chart.zoom == 1


def test_axes_are_written_outside_of_the_chart(chart):
    blank = chart.render()
    left = chart.xy_of((np.cos(-3.13), np.sin(-3.13), 0))[0]
    written = ~near(blank, rgb(LIGHT.background), 20)
    assert written[:, : round(left) - 6].sum() > 100
    below = chart.xy_of((0.01, 0, -1))[1]
    assert written[round(below) + 8 :].sum() > 100


def test_a_new_grid_starts_anew(chart):
    chart.set_selected(np.ones(768, dtype=bool))
    chart.set_grid(parse_grid("healpix:1"))
    chart.set_colors(np.tile(np.array(HOT, dtype=np.uint8), (48, 1)))
    assert near(chart.render(), HOT, 30).sum() > 20_000
