"""The sphere's camera: named views, grabbing, turning, zooming."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.render.camera import SphereView, between, place, rotation_between, upright

SIZE = (640, 480)
unit_vectors = (
    st.tuples(*[st.floats(-1, 1)] * 3)
    .filter(lambda v: np.linalg.norm(v) > 0.1)
    .map(lambda v: np.array(v) / np.linalg.norm(v))
)


def is_rotation(matrix):
    return np.allclose(matrix @ matrix.T, np.eye(3)) and np.isclose(np.linalg.det(matrix), 1)


@pytest.mark.parametrize(
    ("name", "right", "up"),
    [
        ("top", (1, 0, 0), (0, 1, 0)),
        ("bottom", (-1, 0, 0), (0, 1, 0)),
        ("+x", (0, 1, 0), (0, 0, 1)),
        ("-x", (0, -1, 0), (0, 0, 1)),
        ("+y", (-1, 0, 0), (0, 0, 1)),
        ("-y", (1, 0, 0), (0, 0, 1)),
    ],
)
def test_named_views_stand_upright(name, right, up):
    view = upright(place(name))
    np.testing.assert_allclose(view, [right, up, np.cross(right, up)], atol=1e-12)


def test_an_unknown_view_is_the_users_to_mend():
    with pytest.raises(UserError, match="top"):
        place("sideways")


@given(unit_vectors)
def test_every_view_is_a_rotation_that_faces_the_direction(direction):
    view = upright(direction)
    assert is_rotation(view)
    np.testing.assert_allclose(view @ direction, [0, 0, 1], atol=1e-9)


@given(unit_vectors, unit_vectors)
def test_pixel_and_direction_round_trip_on_the_near_side(camera, direction):
    view = SphereView(upright(camera), size=SIZE)
    x, y, height = view.screen_of(direction[None])[0]
    if height > 0.05:
        back = view.directions_of(np.array([[x, y]]))[0]
        assert np.degrees(np.arccos(min(1.0, back @ direction))) < 1e-4


def test_off_the_sphere_there_is_no_direction():
    view = SphereView(size=SIZE)
    beside = view.center + np.array([view.radius * 1.01, 0])
    assert np.isnan(view.directions_of(beside[None])).all()


def test_screen_runs_right_and_down():
    view = SphereView(upright(place("+x")), size=SIZE)
    (y_x, y_y, _), (z_x, z_y, _) = view.screen_of(np.eye(3)[1:])
    assert y_x > view.center[0]
    assert y_y == pytest.approx(view.center[1])
    assert z_y < view.center[1]
    assert z_x == pytest.approx(view.center[0])


@given(st.tuples(*[st.floats(-0.6, 0.6)] * 2), st.tuples(*[st.floats(-0.6, 0.6)] * 2))
def test_what_is_grabbed_stays_under_the_pointer(start, end):
    view = SphereView(size=SIZE)
    start, end = (tuple(view.center + view.radius * np.array(xy)) for xy in (start, end))
    held = view.directions_of(np.array([start]))
    dragged = view.dragged(start, end)
    assert is_rotation(dragged.rotation)
    np.testing.assert_allclose(dragged.screen_of(held)[0, :2], end, atol=1e-6)


def test_dragging_far_outside_still_turns():
    view = SphereView(size=SIZE)
    dragged = view.dragged((320, 2), (638, 240))
    assert is_rotation(dragged.rotation)
    assert np.trace(dragged.rotation @ view.rotation.T) < 2.9


def test_pushing_right_moves_what_faces_the_viewer_right():
    view = SphereView(upright(place("+x")), size=SIZE)
    faced = np.array([[1.0, 0, 0]])
    pushed = view.turned(30, 0)
    x, y, height = pushed.screen_of(faced)[0]
    assert height == pytest.approx(np.cos(np.radians(30)))
    assert x > view.center[0]
    assert y == pytest.approx(view.center[1])
    assert view.turned(0, 30).screen_of(faced)[0, 1] < view.center[1]


def test_zoom_has_limits():
    view = SphereView(size=SIZE)
    assert view.zoomed(1e9).radius < 1e5
    assert view.zoomed(1e-9).radius > 20


@given(unit_vectors, unit_vectors, st.floats(0, 1))
def test_half_way_between_two_views_is_a_rotation_and_the_ends_are_the_views(a, b, part):
    start, end = upright(a), upright(b)
    assert is_rotation(between(start, end, part))
    np.testing.assert_allclose(between(start, end, 0), start, atol=1e-6)
    np.testing.assert_allclose(between(start, end, 1), end, atol=1e-6)


@given(unit_vectors, unit_vectors)
def test_the_shortest_rotation_takes_one_to_the_other(a, b):
    turn = rotation_between(a, b)
    np.testing.assert_allclose(turn @ a, b, atol=1e-6)


def test_opposite_directions_are_half_a_turn_apart():
    turn = rotation_between((0, 0, 1), (0, 0, -1))
    assert is_rotation(turn)
    np.testing.assert_allclose(turn @ [0, 0, 1], [0, 0, -1], atol=1e-12)
