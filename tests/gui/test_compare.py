"""The Compare panel: made files whose frame, hand and agreement are known."""

from __future__ import annotations

import csv
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from scipy.spatial.transform import Rotation

import evenview.__main__ as command_line
from evenview.core.symmetry import parse_group
from evenview.gui.panels.compare import ROOM
from evenview.gui.window import Window
from evenview.tasks.compare import Outputs
from gui_hands import answer, choose, hot_angles, press, type_symmetry
from made import particle_lines, write_star

CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
N, SIGMA, UNRELATED = 600, 0.5, 0.3
TURN = Rotation.from_rotvec(np.radians(50.0) * np.array([1.0, 2.0, 3.0]) / np.sqrt(14.0))
D = np.diag([1.0, 1.0, -1.0])


def matrices_of(angles: np.ndarray) -> np.ndarray:
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()


def angles_of(matrices: np.ndarray) -> np.ndarray:
    return Rotation.from_matrix(np.swapaxes(matrices, 1, 2)).as_euler("ZYZ", degrees=True)


def with_errors(matrices: np.ndarray) -> np.ndarray:
    own = np.radians(SIGMA) * np.random.default_rng(2).normal(size=(len(matrices), 3))
    return Rotation.from_rotvec(own).as_matrix() @ matrices


@pytest.fixture(scope="session")
def wrong() -> np.ndarray:
    """The rows of B whose poses are unrelated to those of A."""
    return np.random.default_rng(3).random(N) < UNRELATED


@pytest.fixture(scope="session")
def folder(tmp_path_factory, wrong) -> Path:
    """a.star, which is opened; turned.star and flipped.star, made of it; unlike.star, which is
    not."""
    found = tmp_path_factory.mktemp("other")
    write_star(found / "a.star", hot_angles(N))
    a = matrices_of(hot_angles(N))
    turned = with_errors(a @ TURN.as_matrix().T)
    turned[wrong] = Rotation.random(int(wrong.sum()), random_state=4).as_matrix()
    write_star(found / "turned.star", angles_of(turned))
    write_star(found / "flipped.star", angles_of(with_errors(D @ a @ D)))
    write_star(found / "unlike.star", angles_of(Rotation.random(N, random_state=5).as_matrix()))
    return found


@pytest.fixture
def window(kept: Window, folder, settle) -> Window:
    kept.errors.dismiss_all()
    kept.open(folder / "a.star")  # which takes everything else away
    settle(kept)
    kept.places.show_behind("compare", ROOM)
    return kept


@pytest.fixture
def panel(window):
    return window.compare


def compare_with(window, path: Path, settle) -> None:
    """Compare as where the file was chosen."""
    window.compare.inputs.source.chosen.emit(path)
    settle(window)


def click(button) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)
    QTest.qWait(20)


@pytest.fixture
def found(window, panel, folder, settle):
    compare_with(window, folder / "turned.star", settle)
    assert panel.comparing.result is not None
    return panel


def test_the_key_opens_the_panel_and_asks_for_the_other_file(window, panel, folder, settle):
    window.docks["compare"].close()
    assert panel.pages.currentIndex() == 0
    answer(str(folder / "turned.star"))
    press(window, Qt.Key.Key_D, CONTROL)
    settle(window)
    assert panel.mapTo(window, QPoint(0, 0)).x() >= 0
    assert panel.comparing.path == folder / "turned.star"
    assert panel.pages.currentIndex() == 1
    kept = window.settings.text("compare_folder", "")
    assert kept == str(folder.resolve())


def test_before_a_file_is_chosen_it_is_said_what_this_is_for(panel):
    assert panel.pages.currentIndex() == 0
    assert not panel.inputs.again.isVisible()
    assert not panel.inputs.stop.isVisible()


def test_the_turn_and_the_share_are_those_that_the_file_was_made_with(window, found, wrong):
    told = found.report.text_of
    g = found.comparing.result.found.matrix
    assert np.degrees(Rotation.from_matrix(g @ TURN.as_matrix().T).magnitude()) < 0.1
    angle, *axis = map(float, re.findall(r"[\d.]+", told("Rotation"))[:4])
    assert angle == pytest.approx(50.0, abs=0.1)
    np.testing.assert_allclose(axis, np.array([1, 2, 3]) / np.sqrt(14), atol=0.005)
    assert told("Hand") == "kept"
    assert told("Only in A") == "0 of 600"
    assert float(told("Agreeing").split()[0]) == pytest.approx(100 * (1 - wrong.mean()), abs=1)
    assert float(told("σ").rstrip("°")) == pytest.approx(SIGMA, rel=0.1)
    said = found.relation.text()
    assert said.startswith(f"{told('Agreeing').split(' (')[0]} agree: B is A turned by 50.")


