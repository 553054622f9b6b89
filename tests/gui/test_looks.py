from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
)

from evenview.charts import charts
from evenview.core import colormap
from evenview.core.plan import ColorRange
from evenview.gui.actions import table
from evenview.gui.figures import on_checks
from evenview.gui.help import AboutDialog, ShortcutsDialog
from evenview.render.theme import DARK
from gui_hands import choose, press, type_symmetry


def test_dark_is_dark_everywhere(window):
    window.choose_theme("dark")
    for panel in (window.stage.sphere, window.stage.chart):
        corner = panel.scene.render()[2, 2, :3]
        assert corner.max() < 60
    assert window.palette().window().color().lightness() < 60
    window.choose_theme("light")
    assert window.stage.sphere.scene.render()[2, 2, :3].min() > 240


@pytest.mark.parametrize("number", range(len(charts())))
def test_a_number_key_lays_the_sphere_flat(window, number):
    press(window, Qt.Key(Qt.Key.Key_1.value + number))
    assert window.stage.chart.scene.chart is list(charts().values())[number]
    assert window.stage.chart.choice.key == list(charts())[number]


@pytest.mark.parametrize(
    ("key", "modifier", "direction"),
    [
        (Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, (1, 0, 0)),
        (Qt.Key.Key_Y, Qt.KeyboardModifier.ShiftModifier, (0, -1, 0)),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.NoModifier, (0, 0, 1)),
    ],
)
def test_axis_keys_look_along_their_axis(window, key, modifier, direction):
    press(window, key, modifier)
    np.testing.assert_allclose(window.stage.sphere.scene.camera_direction, direction, atol=1e-6)


def test_sphere_only_chart_only_both(window):
    for key, visible in ((Qt.Key.Key_S, (1, 0)), (Qt.Key.Key_C, (0, 1)), (Qt.Key.Key_B, (1, 1))):
        press(window, key)
        stage = window.stage
        assert (stage.sphere.isVisible(), stage.chart.isVisible()) == tuple(map(bool, visible))


def test_no_key_is_given_twice_and_every_action_says_what_it_does():
    keys = [QKeySequence(act.key).toString() for act in table() if act.key]
    assert len(keys) == len(set(keys))
    assert all(act.help for act in table() if act.title)


def test_the_list_of_shortcuts_and_about_hold_nothing_up(window, qtbot):
    for kind in (ShortcutsDialog, AboutDialog):
        dialog = kind.open_for(window)
        assert dialog.isVisible()
        assert not dialog.isModal()
        dialog.close()


def test_symmetry_and_look_are_edits_with_names(window, settle):
    type_symmetry(window, "C3")
    settle(window)
    assert window.document.display.binning.group.name == "C3"
    choose(window.data.look, "expanded")
    settle(window)
    assert window.document.display.binning.counts.sum() == 9000
    assert window.document.undo_label == "Directions expanded to all copies"


def test_an_unknown_symmetry_is_refused_in_words(window, settle):
    type_symmetry(window, "Q7")
    settle(window)
    assert "Q7" in window.errors.sentence.text()
    assert window.document.plan.symmetry == "C1"
    assert window.data.symmetry.currentText() == "C1"


def test_every_number_column_can_be_coloured_by(window, settle):
    choose(window.stage.colors.quantity, "mean:rlnMaxValueProbDistribution")
    settle(window)
    values = window.document.display.layer.values
    assert 0.1 <= np.nanmin(values) <= np.nanmax(values) <= 0.9


