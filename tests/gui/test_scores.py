"""The panels Scores of the views and Stage tilt, and the group that the window suggests."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview.core.progress import Cancelled
from evenview.gui.panels.scores import COPIED
from evenview.gui.scoring import STOPPED
from evenview.gui.theme import theme
from evenview.tasks import score
from evenview.tasks.score import ScoreRequest
from gui_hands import choose, drag, press, type_symmetry
from made import uniform_angles, write_star

SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
SCORES, TILT = Qt.Key.Key_K, Qt.Key.Key_T


def star(path, angles):
    return write_star(path, angles, 1 + np.arange(len(angles)) % 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scores")


@pytest.fixture(scope="module")
def folded(folder):
    """A file of which the views fill one unit of D7."""
    angles = uniform_angles(4_000, np.random.default_rng(3))
    angles[:, 0] = 90 + np.random.default_rng(4).uniform(-25.7, 25.7, len(angles))
    angles[:, 1] = np.minimum(angles[:, 1], 180 - angles[:, 1])
    return star(folder / "folded.star", angles)


@pytest.fixture(scope="module")
def ring(folder):
    """A file with views at about 60° from +Z."""
    rng = np.random.default_rng(2)
    angles = uniform_angles(3_000, rng)
    angles[:, 1] = rng.uniform(55, 65, len(angles))
    return star(folder / "ring.star", angles)


@pytest.fixture
def scored(kept, hot_star, settle):
    """The window with the made file and the panel, opened by its key."""
    kept.open(hot_star)
    settle(kept)
    press(kept, SCORES, SHIFT)
    kept.scores.radius.setValue(50)
    kept.scores.empty_sampling.setValue(2)
    settle(kept)
    return kept


@pytest.fixture
def tilting(kept, ring, settle):
    """The window with the ring of views and the tilt panel, opened by its key."""
    if kept.document.path != ring:
        kept.open(ring)
        settle(kept)
    press(kept, TILT, SHIFT)
    settle(kept)
    kept.tilt.tilt.slider.setValue(kept.tilt.tilt.slider.minimum())
    return kept


def by_task(window, **options):
    request = ScoreRequest(window.document.path, **options)
    return score.run(replace(request, tilt=True))


def type_into(box, words: str) -> None:
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, words)
    QTest.keyClick(box, Qt.Key.Key_Return)


def test_the_panel_says_what_the_command_says(scored):
    panel, expected = scored.scores, by_task(scored)
    fourier = expected.scores.fourier
    assert panel.star.text() == f"{fourier.scf_star:.3f}"
    assert panel.particles.text() == "3,000"
    assert panel.effective.text().startswith(f"{fourier.effective_particles:,.0f}  (")
    assert panel.empty.text() == f"{100 * fourier.empty_fraction:.2f} %"
    assert panel.gini.text().startswith(f"{expected.scores.evenness.gini:.3f}")
    assert panel.entropy.text() == f"{expected.scores.evenness.entropy:.3f}"
    assert expected.scores.tensor.shape in panel.tensor.text()
    assert (panel.radius.value(), panel.empty_sampling.value()) == (50, 2.0)
    assert panel.settings.text() == "For 3,000 particles; B = 160 Å²; 48 bins; C1"
    radii, parts = panel.plot.curve.getOriginalDataset()
    assert radii.tolist() == [shell.radius for shell in expected.empty]
    assert parts.tolist() == [shell.empty_fraction for shell in expected.empty]
    said = [label.text() for label in panel.words.told]
    assert len(said) == len(expected.verdict.sentences) + len(expected.verdict.warnings)


def test_thresholds_are_marks_on_the_scales(scored):
    for gauge, threshold in ((scored.scores.star_gauge, 0.81), (scored.scores.e_od_gauge, 0.5)):
        picture = gauge.grab().toImage()
        at = round(threshold * gauge.width())
        dark = [picture.pixelColor(at + d, 0).lightness() for d in (-1, 0)]
        assert min(dark) < 100 < picture.pixelColor(at - 12, 0).lightness()
        inside = round(max(gauge.value, 0.0) * gauge.width() / 2)
        if inside > 6:
            assert picture.pixelColor(inside, 6) == QColor(theme.colors.accent)
        assert picture.pixelColor(gauge.width() - 8, 6) == QColor(theme.colors.line)


def test_another_shell_and_another_s0_are_typed(scored, folded, settle):
    scored.open(folded)
    settle(scored)
    panel = scored.scores
    type_into(panel.radius, "25")
    settle(scored)
    type_into(panel.empty_sampling, "1")
    settle(scored)
    expected = by_task(scored, radius=25, empty_sampling=1.0).scores.fourier
    assert panel.star.text() == f"{expected.scf_star:.3f}"
    assert panel.plot.dot.getOriginalDataset()[0].tolist() == [25]
    assert panel.scf.text() == "–"  # without meaning where there are holes


def test_symmetry_is_followed_while_the_panel_is_seen(scored, settle):
    type_symmetry(scored, "C3")
    settle(scored)
    assert scored.scoring.result.scores.group.name == "C3"
    assert scored.scores.settings.text().endswith("; C3")
    scored.docks["scores"].close()
    type_symmetry(scored, "D3")
    settle(scored)
    assert scored.scoring.result.scores.group.name == "C3"
    press(scored, SCORES, SHIFT)
    settle(scored)
    assert scored.scoring.result.scores.group.name == "D3"


def test_what_nobody_sees_is_not_worked_out(window, ring, settle, qtbot):
    assert window.scoring.result is None
    press(window, SCORES, SHIFT)
    press(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)  # Check, in front of it
    settle(window)
    window.open(ring)
    settle(window)
    assert window.scoring.result is None
    press(window, SCORES, SHIFT)
    settle(window)
    assert window.scoring.result.scores.fourier.particles == 3_000
    window.docks["scores"].set_folded(True)
    type_symmetry(window, "C2")
    settle(window)
    assert not window.scoring.is_fresh
    window.docks["scores"].set_folded(False)
    qtbot.waitUntil(lambda: window.scoring.is_fresh, timeout=20_000)


def test_all_is_copied_as_text_by_a_click(scored):
    QTest.mouseClick(scored.scores.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == scored.scoring.result.summary() + "\n"
    assert scored.scores.copy.text() == COPIED


def test_scoring_that_was_stopped_can_be_begun_again(window, settle, qtbot):
    go_on = Event()
    window.jobs.run("held", "Held", lambda _progress: go_on.wait(60), lambda _done: None, print)
    press(window, SCORES, SHIFT)
    qtbot.waitUntil(lambda: window.scoring.running)
    window.jobs.cancel()
    go_on.set()
    settle(window)
    assert window.scores.outcome.text() == STOPPED
    QTest.mouseClick(window.scores.again, Qt.MouseButton.LeftButton)
    settle(window)
    assert window.scoring.is_fresh
    assert not window.scores.again.isVisible()


def test_scores_of_another_symmetry_are_never_taken_for_those_asked_for(scored, settle, qtbot):
    scoring, panel = scored.scoring, scored.scores
    first, go_on = scoring.result, Event()
    type_symmetry(scored, "D2")
    qtbot.waitUntil(lambda: scored.document.display.plan.symmetry == "D2")
    scored.jobs.run("held", "Held", lambda _progress: go_on.wait(60), lambda _done: None, print)
    scoring.choose(49, 2.0)  # behind what is held
    scored.jobs.cancel()
    go_on.set()
    settle(scored)
    assert panel.outcome.text() == STOPPED
    stale = scoring.result
    assert not scoring.is_fresh
    assert not panel.copy.isVisible()
    assert not panel.body.isEnabled()
    assert not scored.tilt.isEnabled()
    scoring.choose(50, 2.0)
    type_symmetry(scored, "C1")
    settle(scored)
    assert scoring.is_fresh
    assert scoring.result.scores.group.name == "C1"
    assert stale is first or stale is not scoring.result


def test_the_arrow_keys_move_the_tilt_and_the_numbers_follow(tilting):
    panel, curve = tilting.tilt, tilting.scoring.result.curve
    panel.tilt.slider.setFocus()
    for _ in range(7):
        QTest.keyClick(panel.tilt.slider, Qt.Key.Key_Right)
    found = curve.scores[7]
    assert panel.tilt.value == 7
    assert panel.plot.line.value() == 7
    assert panel.star.text() == f"{found.scf_star:.3f}"
    assert panel.empty.text() == f"{100 * found.empty_fraction:.1f} %"
    assert panel.effective.text() == f"{found.effective_particles:,.0f}"


def test_the_line_is_dragged_and_the_slider_follows(tilting):
    panel = tilting.tilt
    view = panel.plot.getPlotItem().vb

    def at(degrees):
        return panel.plot.mapFromScene(view.mapViewToScene(QPointF(degrees, 0.45)))

    drag(SimpleNamespace(native=panel.plot.viewport()), [at(x) for x in (0, 5, 12, 22, 30)])
    assert panel.tilt.value == pytest.approx(30, abs=1)
    assert panel.plot.line.value() == panel.tilt.value
    expected = tilting.scoring.result.curve.scores[round(panel.tilt.value)]
    assert panel.star.text() == f"{expected.scf_star:.3f}"


def test_the_smallest_tilt_is_told_or_that_there_is_none(tilting, tmp_path, settle):
    smallest = tilting.scoring.result.curve.smallest
    assert 5 < smallest < 45
    assert tilting.tilt.smallest.text() == f"Smallest tilt that reaches 0.81: {smallest:.1f}°"
    top = uniform_angles(2_000, np.random.default_rng(5))
    top[:, 1] = np.random.default_rng(6).uniform(0, 3, len(top))
    for name, angles, words in (
        ("top.star", top, "No tilt up to 60° reaches 0.81."),
        ("even.star", uniform_angles(9_000, np.random.default_rng(7)), "without a tilt"),
    ):
        tilting.open(star(tmp_path / name, angles))
        settle(tilting)
        assert words in tilting.tilt.smallest.text()


def test_the_curves_are_those_of_the_scores(tilting):
    curve = tilting.scoring.result.curve
    for drawn, name in (
        (tilting.tilt.plot.star, "scf_star"),
        (tilting.tilt.plot.empty, "empty_fraction"),
    ):
        degrees, values = drawn.getOriginalDataset()
        assert degrees.tolist() == list(range(61))
        assert values.tolist() == [getattr(scores, name) for scores in curve.scores]


def test_the_group_whose_unit_the_views_fill_is_offered_and_taken_by_a_click(
    window, folded, hot_star, settle
):
    offer = window.data.group_offer
    assert not offer.isVisible()
    window.open(folded)
    settle(window)
    assert offer.isVisible()
    assert offer.told.text() == "The views fill one unit of D7 only."
    assert window.document.plan.symmetry == "C1"
    QTest.mouseClick(offer.use, Qt.MouseButton.LeftButton)
    settle(window)
    assert (window.document.plan.symmetry, window.document.plan.look) == ("D7", "stored")
    assert not offer.isVisible()
    window.document.undo()
    settle(window)
    assert offer.isVisible()
    window.open(hot_star)
    settle(window)
    assert not offer.isVisible()


def test_the_grid_stays_in_sight_below_the_offer(window, folded, settle, qtbot):
    window.open(folded)
    settle(window)
    grid = window.data.grid_title
    qtbot.waitUntil(window.data.group_offer.isVisible)
    qtbot.waitUntil(lambda: grid.visibleRegion().boundingRect() == grid.rect())


def test_a_group_is_looked_for_again_where_that_was_stopped(window, folded, settle, monkeypatch):
    def stopped(_particles):
        raise Cancelled

    offer = window.data.group_offer
    with monkeypatch.context() as patched:
        patched.setattr("evenview.gui.panels.group_offer.suggest", stopped)
        window.open(folded)
        settle(window)
    assert not offer.isVisible()
    choose(window.rebalance.strategy, "percentile")
    settle(window)
    assert offer.isVisible()


def test_taking_the_group_fills_the_holes(scored, folded, settle):
    scored.open(folded)
    settle(scored)
    assert scored.scores.outcome.text() == "Fourier space has holes"
    QTest.mouseClick(scored.data.group_offer.use, Qt.MouseButton.LeftButton)
    settle(scored)
    assert scored.scores.outcome.text() == "Sampled evenly"
    assert scored.scores.empty.text() == "0.00 %"


@pytest.mark.parametrize("size", [(1280, 720), (1440, 868)])
def test_the_panels_find_room_in_the_window_as_it_is(window, settle, size, qtbot):
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    press(window, SCORES, SHIFT)
    press(window, TILT, SHIFT)
    settle(window)
    assert window.scores.isVisible()
    assert not window.tilt.visibleRegion().isEmpty()
    assert (window.width(), window.height()) == size
