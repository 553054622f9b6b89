"""The scores and the trade while a hand thins: real mouse and keys in the real window."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QEnterEvent, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview import resources
from evenview.core.keep import choose_rows
from evenview.core.progress import Cancelled
from evenview.core.tilting import GOOD
from evenview.gui.edits import thin
from evenview.gui.free_corner import along, pixels
from evenview.gui.panels.trade import STOPPED
from evenview.gui.seen import is_seen
from evenview.gui.trade_words import fitted
from evenview.strategies.best_trade import BestTrade
from evenview.tasks.compared import settings_line
from evenview.tasks.outcome import outcome
from gui_hands import choose, press, type_symmetry

SCF, EFFECTIVE, LEAST = "SCF*  (good from 0.81)", "Effective, N·SCF*", "Least sampled"


@pytest.fixture
def demo(kept, settle, qtbot):
    """The demo with nothing thinned and the trade in front."""
    path = resources.demo("star")
    if kept.document.path != path:
        kept.resize(1440, 868)
        kept.open(path)
    else:
        kept.document.edit("Begin", lambda plan: replace(plan, thinning=None, symmetry="C1"))
    settle(kept)
    press(kept, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: is_seen(kept.trade) and kept.trade.plot.isVisible(), timeout=20_000)
    settle(kept)
    return kept


def value(window, line: str, place: int) -> float:
    return float(window.numbers.cells[line][place].text().strip("≈ ×").replace(",", ""))


def on_curve(window, part: float) -> QPoint:
    """The pixel of a place on the curve, by the part of the way along it."""
    plot = window.trade.plot
    x = plot.curve.xData[0] + part * (plot.curve.xData[-1] - plot.curve.xData[0])
    y = np.interp(x, plot.curve.xData, plot.curve.yData)
    scene = plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
    return plot.mapFromScene(scene)


def move(widget, point: QPoint, button=Qt.MouseButton.LeftButton) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(point),
        QPointF(widget.mapToGlobal(point)),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def test_the_scores_are_there_before_anything_is_thinned(demo):
    assert 0.2 < value(demo, SCF, 0) < 0.25
    assert 11_000 < value(demo, EFFECTIVE, 0) < 12_500
    assert demo.numbers.cells[SCF][1].text() == "–"
    assert not demo.numbers.warned.isVisible()


def test_what_the_scores_depend_on_is_said_below_them(demo, settle):
    for symmetry in ("C1", "D7"):
        type_symmetry(demo, symmetry)
        settle(demo)
        said = f"SCF* of 10,000 views, k = 50, s0 = 2, symmetry {symmetry}"
        assert demo.numbers.settings.text() == said == settings_line(demo.live.scores.outcome)


def stopped(*_given):
    raise Cancelled


@pytest.mark.parametrize("work", ["evenview.gui.live.foresee", "evenview.gui.panels.trade.trade"])
def test_work_that_was_stopped_is_said_and_can_be_begun_again(demo, settle, monkeypatch, work):
    with monkeypatch.context() as patched:
        patched.setattr(work, stopped)
        type_symmetry(demo, "D2")
        settle(demo)
    assert demo.trade.told.text() == STOPPED
    QTest.mouseClick(demo.trade.again, Qt.MouseButton.LeftButton)
    settle(demo)
    assert demo.trade.plot.isVisible()


def test_the_scores_follow_the_slider_at_once(demo, settle):
    choose(demo.rebalance.strategy, "percentile")
    settle(demo)
    field = demo.rebalance.form.inputs["percentile"]
    field.slider.setSliderDown(True)
    seen = []
    for wanted in (97, 94, 90, 85):
        field.slider.setValue(field.scale.position(wanted))  # nothing is waited for
        seen.append((value(demo, SCF, 1), value(demo, EFFECTIVE, 1)))
        dot = demo.trade.plot.present
        assert dot.data["x"][0] == pytest.approx(seen[-1][0], abs=0.006)
        assert dot.data["y"][0] == pytest.approx(seen[-1][1], abs=0.5)
    field.slider.setSliderDown(False)
    evenness, effective = zip(*seen, strict=True)
    assert list(evenness) == sorted(evenness)
    assert list(effective) == sorted(effective, reverse=True)


@pytest.mark.parametrize("symmetry", ["C1", "D7"])
def test_the_numbers_shown_are_those_that_a_rebalance_prints(demo, settle, symmetry):
    type_symmetry(demo, symmetry)
    choose(demo.rebalance.strategy, "percentile")
    settle(demo)
    display = demo.document.display
    kept = choose_rows(display.particles, display.binning, display.quotas, display.plan.thinning)
    found = outcome(display.particles, kept, symmetry)
    for place, side in enumerate((found.before, found.after)):
        assert value(demo, SCF, place) == pytest.approx(side.fourier.scf_star, abs=0.011)
        assert value(demo, EFFECTIVE, place) == pytest.approx(
            side.fourier.effective_particles, rel=0.01
        )
    assert (
        f"removes {round(100 * found.lost)}\N{NO-BREAK SPACE}%" in demo.numbers.warned.label.text()
    )
    assert demo.numbers.warned.isVisible()


def test_no_rule_lies_above_the_curve_of_best_trades(demo, settle):
    plot = demo.trade.plot
    for name in ("percentile", "times_uniform", "mean_sd", "best_trade"):
        choose(demo.rebalance.strategy, name)
        settle(demo)
        x, y = plot.present.data["x"][0], plot.present.data["y"][0]
        best = np.interp(x, plot.curve.xData, plot.curve.yData)
        assert y <= best * 1.01


def test_dragging_along_the_curve_thins_and_is_one_step_back(demo, settle):
    choose(demo.rebalance.strategy, "percentile")
    settle(demo)
    plan = demo.document.plan
    plot = demo.trade.plot
    QTest.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=on_curve(demo, 0.2))
    left = []
    for part in (0.3, 0.45, 0.6):
        move(plot.viewport(), on_curve(demo, part))
        left.append(demo.document.display.summary.after.particles)
        assert plot.present.data["x"][0] == pytest.approx(
            plot.curve.xData[0] + part * np.ptp(plot.curve.xData), abs=0.02
        )
    QTest.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=on_curve(demo, 0.6))
    settle(demo)
    assert left == sorted(left, reverse=True)
    strategy = demo.document.plan.thinning.strategy
    assert strategy.name == "best_trade"
    assert strategy.way == pytest.approx(60, abs=2)
    assert demo.rebalance.strategy.key == "best_trade"
    assert demo.document.undo_label == "Rebalance: best trade"
    demo.document.undo()
    settle(demo)
    assert demo.document.plan == plan


def test_a_press_beside_the_curve_thins_nothing(demo, settle):
    plot = demo.trade.plot
    away = on_curve(demo, 0.1) + QPoint(0, 70)
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=away)
    settle(demo)
    assert demo.document.plan.thinning is None


def test_arrow_keys_go_along_the_curve(demo, settle):
    plot = demo.trade.plot
    plot.setFocus()
    for _ in range(3):
        QTest.keyClick(plot, Qt.Key.Key_PageUp)
        settle(demo)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    settle(demo)
    assert demo.document.plan.thinning.strategy.way == pytest.approx(14.5, abs=0.6)
    QTest.keyClick(plot, Qt.Key.Key_End)
    settle(demo)
    assert demo.document.plan.thinning.strategy.way == 100
    demo.document.undo()
    settle(demo)
    assert demo.document.plan.thinning.strategy.way == pytest.approx(14.5, abs=0.6)


def test_a_held_arrow_key_is_one_step_back(demo, settle):
    plot = demo.trade.plot
    plot.setFocus()
    for _ in range(4):
        QTest.keyPress(plot, Qt.Key.Key_PageUp)
    QTest.keyRelease(plot, Qt.Key.Key_PageUp)
    settle(demo)
    assert demo.document.plan.thinning.strategy.way == 20
    demo.document.undo()
    settle(demo)
    assert demo.document.plan.thinning is None


def test_the_place_under_the_pointer_is_said(demo):
    plot = demo.trade.plot
    move(plot.viewport(), on_curve(demo, 0.5), Qt.MouseButton.NoButton)
    assert len(plot.hover.data) == 1
    middle = plot.curve.xData[0] + 0.5 * np.ptp(plot.curve.xData)
    said = re.match(r"SCF\* (\S+) ", plot.words.label.toPlainText())
    assert float(said.group(1)) == pytest.approx(middle, abs=0.011)
    move(plot.viewport(), on_curve(demo, 0.5) + QPoint(0, 80), Qt.MouseButton.NoButton)
    assert not len(plot.hover.data)


@pytest.mark.parametrize("curve", [(0.097, 0.104), (0.2, 0.96), (0.7, 0.79), (0.89, 0.99)])
def test_the_axis_is_as_long_as_the_curve(curve):
    low, high = fitted(np.array(curve))
    assert low < curve[0] < curve[1] < high
    assert curve[1] - curve[0] > 0.7 * (high - low)
    assert (low < GOOD < high) == (curve != (0.097, 0.104) and curve != (0.89, 0.99))
    assert fitted(np.array(curve), 0.05)[0] < 0.05


@pytest.mark.parametrize("size", [(1440, 868), (1280, 720)])
@pytest.mark.parametrize("symmetry", ["C1", "D7"])
def test_words_cover_neither_curve_nor_threshold_nor_each_other(demo, settle, size, symmetry):
    demo.resize(*size)
    type_symmetry(demo, symmetry)
    settle(demo)
    plot = demo.trade.plot
    view = plot.getPlotItem().getViewBox()
    line = along(pixels(view, np.column_stack(plot.curve.getData())))
    good = along(pixels(view, np.array([[GOOD, 0.0], [GOOD, plot.curve.yData[0]]])))
    for way in (0.0, 30.0, 60.0, 100.0):
        strategy = BestTrade(way=way)
        demo.document.edit("Way", lambda plan, of=strategy: thin(plan, of))
        settle(demo)
        boxes = [
            view.mapRectFromItem(words, words.boundingRect())
            for words in (plot.words.label, plot.words.good)
        ]
        assert not boxes[0].intersects(boxes[1])
        for box in boxes:
            assert view.rect().adjusted(-1, -1, 1, 1).contains(box)
            assert not any(box.contains(QPointF(*point)) for point in (*line, *good))
    demo.resize(1440, 868)


def test_a_disc_points_at_a_direction_from_the_side_of_the_camera(demo, qtbot):
    demo.stage.sphere.scene.look_from("top", animate=False)
    discs = demo.trade.discs
    qtbot.waitUntil(lambda: not demo.trade._camera.isActive())
    for place in (0, 1):
        QTest.mouseMove(discs, discs.disc(place).center().toPoint())
        qtbot.waitUntil(lambda: demo.desk.direction is not None)
        assert demo.desk.direction[2] > 0.99
        QTest.mouseMove(discs, QPoint(2, 2))
        qtbot.waitUntil(lambda: demo.desk.direction is None)


def colour_at(discs, place: int, up: float) -> np.ndarray:
    """The mean colour in the middle of a disc or `up` radii above it."""
    disc = discs.disc(place)
    image = discs.grab().toImage()
    scale = image.devicePixelRatio()
    x, y = disc.center().x(), disc.center().y() - up * disc.height() / 2
    pixels = [
        image.pixelColor(round(scale * x) + i, round(scale * y) + j).getRgb()[:3]
        for i in range(-3, 4)
        for j in range(-3, 4)
    ]
    return np.mean(pixels, axis=0)


def test_the_discs_show_that_thinning_evens_the_sampling(demo, settle, qtbot):
    """Top views sample the equator of Fourier space."""
    demo.stage.sphere.scene.look_from("+x", animate=False)
    qtbot.waitUntil(lambda: not demo.trade._camera.isActive())
    choose(demo.rebalance.strategy, "percentile")
    settle(demo)
    discs = demo.trade.discs
    before, after = (
        np.linalg.norm(colour_at(discs, place, 0.0) - colour_at(discs, place, 0.6))
        for place in (0, 1)
    )
    assert before > 100
    assert after < 0.5 * before


def test_the_least_sampled_direction_is_pointed_at_from_its_line(demo):
    label = demo.numbers.cells[LEAST][0]
    inside = QPointF(label.rect().center())
    entered = QEnterEvent(inside, inside, QPointF(label.mapToGlobal(label.rect().center())))
    QApplication.sendEvent(label, entered)
    np.testing.assert_array_equal(demo.desk.direction, demo.live.scores.least)
    QApplication.sendEvent(label, QEvent(QEvent.Type.Leave))
    assert demo.desk.direction is None


def test_what_there_is_to_say_without_a_selection(demo, settle):
    choose(demo.rebalance.strategy, "percentile")
    settle(demo)
    demo.rebalance.only_selected.setChecked(True)
    settle(demo)
    assert "Nothing is selected" in demo.trade.told.text()
    assert demo.trade.told.isVisible()
    demo.rebalance.only_selected.setChecked(False)
    settle(demo)
    assert demo.trade.plot.isVisible()


def test_the_curve_waits_until_it_is_looked_at(empty, settle):
    empty.open(resources.demo("star"))
    settle(empty)
    assert not is_seen(empty.trade)
    assert empty.trade.plot.curve.xData is None or not len(empty.trade.plot.curve.xData)
    assert empty.live.scores is not None