def test_a_flipped_hand_is_told(window, panel, folder, settle):
    compare_with(window, folder / "flipped.star", settle)
    assert panel.report.text_of("Hand") == "flipped (z)"
    assert panel.relation.text() == "100.0\N{NO-BREAK SPACE}% agree: B is A after a z flip"


def test_where_all_agree_nothing_is_selected_and_that_is_said(window, panel, folder, settle):
    compare_with(window, folder / "flipped.star", settle)
    before = window.document.plan.selection
    panel.menus.select.trigger()
    settle(window)
    assert window.document.plan.selection == before
    assert window.statusBar().currentMessage().startswith("In no bin more than half")


def test_unrelated_files_have_no_relation_and_nothing_is_shown_of_it(window, panel, folder, settle):
    compare_with(window, folder / "unlike.star", settle)
    assert panel.relation.text() == "No relation found"
    assert panel.report.text_of("Rotation") == ""
    assert not window.document.beside.rows
    assert not panel.menus.by_error.isEnabled()
    assert not any(action.isEnabled() for action in panel.menus.subsets.values())
    assert panel.menus.save_table.isEnabled()


def test_errors_colour_the_sphere_bin_by_bin(window, found, wrong, settle):
    found.menus.by_share.trigger()
    settle(window)
    display = window.document.display
    bins = display.binning.bin_of_row
    fullest = int(display.binning.counts.argmax())
    inside = bins == fullest
    assert display.layer.values[fullest] == pytest.approx(1 - wrong[inside].mean(), abs=0.02)
    assert window.stage.colors.quantity.key == "rows:agreeing"
    assert display.limits == (0.0, 1.0)
    assert display.layer.unit == "share agreeing"
    found.menus.by_error.trigger()
    settle(window)
    errors = found.comparing.result.found.direction_error
    assert window.document.display.layer.values[fullest] == pytest.approx(errors[inside].mean())
    assert window.stage.colors.quantity.findText("Direction error") > 0


def test_bins_where_most_disagree_are_selected(window, found, wrong, settle):
    found.menus.select.trigger()
    settle(window)
    display = window.document.display
    inside = display.selected[display.binning.bin_of_row]
    assert wrong[inside].mean() > 0.6 > 0.4 > wrong[~inside].mean()
    assert window.document.undo_label == "Select bins that disagree"


def test_bins_selected_by_one_comparison_do_not_outlive_it(window, found, folder, settle):
    found.menus.select.trigger()
    settle(window)
    assert window.document.display.selected.any()
    compare_with(window, folder / "flipped.star", settle)
    assert not window.document.display.selected.any()
    press(window, Qt.Key.Key_Z, CONTROL)  # it is an edit like others
    settle(window)
    assert window.document.display.selected.any()


def test_why_a_file_was_not_compared_stays_in_the_panel(window, panel, folder, tmp_path, settle):
    bad = tmp_path / "bad.star"
    bad.write_text("nothing of use")
    compare_with(window, bad, settle)
    window.errors.dismiss_all()
    assert str(bad) in panel.inputs.failure.text()
    assert panel.inputs.failure.isVisible()
    compare_with(window, folder / "turned.star", settle)
    assert not panel.inputs.failure.isVisible()


def test_where_it_is_narrow_the_histograms_are_below_the_words(window, found, settle):
    dock = window.docks["compare"]
    for width, below in ((376, True), (800, False)):
        dock.setFloating(True)
        dock.resize(width, 420)
        QTest.qWait(100)
        words, plots = (part.mapTo(found, QPoint(0, 0)) for part in (found.relation, found.spread))
        assert (plots.y() > words.y() + 100) is below
        assert found.spread.width() >= 200
        assert found.report.width() >= 180
        assert found.inputs.source.choose.width() >= found.inputs.source.choose.sizeHint().width()
    dock.setFloating(False)
    QTest.qWait(50)


def test_another_file_takes_the_comparison_away(window, found, folder, settle):
    found.menus.by_share.trigger()
    settle(window)
    window.open(folder / "flipped.star")
    settle(window)
    assert found.comparing.result is None
    assert found.pages.currentIndex() == 0
    assert not window.document.beside.rows
    assert window.stage.colors.quantity.findText("Agreeing share") < 0
    assert window.document.display.plan.quantity == "density"
    assert not window.errors.isVisible()


def test_doing_without_the_other_file_shows_density_again(window, found, settle):
    found.menus.by_error.trigger()
    settle(window)
    click(found.inputs.source.drop)
    settle(window)
    assert window.stage.colors.quantity.key == "density"
    assert found.pages.currentIndex() == 0


