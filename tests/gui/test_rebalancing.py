from __future__ import annotations

import json

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

import made_cs
from evenview.formats import open_particles
from evenview.gui.level import level_of
from evenview.gui.theme import theme
from evenview.strategies import strategies
from gui_hands import HOT, choose, press
from made import particle_lines


@pytest.fixture
def capped(window, settle):
    """The window with at most 5 particles a bin."""
    choose(window.rebalance.strategy, "cap")
    box = window.rebalance.form.inputs["cap"].box
    box.setValue(5)
    settle(window)
    return window


def shown(window, line: str) -> tuple[int, int]:
    before, after, _ = window.numbers.cells[line]
    return int(before.text().replace(",", "")), int(after.text().replace(",", ""))


def test_the_numbers_shown_are_the_numbers_written(capped, tmp_path, settle):
    window = capped
    window.rebalance.export.click()
    dialog = window.commands.export
    assert dialog.isVisible()
    kept, excluded, recipe = (tmp_path / name for name in ("k.star", "x.star", "r.json"))
    for field, path in (
        (dialog.kept, kept),
        (dialog.excluded, excluded),
        (dialog.recipe, recipe),
    ):
        field.set_path(path)
    dialog.write.click()
    settle(window)
    assert "k.star" in dialog.told.text()
    before, after = shown(window, "Particles")
    back = open_particles(kept)
    assert (before, after) == (3000, len(back))
    assert shown(window, "Half-set 1")[1] == (back.halves == 1).sum()
    assert shown(window, "Half-set 2")[1] == (back.halves == 2).sum()
    grid = window.document.display.binning.grid
    assert np.bincount(grid.index_of(back.directions)).max() <= 5
    lines = particle_lines(kept) + particle_lines(excluded)
    assert sorted(lines) == sorted(particle_lines(window.document.path))
    assert json.loads(recipe.read_text())["plan"]


def test_a_file_that_an_export_would_replace_is_named_beforehand(capped, tmp_path):
    dialog = capped.commands.export
    old = tmp_path / "old_kept.star"
    old.write_text("something dear to somebody")
    capped.commands.ask_export()
    assert not dialog.kept.warning.isVisible()
    dialog.kept.line.setFocus()
    dialog.kept.line.selectAll()
    QTest.keyClicks(dialog.kept.line, str(old))
    assert "replaced: old_kept.star" in dialog.kept.warning.text()
    assert dialog.kept.warning.isVisible()
    assert not dialog.excluded.warning.isVisible()
    assert old.read_text() == "something dear to somebody"
    dialog.hide()


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def aim(dialog, kept, excluded, recipe):
    for field, path in zip(dialog._fields, (kept, excluded, recipe), strict=True):
        field.set_path(path)
        field.changed.emit()


def test_a_file_is_replaced_only_by_a_press_of_its_own(capped, tmp_path, settle, qtbot):
    dialog = capped.commands.export
    capped.commands.ask_export()
    paths = [tmp_path / name for name in ("k.star", "x.star", "r.json")]
    paths[0].write_text("dear")
    aim(dialog, *paths)
    click(dialog.write)
    click(dialog.write)  # the second half of a double click
    settle(capped)
    assert paths[0].read_text() == "dear"
    assert not paths[1].exists()
    assert dialog.write.text() == "Replace and export"
    qtbot.waitUntil(dialog.write.isEnabled)
    click(dialog.write)
    settle(capped)
    assert paths[0].read_text() != "dear"
    assert all(path.exists() for path in paths)
    assert dialog.write.text() == "Export"
    click(dialog.write)
    assert dialog.write.text() == "Replace and export"
    assert dialog.recipe.warning.isVisible()
    aim(dialog, tmp_path / "new.star", *paths[1:])
    assert dialog.write.text() == "Export"
    dialog.hide()


