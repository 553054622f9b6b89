"""What must hold for every chart that lies in the folder, and what each one promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.charts import chart_named, charts
from evenview.charts.base import SIDES, unit_vectors
from evenview.core.errors import UserError

every_chart = pytest.mark.parametrize("chart", charts().values(), ids=list(charts()))
angles = st.tuples(st.floats(-179.999, 180), st.floats(-90, 90))


def sphere(n, seed=1):
    v = np.random.default_rng(seed).normal(size=(n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def jacobians(chart, v, step=1e-6):
    """(N, 2, 2): chart units per radian along east and north, by central differences."""
    east = np.cross([0, 0, 1.0], v)
    east /= np.linalg.norm(east, axis=1, keepdims=True)
    north = np.cross(v, east)
    columns = []
    for way in (east, north):
        ahead, behind = (v + s * step * way for s in (1, -1))
        ahead, behind = (u / np.linalg.norm(u, axis=1, keepdims=True) for u in (ahead, behind))
        columns.append((chart.forward(ahead) - chart.forward(behind)) / (2 * step))
    return np.stack(columns, axis=2)


def away_from_cuts(v):
    azimuth = np.degrees(np.arctan2(v[:, 1], v[:, 0]))
    elevation = np.degrees(np.arcsin(v[:, 2]))
    return v[(np.abs(azimuth) < 175) & (np.abs(elevation) < 85) & (np.abs(elevation) > 1)]


def test_the_folder_gives_the_five_charts_in_the_order_of_their_keys():
    assert list(charts()) == ["azel", "mollweide", "lambert", "equirectangular", "stereographic"]
    assert [chart.key for chart in charts().values()] == ["1", "2", "3", "4", "5"]


def test_an_unknown_chart_is_answered_with_the_names_there_are():
    with pytest.raises(UserError, match=r"robinson.*azel, mollweide, lambert"):
        chart_named("robinson")


@every_chart
@given(at=angles)
def test_there_and_back_is_the_same_direction(chart, at):
    v = unit_vectors(*at)[None]
    assert np.abs(chart.inverse(chart.forward(v)) - v).max() < 1e-8


@every_chart
def test_back_and_there_is_the_same_point(chart):
    xmin, xmax, ymin, ymax = chart.extent
    xy = np.random.default_rng(2).uniform((xmin, ymin), (xmax, ymax), (5000, 2))
    v = chart.inverse(xy)
    inside = np.isfinite(v).all(axis=1)
    assert np.isnan(v[~inside]).all()
    assert inside.mean() > 0.6
    assert np.linalg.norm(v[inside], axis=1) == pytest.approx(1, abs=1e-12)
    assert np.abs(chart.forward(v[inside]) - xy[inside]).max() < 1e-9 * (xmax - xmin)


@every_chart
def test_the_whole_sphere_lies_in_the_extent_and_nothing_beyond_it(chart):
    xmin, xmax, ymin, ymax = chart.extent
    xy = chart.forward(np.concatenate([sphere(5000), np.eye(3), -np.eye(3)]))
    assert (xy >= np.array([xmin, ymin]) - 1e-9).all()
    assert (xy <= np.array([xmax, ymax]) + 1e-9).all()
    margin = 1e-6 * (xmax - xmin)
    beyond = [(xmax + margin, 0), (xmin - margin, 0), (0, ymax + margin), (0, ymin - margin)]
    assert np.isnan(chart.inverse(np.array(beyond))).all()


@every_chart
def test_unplaced_directions_have_no_place_on_the_chart(chart):
    assert np.isnan(chart.forward(np.full((2, 3), np.nan))).all()
    assert np.isnan(chart.inverse(np.full((2, 2), np.nan))).all()


@every_chart
def test_outlines_are_closed_and_part_inside_from_outside(chart):
    for ring in chart.outlines:
        assert ring[0] == pytest.approx(ring[-1])
        middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
        assert np.isfinite(chart.inverse(middle + (ring - middle) * 0.999)).all()
        assert np.isnan(chart.inverse(middle + (ring - middle) * 1.001)).all()


@every_chart
def test_the_graticule_lies_on_its_meridians_and_parallels(chart):
    lines = chart.graticule(30)
    assert {line.value for line in lines if line.kind == "parallel"} >= {-60, -30, 30, 60}
    assert {line.value for line in lines if line.kind == "meridian"} >= {-150, -90, 0, 90, 150}
    for line in lines:
        straight = len(line.points) == 2
        inner = line.points.mean(axis=0, keepdims=True) if straight else line.points[1:-1]
        x, y, z = chart.inverse(inner).T
        if line.kind == "parallel":
            assert np.degrees(np.arcsin(z)) == pytest.approx(line.value, abs=0.01)
        else:
            turn = np.degrees(np.arctan2(y, x)) - line.value
            assert (turn + 180) % 360 - 180 == pytest.approx(0, abs=0.01)


@every_chart
def test_ticks_start_from_points_within_the_extent(chart):
    xmin, xmax, ymin, ymax = chart.extent
    for tick in (*chart.ticks, *chart.captions):
        assert xmin - 1e-9 <= tick.x <= xmax + 1e-9
        assert ymin - 1e-9 <= tick.y <= ymax + 1e-9
        assert tick.side in SIDES
        assert tick.text


@pytest.mark.parametrize("name", ["mollweide", "lambert"])
def test_equal_area_charts_draw_equal_areas_equally_large(name):
    chart = charts()[name]
    area = np.abs(np.linalg.det(jacobians(chart, away_from_cuts(sphere(400)))))
    assert area == pytest.approx(area[0], rel=1e-6)


def test_mollweide_and_lambert_fill_their_outlines_with_the_whole_sphere():
    xmin, xmax, ymin, ymax = charts()["mollweide"].extent
    area = np.abs(np.linalg.det(jacobians(charts()["mollweide"], away_from_cuts(sphere(20)))))
    assert area * 4 * np.pi == pytest.approx(np.pi * (xmax - xmin) * (ymax - ymin) / 4, rel=1e-6)
    area = np.abs(np.linalg.det(jacobians(charts()["lambert"], away_from_cuts(sphere(20)))))
    assert area * 4 * np.pi == pytest.approx(2 * np.pi, rel=1e-6)


def test_the_stereographic_discs_keep_angles():
    j = jacobians(charts()["stereographic"], away_from_cuts(sphere(400)))
    east, north = j[:, :, 0], j[:, :, 1]
    assert np.einsum("ni,ni->n", east, north) == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm(east, axis=1) == pytest.approx(np.linalg.norm(north, axis=1), rel=1e-6)


@pytest.mark.parametrize("name", ["lambert", "stereographic"])
def test_discs_are_seen_from_outside_so_nothing_is_mirrored(name):
    chart = charts()[name]
    for pole in (1.0, -1.0):
        v = away_from_cuts(sphere(200))
        assert (np.linalg.det(jacobians(chart, v[v[:, 2] * pole > 0])) > 0).all()


def test_known_points_of_the_cylinder_are_azimuth_and_elevation():
    v = np.array([(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0), (0.5, 0.5, np.sqrt(0.5))])
    for name in ("azel", "equirectangular"):
        expected = [(0, 0), (90, 0), (180, 0), (-90, 0), (45, 45)]
        assert charts()[name].forward(v) == pytest.approx(np.array(expected), abs=1e-12)


def test_known_points_of_mollweide():
    """Half a turn of auxiliary angle, 45°, belongs to sin(elevation) = 1/2 + 1/π."""
    chart = charts()["mollweide"]
    v = unit_vectors(
        np.array([0, 90, 180, 90, 0, 180]), np.array([0, 0, 0, 90, 54.91596, 54.91596])
    )
    expected = [(0, 0), (1, 0), (2, 0), (0, 1), (0, np.sqrt(0.5)), (np.sqrt(2), np.sqrt(0.5))]
    assert chart.forward(v) == pytest.approx(np.array(expected), abs=1e-5)


def test_known_points_of_the_discs():
    for name, at_45 in (("lambert", 0.5411961), ("stereographic", 0.4142136)):
        chart = charts()[name]
        (top, bottom) = chart.forward(np.array([(0, 0, 1.0), (0, 0, -1.0)]))
        assert top[0] == -bottom[0] < -1
        v = unit_vectors(np.array([0, 90, 180.0, 0, 90]), np.array([0, 45, 45, -45, -45.0]))
        expected = [(1, 0), (0, at_45), (-at_45, 0)], [(-at_45, 0), (0, at_45)]
        xy = chart.forward(v)
        assert xy[:3] - top == pytest.approx(np.array(expected[0]), abs=1e-7)
        assert xy[3:] - bottom == pytest.approx(np.array(expected[1]), abs=1e-7)


@every_chart
@pytest.mark.parametrize("azimuth", [0.0, 37.0, 180.0, -90.0])
def test_next_to_a_pole_no_digits_are_lost(chart, azimuth):
    for elevation in (90 - 1e-4, -90 + 1e-4, 90.0, -90.0):
        v = unit_vectors(azimuth, elevation)[None]
        assert np.abs(chart.inverse(chart.forward(v)) - v).max() < 1e-8


def flat_length_of(lines, chart):
    xmin, xmax, ymin, ymax = chart.extent
    steps = [np.abs(np.diff(line, axis=0)) / [xmax - xmin, ymax - ymin] for line in lines]
    return max(step.max() for step in steps)


@every_chart
def test_a_cone_over_the_seam_is_cut_without_a_stray_line(chart):
    turn = np.radians(np.arange(0, 361, 5))
    cone = np.stack([-np.ones_like(turn), 0.3 * np.cos(turn), 0.3 * np.sin(turn)], axis=1)
    cone /= np.linalg.norm(cone, axis=1, keepdims=True)
    lines = chart.break_lines(cone)
    assert len(lines) >= 2
    assert flat_length_of(lines, chart) <= 0.01
    angle = np.degrees(np.arccos(-chart.inverse(np.concatenate(lines))[:, 0]))
    assert angle == pytest.approx(np.degrees(np.arctan(0.3)), abs=0.05)


@every_chart
def test_a_line_away_from_every_cut_stays_in_one_piece_with_its_ends(chart):
    line = unit_vectors(np.array([10, 40, 70.0]), np.array([20, 60, 30.0]))
    (flat,) = chart.break_lines(line)
    assert flat[[0, -1]] == pytest.approx(chart.forward(line[[0, -1]]))


@every_chart
def test_a_great_circle_through_both_poles_has_no_stray_line(chart):
    turn = np.radians(np.arange(0, 361, 10))
    circle = np.stack([0.6 * np.sin(turn), 0.8 * np.sin(turn), np.cos(turn)], axis=1)
    lines = chart.break_lines(circle)
    assert flat_length_of(lines, chart) <= 0.01
    x, y, _ = chart.inverse(np.concatenate(lines)).T
    assert 0.8 * x - 0.6 * y == pytest.approx(0, abs=1e-6)


@every_chart
def test_segments_are_cut_like_lines(chart):
    v = sphere(400)
    near = v + 0.05 * sphere(400, seed=3)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    pieces = chart.break_segments(np.stack([v, near], axis=1))
    assert len(pieces) >= 400
    assert flat_length_of(pieces, chart) <= 0.01
    assert chart.break_segments(np.empty((0, 2, 3))).shape == (0, 2, 2)
    assert chart.break_lines(np.empty((0, 3))) == []