def test_a_changed_symmetry_is_told_and_compared_again_on_a_click(window, found, settle):
    before = found.comparing.result
    type_symmetry(window, "C3")
    settle(window)
    assert "Compared with C1" in found.inputs.stale.text()
    assert found.comparing.result is before
    click(found.inputs.again)
    settle(window)
    assert found.comparing.result.group.name == "C3"
    assert found.inputs.stale.text() == ""
    assert not found.inputs.again.isVisible()


def test_a_group_that_explains_more_is_advised_as_the_window_says_it(
    window, panel, tmp_path, settle
):
    type_symmetry(window, "C1")
    settle(window)
    own = parse_group("D2").matrices[np.random.default_rng(6).integers(0, 4, N)]
    b = write_star(tmp_path / "d2.star", angles_of(with_errors(matrices_of(hot_angles(N)) @ own)))
    compare_with(window, b, settle)
    assert re.match(r"With D2 \d+.% would agree", panel.advised.text())
    click(panel.use)
    settle(window)
    assert window.document.plan.symmetry == "D2"
    assert panel.comparing.result.group.name == "D2"
    assert panel.relation.text().startswith("100.0")
    assert not panel.use.isVisible()
    type_symmetry(window, "C1")  # which is kept for a file that is opened once more
    settle(window)


def test_particles_can_be_matched_in_another_way(window, found, settle):
    assert "by image" in found.report.text_of("Matched")
    choose(found.inputs.matched, "row")
    settle(window)
    assert found.comparing.result.matches.way == "row"
    before = found.comparing.result
    choose(found.inputs.matched, "uid")
    settle(window)
    assert "uid" in window.errors.sentence.text()
    assert "--" not in window.errors.sentence.text()
    assert found.comparing.result is before


def test_cancel_stops_and_leaves_what_was_there(window, found, settle):
    before = found.comparing.result
    choose(found.inputs.matched, "row")
    click(found.inputs.stop)
    settle(window)
    assert found.comparing.result is before
    assert not window.errors.isVisible()


@pytest.mark.parametrize(("which", "of"), [("disagree", "A"), ("agree", "B")])
def test_either_side_is_saved_byte_for_byte(
    window, found, folder, wrong, tmp_path, settle, which, of
):
    out = tmp_path / "some.star"
    answer(str(out))
    found.menus.subsets[which, of].trigger()
    settle(window)
    source = particle_lines(folder / ("a.star" if of == "A" else "turned.star"))
    agrees = found.comparing.result.agrees
    assert np.mean(agrees != wrong) > 0.99
    wanted = agrees if which == "agree" else ~agrees
    assert particle_lines(out) == [source[i] for i in np.flatnonzero(wanted)]
    assert "some.star" in window.statusBar().currentMessage()


def test_a_file_that_was_read_is_never_written_over(window, found, settle):
    source = found.comparing.path
    before = source.read_bytes()
    found.comparing.write(Outputs(disagreeing=source))
    settle(window)
    assert "never written over" in window.errors.sentence.text()
    assert source.read_bytes() == before


def test_the_table_has_a_line_for_each_particle(window, found, tmp_path, settle):
    answer(str(tmp_path / "table.csv"))
    found.menus.save_table.trigger()
    settle(window)
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == N
    errors = found.comparing.result.found.direction_error
    np.testing.assert_allclose([float(row["direction_error"]) for row in rows], errors, atol=1e-5)


def test_what_was_found_is_copied(found, capsys, folder, tmp_path):
    clipboard = QApplication.clipboard()
    found.menus.copy_all.trigger()
    assert "Relation:" in clipboard.text()
    found.menus.copy_matrix.trigger()
    g = np.array([line.split() for line in clipboard.text().splitlines()], dtype=float)
    np.testing.assert_allclose(g, TURN.as_matrix(), atol=2e-3)
    found.menus.copy_command.trigger()
    # What is copied does bring A into B's frame.
    words = shlex.split(clipboard.text())
    assert words[2] == str(folder / "a.star")
    out = str(tmp_path / "a.star")
    words[words.index("-o") + 1] = out
    assert command_line.main([*words[1:], "--json"]) == 0
    capsys.readouterr()
    told = ["compare", out, str(found.comparing.path), "--json"]
    assert command_line.main(told) == 0
    assert "the same frame" in json.loads(capsys.readouterr().out)["relation"]


def test_the_limit_can_be_dragged_and_typed(window, found, settle):
    spread, plot = found.spread, found.spread.direction
    automatic = found.comparing.result.limit
    assert 4 * SIGMA < automatic < 10 * SIGMA
    start, end = (place(plot, degrees) for degrees in (automatic, 20.0))
    QTest.mouseMove(plot.viewport(), start)
    QTest.qWait(50)
    drag(plot.viewport(), start, end)
    settle(window)
    assert found.comparing.result.limit == pytest.approx(20.0, rel=0.2)
    assert spread.within.value() == pytest.approx(found.comparing.result.limit)
    field = spread.within.lineEdit()
    field.selectAll()
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(window)
    agrees = found.comparing.result.agrees
    np.testing.assert_array_equal(agrees, found.comparing.result.found.angle <= 1.0)
    rows = window.document.beside.rows["agreeing"].values
    np.testing.assert_array_equal(rows == 1.0, agrees)