def test_the_message_after_an_export_names_every_folder(capped, tmp_path, settle):
    dialog = capped.commands.export
    (tmp_path / "aside").mkdir()
    capped.commands.ask_export()
    aim(dialog, tmp_path / "k.star", tmp_path / "aside" / "x.star", tmp_path / "r.json")
    click(dialog.write)
    settle(capped)
    said = dialog.told.text()
    assert f"k.star, r.json in {tmp_path}; x.star in {tmp_path / 'aside'}" in said
    dialog.hide()


def test_the_export_dialog_says_why_nothing_was_written(capped, tmp_path, settle):
    dialog = capped.commands.export
    capped.commands.ask_export()
    aim(dialog, *(tmp_path / "nowhere" / name for name in ("k.star", "x.star", "r.json")))
    click(dialog.write)
    settle(capped)
    assert dialog.told.text().startswith("Nothing was written. ")
    assert "nowhere" in dialog.told.text()
    assert dialog.write.isEnabled()
    dialog.hide()


def test_exporting_over_the_open_file_is_refused(capped, settle):
    source = capped.document.path
    content = source.read_bytes()
    capped.commands.export.ask()
    capped.commands.export.kept.set_path(source)
    capped.commands.export.write.click()
    settle(capped)
    assert capped.errors.isVisible()
    assert source.read_bytes() == content


def test_the_slider_is_live_and_one_step_back(window):
    choose(window.rebalance.strategy, "percentile")
    field = window.rebalance.form.inputs["percentile"]
    left = []
    field.slider.setSliderDown(True)
    for value in (95, 90, 85):
        field.slider.setValue(field.scale.position(value))
        left.append(shown(window, "Particles")[1])
    field.slider.setSliderDown(False)
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1]
    assert window.document.plan.thinning.strategy.percentile == 85
    window.document.undo()
    assert window.document.plan.thinning.strategy.percentile == 80


def test_a_strategy_that_makes_no_sense_says_why_and_keeps_its_sliders(window):
    choose(window.rebalance.strategy, "percentile")
    field = window.rebalance.form.inputs["percentile"]
    field.box.setValue(1)
    assert window.rebalance.problem.isVisible()
    assert "empty" in window.rebalance.problem.text()
    assert not window.rebalance.export.isEnabled()
    field.box.setValue(95)
    assert not window.rebalance.problem.isVisible()
    assert window.rebalance.export.isEnabled()


def test_space_shows_after_while_it_is_held(capped):
    chart = capped.stage.chart
    chart.native.setFocus()
    xy = chart.scene.xy_of(HOT)

    def colour():
        return chart.scene.render()[round(xy[1]), round(xy[0]), :3].astype(int)

    before = colour()
    QTest.keyPress(chart.native, Qt.Key.Key_Space)
    assert capped.desk.after
    assert np.abs(colour() - before).max() > 40
    QTest.keyRelease(chart.native, Qt.Key.Key_Space)
    assert not capped.desk.after
    np.testing.assert_allclose(colour(), before, atol=2)


def test_space_flips_back_where_after_is_shown_already(capped):
    window = capped
    window.desk.show_after(True)
    native = window.stage.sphere.native
    native.setFocus()
    QTest.keyPress(native, Qt.Key.Key_Space)
    assert not window.desk.after
    QTest.keyRelease(native, Qt.Key.Key_Space)
    assert window.desk.after


def test_a_glance_ends_when_the_window_is_left(capped, qtbot):
    window = capped
    window.stage.sphere.native.setFocus()
    QTest.keyPress(window.stage.sphere.native, Qt.Key.Key_Space)
    assert window.desk.after
    window.commands.ask_export()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    assert not window.desk.after


def tab_to(window, widget):
    """Press Tab until the widget has the focus."""
    for _ in range(200):
        if QApplication.focusWidget() is widget:
            return
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    raise AssertionError("Tab never comes there")


