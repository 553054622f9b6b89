"""The sphere on the screen: this pixel is that bin, this line is that border."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview.core.grid import parse_grid
from evenview.core.selection import BinSet, Polygon
from evenview.render.pins import Pin
from evenview.render.theme import DARK, LIGHT
from pictures import COLD, HOT, at, near, rgb


def bin_at(grid, direction):
    return int(grid.index_of(np.array([direction], dtype=float))[0])


def test_the_hot_bin_is_hot_where_it_is_seen(sphere, grid, colors):
    direction = np.array([0.48, 0.6, 0.64])
    hot = bin_at(grid, direction)
    colors[hot] = HOT
    sphere.set_colors(colors)
    sphere.set_graticule(False)
    sphere.look_from(grid.centers[hot], animate=False)
    picture = sphere.render()
    middle = sphere.xy_of(grid.centers[hot])
    np.testing.assert_allclose(at(picture, middle), HOT[:3], atol=3)
    np.testing.assert_allclose(at(picture, (middle[0] + 30, middle[1])), COLD[:3], atol=12)


def test_recolouring_changes_the_picture(sphere, colors):
    sphere.set_graticule(False)
    before = sphere.render()
    colors[:] = HOT
    sphere.set_colors(colors)
    assert not near(before, HOT).any()
    assert near(sphere.render(), HOT, 70).sum() > 10_000


def test_colours_of_another_grid_are_refused(sphere, colors):
    with pytest.raises(ValueError, match="shape"):
        sphere.set_colors(colors[:-1])


@pytest.mark.parametrize("name", ["healpix:1", "fibonacci:192", "azel:10", "healpix:5"])
def test_any_grid_covers_the_whole_disc(sphere, name):
    grid = parse_grid(name)
    sphere.set_grid(grid)
    sphere.set_colors(np.tile(np.array(HOT, dtype=np.uint8), (grid.n, 1)))
    sphere.set_graticule(False)
    sphere.set_pins(())
    picture = sphere.render()
    y, x = np.mgrid[:360, :400]
    inside = np.hypot(x + 0.5 - 200, y + 0.5 - 180) < 0.41 * 360 - 2
    assert near(picture, HOT, 80)[inside].all()
    assert near(picture, rgb(LIGHT.background), 3)[
        np.hypot(x - 200, y - 180) > 0.41 * 360 + 4
    ].all()


def test_each_pixel_shows_the_bin_that_picking_finds_there(sphere, grid):
    numbers = np.arange(grid.n)
    code = np.stack([numbers % 16 * 16, numbers // 16 % 16 * 16, numbers // 256 * 16], axis=1) + 8
    sphere.set_colors(np.column_stack([code, np.full(grid.n, 255)]).astype(np.uint8))
    sphere.set_graticule(False)
    sphere.set_pins(())
    sphere.look_from((0.3, -0.5, 0.4), animate=False)
    picture = sphere.render()
    right = 0
    spots = 200 + np.random.default_rng(0).uniform(-60, 60, (300, 2)) - [0, 20]
    for x, y in np.floor(spots):
        found = bin_at(grid, sphere.direction_at((x + 0.5, y + 0.5)))
        right += np.abs(at(picture, (x, y)) - code[found]).max() <= 9
    assert right > 270  # the others lie on a border, where the picture is a mixture


def test_picking_goes_there_and_back(sphere):
    rng = np.random.default_rng(2)
    for direction in rng.normal(size=(50, 3)):
        direction /= np.linalg.norm(direction)
        xy = sphere.xy_of(direction)
        if xy is None:
            assert direction @ sphere.camera_direction <= 0
        elif direction @ sphere.camera_direction > 0.1:
            assert np.degrees(np.arccos(min(1, sphere.direction_at(xy) @ direction))) < 0.1


def test_from_the_top_the_middle_is_plus_z(sphere):
    sphere.look_from("top", animate=False)
    np.testing.assert_allclose(sphere.direction_at((200, 180)), (0, 0, 1), atol=1e-9)
    np.testing.assert_allclose(sphere.camera_direction, (0, 0, 1), atol=1e-12)
    np.testing.assert_allclose(sphere.view_rotation, np.eye(3), atol=1e-12)


def test_a_turn_takes_a_moment_and_ends_where_it_should(sphere, qtbot):
    sphere.look_from("+x", animate=False)
    sphere.look_from("top", animate=True)
    assert sphere.camera_direction[2] < 0.5
    # Not the facing direction alone: its z is within 1e-12 of 1 a microradian before the end.
    qtbot.waitUntil(lambda: np.allclose(sphere.view_rotation, np.eye(3), atol=1e-9), timeout=5000)


def test_software_drawing_starts_without_motion(sphere):
    assert sphere.animate is not sphere.gl.is_software


def test_reset_undoes_the_zoom_and_following_faces_the_direction(sphere):
    sphere.zoom_by(3)
    sphere.look_from("reset", animate=False)
    assert sphere.zoom == 1
    sphere.follow((0, -1, 0))
    np.testing.assert_allclose(sphere.camera_direction, (0, -1, 0), atol=1e-12)


def test_the_selection_is_outlined_all_around_and_only_there(sphere, grid):
    selected = grid.centers[:, 2] > np.cos(np.radians(35))
    sphere.look_from("top", animate=False)
    sphere.set_pins(())
    sphere.set_selected(selected)
    outlined = near(sphere.render(), rgb(LIGHT.accent), 60)
    y, x = np.nonzero(outlined)
    off = np.hypot(x - 199.5, y - 179.5) / (0.41 * 360)
    assert off.min() > np.sin(np.radians(25))
    assert off.max() < np.sin(np.radians(45))
    turn = np.degrees(np.arctan2(y - 179.5, x - 199.5))
    assert len(np.unique(turn // 10)) == 36
    sphere.set_selected(None)
    assert not near(sphere.render(), rgb(LIGHT.accent), 60).any()


def test_an_outline_on_the_far_side_is_hidden(sphere, grid):
    sphere.look_from("bottom", animate=False)
    sphere.set_selected(grid.centers[:, 2] > 0.8)
    assert not near(sphere.render(), rgb(LIGHT.accent), 60).any()


def test_hovering_outlines_the_bin(sphere, grid):
    sphere.look_from("top", animate=False)
    sphere.set_pins(())
    before = sphere.render()
    sphere.set_hover(bin_at(grid, (0.1, 0.1, 1)))
    changed = (sphere.render() != before).any(axis=-1)
    y, x = np.nonzero(changed)
    assert 50 < changed.sum() < 1500
    assert np.hypot(x - 214, y - 166).max() < 40
    sphere.set_hover(None)
    assert (sphere.render() == before).all()


def test_a_preview_is_drawn_along_its_arc(sphere):
    sphere.look_from("top", animate=False)
    sphere.set_pins(())
    sphere.set_preview(np.array([[0.5, 0, 0.866], [0, 0.5, 0.866]]))
    y, x = np.nonzero(near(sphere.render(), rgb(LIGHT.accent), 60))
    off = np.hypot(x - 199.5, y - 179.5) / (0.41 * 360)
    assert off.max() == pytest.approx(0.5, abs=0.03)
    assert x.min() > 190
    assert y.max() < 190


def test_themes_colour_the_ground(sphere):
    assert np.abs(at(sphere.render(), (3, 3)) - rgb(LIGHT.background)).max() <= 1
    sphere.set_theme(DARK)
    assert np.abs(at(sphere.render(), (3, 3)) - rgb(DARK.background)).max() <= 1


def test_pictures_come_in_any_size_and_without_ground(sphere):
    picture = sphere.render((300, 200), scale=2.0, transparent=True)
    assert picture.shape == (400, 600, 4)
    assert picture[2, 2, 3] == 0
    assert picture[200, 300, 3] == 255


def test_bars_stand_out_over_the_limb(sphere, grid):
    sphere.set_pins(())
    sphere.look_from("+x", animate=False)
    heights = np.zeros(grid.n)
    tall = bin_at(grid, (0, 0.02, 1))
    heights[tall] = 1.0
    sphere.set_pillars(heights)
    picture = sphere.render()
    radius = 0.41 * 360 / 1.25
    ground = near(picture, rgb(LIGHT.background), 3)
    middle = round(200 + 1.45 * radius * grid.centers[tall, 1])
    top = np.argmin(ground[:, middle])
    assert 180 - top == pytest.approx(1.45 * radius * grid.centers[tall, 2], abs=2)
    assert not near(picture, COLD, 30)[150:210, 170:230].any()
    sphere.set_selected(grid.centers[:, 0] > 0.5)
    assert near(sphere.render(), rgb(LIGHT.accent), 60).sum() > 200
    sphere.set_pillars(None)
    assert near(sphere.render(), COLD, 30)[150:210, 170:230].any()


def test_a_surface_shows_through_the_bins(sphere):
    sphere.set_pins(())
    sphere.look_from("+x", animate=False)
    before = sphere.render()
    corners = 40.0 * np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)])
    sphere.set_surface(corners, np.array([(0, 1, 2), (0, 3, 1), (0, 2, 3), (1, 3, 2)]))
    changed = (sphere.render()[..., :3].astype(int) - before[..., :3]).any(axis=-1)
    assert changed[180, 200]
    sphere.set_surface(None, None)
    assert (sphere.render() == before).all()


def test_pins_in_front_are_labelled_and_those_behind_are_not(sphere):
    sphere.look_from("top", animate=False)
    sphere.set_pins([Pin((0, 0, -1), "Z")])
    bare = sphere.render()
    sphere.set_pins(())
    assert (sphere.render() == bare).all()
    sphere.set_pins([Pin((1, 0, 0), "X")])
    x = np.nonzero((sphere.render() != bare).any(axis=-1))[1]
    assert x.min() > 340


# A real mouse


def press_and_release(scene, start, end, button=Qt.MouseButton.LeftButton, keys=None):
    keys = keys or Qt.KeyboardModifier.NoModifier
    widget = scene.canvas.native
    QTest.mousePress(widget, button, keys, QPoint(*map(round, start)))
    for part in (0.3, 0.7, 1.0):
        QTest.qWait(15)  # vispy takes a move every 10 ms
        spot = [round(a + part * (b - a)) for a, b in zip(start, end, strict=True)]
        QTest.mouseMove(widget, QPoint(*spot))
    QTest.mouseRelease(widget, button, keys, QPoint(*map(round, end)))


def test_a_click_tells_the_bin(sphere, grid):
    told = []
    sphere.gestured.connect(told.append)
    sphere.look_from("top", animate=False)
    press_and_release(sphere, (200, 180), (200, 180), keys=Qt.KeyboardModifier.ShiftModifier)
    assert told[-1].done
    assert told[-1].mode == "add"
    assert told[-1].region == BinSet(grid.name, (bin_at(grid, sphere.direction_at((200, 180))),))


def test_a_second_quick_click_counts_too(sphere):
    told = []
    sphere.gestured.connect(told.append)
    where = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(200, 180))
    QTest.mouseClick(sphere.canvas.native, *where)
    QTest.mouseDClick(sphere.canvas.native, *where)
    QTest.mouseRelease(sphere.canvas.native, *where)
    assert sum(result.done for result in told) == 2


def test_left_drag_turns_with_the_point_tool_and_draws_with_the_lasso(sphere):
    told = []
    sphere.gestured.connect(told.append)
    held = sphere.direction_at((180, 180))
    press_and_release(sphere, (180, 180), (230, 200))
    np.testing.assert_allclose(sphere.xy_of(held), (230, 200), atol=1.0)
    assert told[-1].region is None
    sphere.set_tool("lasso")
    camera = sphere.view_rotation
    press_and_release(sphere, (150, 150), (220, 230))
    assert (sphere.view_rotation == camera).all()
    assert told[-1].done


def test_right_drag_turns_whatever_the_tool(sphere):
    sphere.set_tool("rectangle")
    held = sphere.direction_at((180, 180))
    press_and_release(sphere, (180, 180), (230, 200), Qt.MouseButton.RightButton)
    np.testing.assert_allclose(sphere.xy_of(held), (230, 200), atol=1.0)


def test_a_rectangle_by_mouse_selects_what_is_under_it(sphere):
    told = []
    sphere.gestured.connect(told.append)
    sphere.set_tool("rectangle")
    sphere.look_from("top", animate=False)
    press_and_release(sphere, (160, 140), (240, 220))
    region = told[-1].region
    assert isinstance(region, Polygon)
    np.testing.assert_allclose(np.array(region.inside)[:2], (0, 0), atol=0.15)


def test_the_pointer_tells_its_direction_and_leaves(sphere):
    told = []
    sphere.pointed.connect(told.append)
    for x in (190, 200, 210):
        QTest.qWait(30)  # vispy takes a move every 10 ms
        QTest.mouseMove(sphere.canvas.native, QPoint(x, 170))
    QTest.qWait(30)
    sphere.leave()
    moves = [one for one in told if one.kind == "move"]
    assert moves
    for move in moves:
        np.testing.assert_allclose(move.direction, sphere.direction_at(move.xy), atol=1e-9)
    assert told[-1].kind == "leave"
    assert told[-1].direction is None


def test_the_wheel_zooms(sphere):
    wheel = QWheelEvent(
        QPointF(200, 180), QPointF(200, 180), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(sphere.canvas.native, wheel)
    assert sphere.zoom > 1.2
