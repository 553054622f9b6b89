"""Room: a small screen is enough, and nothing makes the window grow by itself."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QScrollArea

from evenview.core.errors import UserError
from evenview.gui.elided import Elided
from evenview.gui.theme import DARK, theme
from evenview.gui.widgets import STEP
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


def test_folding_one_of_a_row_leaves_the_other_and_unfolding_brings_the_height_back(small, qtbot):
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
    qtbot.waitUntil(lambda: abs(histogram.height() - own) <= 1)
    numbers.set_folded(False)
    qtbot.waitUntil(lambda: abs(numbers.height() - height) <= 1)
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


def seen_whole(*widgets) -> bool:
    return all(part.visibleRegion().boundingRect() == part.rect() for part in widgets)


def test_a_refusal_leaves_the_form_and_the_threshold_in_sight(small, settle):
    first = next(iter(small.rebalance.form.inputs.values()))
    first.box.setValue(first.box.minimum())
    settle(small)
    QTest.qWait(200)
    rebalance, selection = small.rebalance, small.selection
    assert rebalance.problem.isVisible()
    assert seen_whole(first.slider, first.box, rebalance.problem, rebalance.about)
    assert seen_whole(selection.kind, selection.apply_button, selection.level)
    assert rebalance.problem.toolTip() == str(small.document.display.problem)
    assert (small.width(), small.height()) == (1280, 720)


def test_words_are_cut_between_words_and_the_tip_says_all(qtbot):
    label = Elided(2)
    qtbot.addWidget(label)
    label.resize(300, 40)
    label.show()
    label.say("as many words as there are " * 20)
    assert label.text().endswith("…")
    assert label.heightForWidth(300) <= 2 * label.fontMetrics().lineSpacing() + 2
    assert label.toolTip() == label.words
    label.say("few words")
    assert label.text() == "few words"


def test_the_scores_have_most_of_the_column_in_front_of_data(window, settle, qtbot):
    window.resize(1440, 868)
    QTest.qWait(200)
    selection = window.selection.height()
    window.places.show_aside("scores")
    scores = window.scores
    qtbot.waitUntil(lambda: bool(scores.words.told), timeout=20_000)
    settle(window)
    QTest.qWait(200)
    assert window.docks["scores"].height() > 460
    assert seen_whole(scores.outcome, *scores.words.told, scores.star, scores.e_od)
    assert scores.words.y() < scores.radius.y()
    assert seen_whole(window.rebalance.strategy)
    window.docks["scores"].close()
    QTest.qWait(300)
    assert abs(window.selection.height() - selection) <= STEP
    assert seen_whole(window.selection, window.data.grid_title)


def test_a_message_and_what_is_under_the_pointer_never_lie_over_each_other(window, settle):
    bar = window.statusBar()
    labels = (bar.place, bar.bin, bar.count, bar.density)
    window.desk.point(np.array([0.6, 0.8, 0.0]))
    assert all(label.isVisible() for label in labels)
    window.say("Something was copied.")
    bar.cancel.setMinimumHeight(48)  # the bar takes another height, as where work begins
    type_symmetry(window, "C2")
    settle(window)
    QTest.qWait(100)
    assert bar.currentMessage()
    assert not any(label.isVisible() for label in labels)
    window.desk.point(np.array([0.0, 0.8, 0.6]))
    assert not bar.currentMessage()
    assert all(label.isVisible() for label in labels)


def test_the_error_bar_has_one_colour_in_the_dark(window):
    theme.choose("dark")
    window.errors.tell(UserError("No"))
    QTest.qWait(100)
    picture = window.errors.grab().toImage()
    colors = {picture.pixelColor(x, 3).name() for x in range(40, 600, 20)}
    row = window.errors.sentence
    spot = row.mapTo(window.errors, row.rect().bottomRight())
    colors.add(picture.pixelColor(spot.x() - 4, spot.y() - 2).name())
    theme.choose("light")
    assert colors == {DARK.error_back}