def test_space_previews_after_a_click_on_a_checkbox(capped):
    box = capped.rebalance.halves
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(10, box.height() // 2))
    plan = capped.document.plan
    assert box.hasFocus()
    QTest.keyPress(box, Qt.Key.Key_Space)
    assert capped.desk.after
    QTest.keyRelease(box, Qt.Key.Key_Space)
    assert not capped.desk.after
    assert capped.document.plan is plan


def test_space_works_a_checkbox_reached_by_tab(capped):
    box = capped.rebalance.halves
    tab_to(capped, box)
    was = box.isChecked()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked() is not was
    assert not capped.desk.after


def test_the_titles_say_that_after_is_shown(capped):
    scenes = {"Sphere": capped.stage.sphere, "Chart": capped.stage.chart}
    native = scenes["Sphere"].native
    native.setFocus()
    left = f"{shown(capped, 'Particles')[1]:,}"
    assert not any(panel.title.line.isVisible() for panel in scenes.values())
    QTest.keyPress(native, Qt.Key.Key_Space)
    for name, panel in scenes.items():
        line = panel.title.line
        assert line.isVisible()
        assert line.text() == f"{name} · after, {left} particles"
        assert line.geometry().right() < panel.native.width()
        for label in (line, panel.title.label):
            assert label.palette().windowText().color().name() == theme.colors.accent
    QTest.keyRelease(native, Qt.Key.Key_Space)
    for panel in scenes.values():
        assert not panel.title.line.isVisible()
        assert panel.title.label.palette().windowText().color().name() != theme.colors.accent


def test_space_opens_a_list_that_has_the_focus(capped):
    combo = capped.stage.colors.scale
    tab_to(capped, combo)
    QTest.keyClick(combo, Qt.Key.Key_Space)
    assert combo.view().isVisible()
    combo.hidePopup()
    assert not capped.desk.after


def test_only_the_selection_is_thinned_when_asked(capped):
    press(capped, Qt.Key.Key_Escape)
    capped.rebalance.only_selected.setChecked(True)
    assert shown(capped, "Particles") == (3000, 3000)
    assert capped.rebalance.outcome.text() == "Nothing is selected, so nothing is thinned."
    assert not capped.rebalance.export.isEnabled()
    capped.commands.ask_export()
    assert not capped.commands.export.write.isEnabled()
    capped.commands.export.hide()
    capped.selection.level.set_value(50)
    press(capped, Qt.Key.Key_T)
    display = capped.document.display
    bins = int(display.selected.sum())
    assert capped.rebalance.only_selected.text().startswith(f"Only in the selection ({bins} bin")
    assert capped.rebalance.export.isEnabled()
    chosen = display.decision_selected
    counts = display.binning.decision_counts
    np.testing.assert_array_equal(display.quotas[~chosen], counts[~chosen])
    assert shown(capped, "Particles")[1] == 3000 - int((counts[chosen] - 5).clip(0).sum())


def test_the_line_in_the_histogram_is_the_cap_and_can_be_dragged(capped):
    line = capped.histogram.line
    assert line.isVisible()
    assert abs(10 ** line.value() - 5) < 1e-6
    line.setValue(np.log10(3.2))
    line.sigDragged.emit(line)
    line.sigPositionChangeFinished.emit(line)
    display = capped.document.display
    assert level_of(display.binning.decision_counts, display.quotas) == 3
    assert capped.rebalance.form.inputs["cap"].value == 3


def test_keep_everything_takes_the_thinning_away(capped):
    choose(capped.rebalance.strategy, "")
    assert capped.document.plan.thinning is None
    assert not capped.rebalance.export.isEnabled()
    assert capped.numbers.cells["Particles"][1].text() == "–"
    capped.document.undo()
    assert capped.rebalance.strategy.key == "cap"


def test_a_key_chooses_a_strategy_and_the_menu_marks_it(window, settle):
    control = Qt.KeyboardModifier.ControlModifier
    keyed = list(strategies().items())[:9]  # there are no more keys
    for number, (name, kind) in enumerate(keyed, start=1):
        press(window, Qt.Key(Qt.Key.Key_0.value + number), control)
        settle(window)
        assert window.document.plan.thinning.strategy.name == name
        assert window.rebalance.strategy.key == name
        window.menus.menu("Rebalance/Strategy").aboutToShow.emit()
        assert window.actions_made.named(kind.title).isChecked()
        assert not window.actions_made.named("Keep everything").isChecked()
    press(window, Qt.Key.Key_0, control)
    settle(window)
    assert window.document.plan.thinning is None
    assert window.actions_made.named("Keep everything").isChecked()


def test_after_an_export_enter_closes_and_another_name_leads_to_export_again(
    capped, tmp_path, settle
):
    dialog = capped.commands.export
    capped.commands.ask_export()
    for field, name in zip(dialog._fields, ("k.star", "x.star", "r.json"), strict=True):
        field.set_path(tmp_path / name)
    QTest.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    settle(capped)
    assert dialog.shut.isDefault()
    assert not dialog.write.isDefault()
    QTest.keyClicks(dialog.kept.line, "2")
    assert dialog.write.isDefault()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_what_is_written_beside_the_kept_particles_goes_to_their_folder_with_them(capped, tmp_path):
    dialog = capped.commands.export
    capped.commands.ask_export()
    excluded, elsewhere = dialog.excluded.path, tmp_path / "elsewhere"
    own = tmp_path / "recipes" / "mine.json"
    elsewhere.mkdir()
    dialog.recipe.line.selectAll()
    QTest.keyClicks(dialog.recipe.line, str(own))
    dialog.kept.line.selectAll()
    QTest.keyClicks(dialog.kept.line, str(elsewhere / "k.star"))
    assert dialog.excluded.path == elsewhere / excluded.name
    assert dialog.recipe.path == own
    dialog.hide()


def test_line_ends_of_windows_are_told_before_the_export(window, hot_star, tmp_path, settle):
    path = tmp_path / "windows.star"
    path.write_bytes(hot_star.read_bytes().replace(b"\n", b"\r\n"))
    window.open(path)
    settle(window)
    choose(window.rebalance.strategy, "cap")
    settle(window)
    window.commands.ask_export()
    settle(window)
    dialog = window.commands.export
    assert dialog.ahead.isVisible()
    assert "CR+LF" in dialog.ahead.text()
    assert not list(tmp_path.glob("*kept*"))
    dialog.hide()


def test_weights_are_written_instead_of_removing_particles(capped, tmp_path, settle):
    window = capped
    click(window.rebalance.export)
    dialog = window.commands.export
    weights = dialog.weights
    assert not weights.place.isVisible()
    QTest.mouseClick(weights.wanted, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert weights.wanted.isChecked()
    assert "rlnParticleFigureOfMerit" in weights.place.text()
    assert weights.place.isVisible()
    assert "3,000 particles kept, with weights" in dialog.outcome.text()
    assert dialog.kept.path.name == "hot_weighted.star"
    assert not dialog.excluded.isEnabled()
    dialog.kept.set_path(tmp_path / "w.star")
    dialog.recipe.set_path(tmp_path / "r.json")
    click(dialog.write)
    settle(window)
    assert "w.star" in dialog.told.text()
    made = open_particles(tmp_path / "w.star")
    grid = window.document.display.binning.grid
    weighted = np.bincount(
        grid.index_of(made.directions), made.table.numeric("rlnParticleFigureOfMerit")
    )
    assert len(made) == 3000
    assert weighted.max() == pytest.approx(5, abs=0.01)
    assert "weights" in json.loads((tmp_path / "r.json").read_text())
    QTest.mouseClick(weights.wanted, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert "kept (" in dialog.outcome.text()
    assert dialog.excluded.isEnabled()


def test_a_file_that_takes_no_weights_says_why(capped, tmp_path, settle):
    window = capped
    click(window.rebalance.export)
    weights = window.commands.export.weights
    assert weights.wanted.isEnabled()
    weights.wanted.setChecked(True)
    window.open(made_cs.write(tmp_path / "p.cs", made_cs.particles(300)))
    settle(window)
    assert not weights.wanted.isEnabled()
    assert not weights.wanted.isChecked()
    assert "to take a weight per particle" in weights.wanted.toolTip()
    assert window.commands.export.kept.path.name == "p_kept.cs"
