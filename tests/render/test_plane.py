"""The view of a chart: it fits, keeps its shape, pans and zooms within limits."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.charts import chart_named, charts
from evenview.render.plane import PlaneView


@pytest.fixture(params=list(charts()))
def chart(request):
    return chart_named(request.param)


def test_all_of_a_chart_is_seen_at_first_and_in_its_shape(chart):
    view = PlaneView(chart, (900, 500))
    assert view.visible == pytest.approx(chart.extent)
    left, top, right, bottom = view.box
    assert (right - left) / (bottom - top) == pytest.approx(chart.aspect)
    assert left >= 0
    assert top >= 0
    assert right <= 900
    assert bottom <= 500


def test_pixels_and_chart_points_round_trip(chart):
    view = PlaneView(chart, (700, 420)).zoomed(3.0, (300, 200))
    pixels = np.random.default_rng(1).uniform(50, 400, (50, 2))
    np.testing.assert_allclose(view.to_pixels(view.from_pixels(pixels)), pixels, atol=1e-6)


def test_up_is_up(chart):
    view = PlaneView(chart, (700, 420))
    low, high = view.to_pixels(np.array([[0.0, -0.5], [0.0, 0.5]]))
    assert high[1] < low[1]


def test_zooming_keeps_the_point_under_the_pointer():
    view = PlaneView(chart_named("azel"), (900, 500))
    pixel = np.array([[500.0, 220.0]])
    held = view.from_pixels(pixel)
    nearer = view.zoomed(4.0, (500.0, 220.0))
    np.testing.assert_allclose(nearer.to_pixels(held), pixel, atol=1e-6)


def test_panning_stops_at_the_border_of_the_chart(chart):
    view = PlaneView(chart, (900, 500)).zoomed(8.0)
    far = view.dragged((0.0, 0.0), (1e6, -1e6))
    assert far.visible[0] == pytest.approx(chart.extent[0])
    assert far.visible[2] == pytest.approx(chart.extent[2])
    assert far.visible[1] < chart.extent[1]


def test_a_chart_that_fits_cannot_be_lost(chart):
    view = PlaneView(chart, (900, 500))
    assert view.dragged((0.0, 0.0), (300.0, 100.0)).visible == pytest.approx(chart.extent)
    assert view.zoomed(0.01).zoom == 1.0


def test_panning_moves_with_the_hand():
    view = PlaneView(chart_named("mollweide"), (900, 500)).zoomed(6.0)
    point = view.from_pixels(np.array([[450.0, 250.0]]))
    moved = view.dragged((450.0, 250.0), (430.0, 262.0))
    np.testing.assert_allclose(moved.to_pixels(point), [[430.0, 262.0]], atol=1e-6)