def test_the_copied_picture_has_the_chart_in_it(window, qapp, settle):
    qapp.clipboard().clear()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(window, Qt.Key.Key_C, modifiers)
    settle(window)
    image = qapp.clipboard().image()
    assert image.width() > 800
    colours = {image.pixel(x, image.height() // 2) for x in range(image.width())}
    assert len(colours) > 20


def test_a_figure_is_saved(window, tmp_path, settle):
    window.commands.ask_figure()
    settle(window)
    dialog = window.commands.figure
    dialog.save(tmp_path / "figure.svg")
    settle(window)
    assert b"elevation" in (tmp_path / "figure.svg").read_bytes()
    assert "figure.svg" in dialog.told.text()
    dialog.hide()


def test_a_panel_can_be_folded(window, qtbot):
    dock = window.docks["data"]
    dock.set_folded(True)
    qtbot.waitUntil(lambda: dock.height() < 40)
    assert window.data.visibleRegion().isEmpty()
    dock.set_folded(False)
    qtbot.waitUntil(lambda: not window.data.visibleRegion().isEmpty())


def test_arrows_turn_the_sphere_that_has_the_focus(window):
    scene, native = window.stage.sphere.scene, window.stage.sphere.native
    scene.look_from("+x", animate=False)
    native.setFocus()
    for _ in range(4):
        QTest.keyClick(native, Qt.Key.Key_Right)
    turned = np.degrees(np.arccos(scene.camera_direction @ np.array([1.0, 0, 0])))
    assert abs(turned - 20) < 0.5
    before = scene.zoom
    QTest.keyClick(native, Qt.Key.Key_Plus)
    assert scene.zoom > before


def test_limits_set_for_one_quantity_do_not_hinder_another(window):
    colors = window.stage.colors
    choose(colors.quantity, "significance")
    choose(colors.range, "fixed")
    assert window.document.plan.colors.low < 0
    choose(colors.quantity, "density")
    assert window.document.plan.quantity == "density"
    assert not window.errors.isVisible()


def fix_colors(window, low: float, high: float) -> None:
    colors = ColorRange("fixed", low, high)
    window.document.edit("Colour range", lambda plan: replace(plan, colors=colors))


def test_small_limits_are_seen_and_an_impossible_one_is_refused(window):
    colors = window.stage.colors
    fix_colors(window, 0.00123, 0.5)
    assert colors.low.value() == 0.00123
    colors.high.setValue(0.00123)
    assert window.errors.isVisible()
    assert (colors.low.value(), colors.high.value()) == (0.00123, 0.5)


def test_limits_typed_the_wrong_way_round_are_swapped(window):
    colors = window.stage.colors
    fix_colors(window, 1.0, 50.0)
    colors.low.setValue(60.0)
    assert (colors.low.value(), colors.high.value()) == (50.0, 60.0)
    colors.high.setValue(2.0)
    assert (colors.low.value(), colors.high.value()) == (2.0, 50.0)
    assert window.document.display.limits == (2.0, 50.0)
    assert not window.errors.isVisible()


def test_a_long_unit_loses_its_middle_and_the_tip_says_all(window, settle):
    bar = window.stage.bar
    assert bar.title("particles a bin") == "particles a bin"
    name = "rlnMaxValueProbDistribution"
    choose(window.stage.colors.quantity, f"mean:{name}")
    settle(window)
    long = f"{name}_{name}"
    assert name in bar.toolTip() or bar.title(name) == name
    shown = bar.title(long)
    assert "…" in shown
    assert shown[:4] == long[:4]
    assert shown[-4:] == long[-4:]


def test_empty_bins_stand_out_in_the_dark():
    empty = np.array(DARK.empty_bytes[:3], dtype=int)
    assert np.linalg.norm(empty - 255 * np.array(DARK.background[:3])) > 150
    for name in colormap.SEQUENTIAL:
        low_half = colormap.lut(name)[:128, :3].astype(int)
        assert np.linalg.norm(low_half - empty, axis=1).min() > 60, name


def test_a_transparent_figure_is_previewed_on_something_light():
    picture = QPixmap(64, 64)
    picture.fill(Qt.GlobalColor.transparent)
    seen = on_checks(picture).toImage()
    shades = {seen.pixelColor(x, 3).lightness() for x in range(64)}
    assert len(shades) == 2
    assert min(shades) > 220


def test_how_many_particles_a_bin_holds_is_said_beside_the_grid(window):
    assert window.data.grid_title.text() == "3,072 bins of 3.7° · 0.98 particles a bin"


def test_the_camera_turns_or_jumps_as_the_setting_says(window, qtbot, settings):
    scene, action = window.stage.sphere.scene, window.actions_made.named("Animate the camera")
    window.menus.menu("View").aboutToShow.emit()
    assert action.isChecked() == scene.animate
    for wanted in (not scene.animate, scene.animate):
        action.trigger()
        assert scene.animate == action.isChecked() == wanted
        assert settings.flag("animate", not wanted) == wanted


def test_menus_mark_what_is_on(window):
    press(window, Qt.Key.Key_K)
    press(window, Qt.Key.Key_2)
    press(window, Qt.Key.Key_G)
    marked = {
        act.title for act, action in window.actions_made.made if action and action.isChecked()
    }
    assert {"Cone", "Both", charts()[window.stage.chart.choice.key].title} <= marked
    assert not {"Graticule", "Point", "Pillars"} & marked


def name_of(part, buddies) -> str:
    """What a screen reader says of an input: its own name, its text, or its label's."""
    own = part.accessibleName() or (part.text() if isinstance(part, QAbstractButton) else "")
    return own or buddies.get(part, "")


def test_every_input_has_a_name_for_who_cannot_see_it(window):
    window.commands.ask_export()
    window.commands.ask_figure()
    choose(window.rebalance.strategy, "percentile")
    buddies = {label.buddy(): label.text() for label in window.findChildren(QLabel)}
    inner = (QAbstractSpinBox, QComboBox)
    for kind in (QAbstractSpinBox, QComboBox, QAbstractButton, QSlider, QLineEdit):
        for part in window.findChildren(kind):
            takes_focus = part.focusPolicy() & Qt.FocusPolicy.TabFocus
            if part.isVisible() and takes_focus and not isinstance(part.parent(), inner):
                assert name_of(part, buddies), f"{part.toolTip()}, in {part.parent()}"
    for panel in (window.stage.sphere, window.stage.chart):
        assert panel.native.accessibleName()
