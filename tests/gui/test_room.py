"""Room: a small screen is enough, and nothing makes the window grow by itself."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QScrollArea

from evenview.core.errors import UserError
from gui_hands import choose, type_symmetry
from made import write_star

LONG = UserError("This cannot be read " * 80 + "/a/long/path" * 20, hint="Look again. " * 20)


@pytest.fixture
def small(window):
    """The window on a small screen, with as many inputs as there can be."""
    window.resize(1280, 720)
    choose(window.rebalance.strategy, "percentile")
    QTest.qWait(200)
    assert (window.width(), window.height()) == (1280, 720)
    return window


def test_an_error_takes_its_room_from_the_pictures(small):
    pictures, least = small.stage.height(), small.minimumSizeHint().height()
    assert least <= 640
    for _ in range(3):
        small.errors.tell(LONG)
    QTest.qWait(100)
    assert (small.width(), small.height()) == (1280, 720)
    assert small.minimumSizeHint().height() == least
    assert small.errors.height() + small.stage.height() == pictures
    assert small.errors.height() < 120
    small.errors.dismiss_all()
    QTest.qWait(100)
    assert small.height() == 720
    assert small.stage.height() == pictures


def test_a_short_error_takes_one_line(small):
    small.errors.tell(UserError("No"))
    QTest.qWait(100)
    assert small.errors.height() < 60


def test_the_scores_before_and_after_are_seen_and_all_else_by_scrolling(small):
    cells = {name: row[0] for name, row in small.numbers.cells.items()}
    for name in list(cells)[: list(cells).index("Least sampled") + 1]:
        assert cells[name].visibleRegion().boundingRect() == cells[name].rect()
    last = list(cells.values())[-1]
    area = last.parent()
    while not isinstance(area, QScrollArea):
        area = area.parent()
    area.ensureWidgetVisible(last)
    assert last.visibleRegion().boundingRect() == last.rect()


def test_folding_one_of_a_row_leaves_the_other_and_unfolding_brings_the_height_back(small):
    histogram, numbers = small.docks["histogram"], small.docks["numbers"]
    height, own = numbers.height(), histogram.height()
    histogram.set_folded(True)
    QTest.qWait(300)
    assert small.histogram.visibleRegion().isEmpty()
    assert numbers.height() == height
    numbers.set_folded(True)
    QTest.qWait(300)
    assert histogram.height() == numbers.height() < 40
    histogram.set_folded(False)
    QTest.qWait(300)
    assert abs(histogram.height() - own) <= 1
    numbers.set_folded(False)
    QTest.qWait(300)
    assert abs(numbers.height() - height) <= 1
    assert not small.histogram.visibleRegion().isEmpty()


@pytest.mark.parametrize("width", [1280, 1490, 1590])
def test_the_pose_panel_finds_room_in_the_window_as_it_is(window, width):
    window.resize(width, 720)
    QTest.qWait(100)
    window.commands.show_pose()
    window.pose.row.setValue(2999)
    QTest.qWait(200)
    assert window.pose.isVisible()
    assert (window.width(), window.height()) == (width, 720)


def test_a_file_whose_views_lie_behind_is_shown_from_their_side(window, tmp_path, settle):
    scene = window.stage.sphere.scene
    first = scene.camera_direction
    azimuth, elevation = np.degrees([np.arctan2(first[1], first[0]), np.arcsin(first[2])])
    halves = np.array([1, 2])
    for name, rot, tilt, sign in (
        ("behind.star", azimuth + 180, 90 + elevation, -1),
        ("before.star", azimuth + 20, 90 - elevation, 1),
    ):
        angles = np.array([[rot, tilt, 0.0], [rot, tilt, 90.0]])
        window.open(write_star(tmp_path / name, angles, halves))
        settle(window)
        assert sign * scene.camera_direction @ first > 0.99
    np.testing.assert_allclose(scene.camera_direction, first)


def test_views_in_one_unit_can_be_folded_by_a_click_and_the_grid_stays_in_sight(
    window, tmp_path, settle
):
    window.resize(1440, 868)
    rng = np.random.default_rng(3)
    tilt = np.degrees(np.arccos(rng.uniform(0.02, 1, 2000)))
    angles = np.column_stack([rng.uniform(78, 102, 2000), tilt, rng.uniform(-180, 180, 2000)])
    window.open(write_star(tmp_path / "d7.star", angles, 1 + np.arange(2000) % 2))
    settle(window)
    assert not window.data.offer.isVisible()
    type_symmetry(window, "D7")
    settle(window)
    QTest.qWait(200)
    assert window.document.plan.look == "stored"
    assert "D7" in window.data.offer.told.text()
    grid = window.data.grid_title
    assert grid.visibleRegion().boundingRect() == grid.rect()
    QTest.mouseClick(window.data.offer.fold, Qt.MouseButton.LeftButton)
    settle(window)
    assert window.document.plan.look == "folded"
    assert not window.data.offer.isVisible()


def test_views_all_over_are_offered_nothing(window, settle):
    type_symmetry(window, "D7")
    settle(window)
    assert not window.data.offer.isVisible()