def test_the_histograms_hold_every_particle_and_say_what_is_under_the_pointer(found):
    plot = found.spread.direction
    for scale in ("log", "linear"):
        choose(found.spread.scale, scale)
        for one in (plot, found.spread.inplane):
            assert one.spread.counts.sum() == N
            assert one.scale_shown == scale
    choose(found.spread.scale, "log")
    at = int(plot.spread.counts.argmax())
    degrees = float(np.sqrt(plot.spread.edges[at] * plot.spread.edges[at + 1]))
    QTest.mouseMove(plot.viewport(), place(plot, degrees) + QPoint(0, 30))
    QTest.qWait(50)  # pyqtgraph drops moves that follow each other faster than a hand
    QTest.mouseMove(plot.viewport(), place(plot, degrees))
    QTest.qWait(60)
    assert f"{plot.spread.counts[at]:,} particles" in found.spread.readout.text()


def place(plot, degrees: float) -> QPoint:
    return plot.place_of(degrees).toPoint()


def drag(widget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, LEFT, pos=start)
    for part in np.linspace(0.2, 1.0, 5):
        point = QPointF(start) + (QPointF(end) - QPointF(start)) * float(part)
        QTest.mouseMove(widget, point.toPoint())
        QTest.qWait(30)
    QTest.mouseRelease(widget, LEFT, pos=end)
    QTest.qWait(50)


def test_what_is_gone_stays_gone_when_the_colours_are_undone(window, found, settle):
    found.menus.by_error.trigger()
    settle(window)
    window.document.edit("Colour by", lambda plan: replace(plan, quantity="count"))
    found.comparing.clear()
    press(window, Qt.Key.Key_Z, CONTROL)
    settle(window)
    assert window.document.plan.quantity == "rows:disagreement"
    assert window.document.display.quantity == "density"
    assert not window.errors.isVisible()


def pick(button, action) -> None:
    """Open the menu of a button and click an action, both with the mouse."""

    def click_it() -> None:
        menu = button.menu()
        assert menu.isVisible()
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())

    QTimer.singleShot(300, click_it)
    QTest.mouseClick(button, LEFT)  # returns when the menu has closed
    QTest.qWait(20)


@pytest.mark.parametrize(("which", "of"), [("disagree", "B"), ("agree", "A")])
def test_either_side_is_saved_with_the_mouse(window, found, folder, tmp_path, settle, which, of):
    out = tmp_path / "by_mouse.star"
    answer(str(out))
    pick(found.menus.save, found.menus.subsets[which, of])
    settle(window)
    result = found.comparing.result
    source = particle_lines(folder / ("a.star" if of == "A" else "turned.star"))
    wanted = result.agrees if which == "agree" else ~result.agrees
    assert particle_lines(out) == [source[i] for i in np.flatnonzero(wanted)]


def test_of_a_selection_it_is_told_who_agrees_and_which_frame_they_have(
    window, found, wrong, settle
):
    assert found.report.text_of("Selected") == ""
    pick(found.menus.show_on, found.menus.select)
    settle(window)
    display = window.document.display
    inside = display.selected[display.binning.bin_of_row]
    agreeing = found.comparing.result.agrees[inside].sum()
    told = found.report.text_of("Selected")
    assert told.startswith(f"{agreeing:,} of {inside.sum():,} agree")
    assert "L1 mean" in found.report.text_of("Their frame")
    press(window, Qt.Key.Key_Z, CONTROL)
    settle(window)
    assert found.report.text_of("Selected") == ""


def test_a_file_that_changes_is_told_and_compared_again_on_a_click(
    window, panel, tmp_path, folder, settle, qtbot
):
    other = tmp_path / "b.star"
    other.write_bytes((folder / "turned.star").read_bytes())
    compare_with(window, other, settle)
    assert not panel.inputs.again.isVisible()
    other.write_bytes((folder / "flipped.star").read_bytes())
    qtbot.waitUntil(lambda: "B has changed" in panel.inputs.stale.text(), timeout=5_000)
    assert "turned by" in panel.relation.text()
    click(panel.inputs.again)
    settle(window)
    assert panel.relation.text() == "100.0\N{NO-BREAK SPACE}% agree: B is A after a z flip"
    assert not panel.inputs.again.isVisible()
    other.unlink()
    qtbot.waitUntil(lambda: "B has changed" in panel.inputs.stale.text(), timeout=5_000)
