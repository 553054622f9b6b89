from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from gui_hands import AZIMUTH, ELEVATION, HOT, HOT_BIN, click, drag, place, press, unit

ACCENT = np.array([255, 45, 135])


def accent_pixels(panel) -> int:
    """How many pixels of a scene have the colour of the selection's outline."""
    pixels = panel.scene.render()[..., :3].astype(int)
    return int((np.abs(pixels - ACCENT).sum(axis=2) < 60).sum())


def test_pointing_shows_the_bin_everywhere(window):
    QTest.mouseMove(window.stage.chart.native, place(window.stage.chart, HOT))
    QTest.qWait(20)
    status = window.statusBar()
    count = int(window.document.display.binning.counts.max())
    _, azimuth, _, elevation = status.place.text().split()
    assert abs(float(azimuth[:-1]) - AZIMUTH) < 1
    assert abs(float(elevation[:-1]) - ELEVATION) < 1
    assert status.count.text() == f"{count:,} particles"
    assert status.bin.text() == f"bin {HOT_BIN:,}"


def test_a_click_selects_the_hot_bin_and_outlines_it_in_both(window):
    sphere, chart = window.stage.sphere, window.stage.chart
    before = accent_pixels(sphere), accent_pixels(chart)
    sphere.scene.look_from(HOT, animate=False)
    click(sphere, HOT)
    display = window.document.display
    assert np.flatnonzero(display.selected).tolist() == [HOT_BIN]
    count = int(display.binning.counts.max())
    assert window.selection.bins.text() == "1 of 3,072 bins"
    assert window.selection.particles.text() == f"{count:,}  ({count / 30:.1f} %)"
    sphere.scene.set_hover(None)
    chart.scene.set_hover(None, None)
    assert accent_pixels(sphere) > before[0]
    assert accent_pixels(chart) > before[1]
    assert window.document.undo_label == "Select bins"


def test_shift_adds_and_control_removes(window):
    chart = window.stage.chart
    click(chart, HOT)
    click(chart, unit(-90, 10), Qt.KeyboardModifier.ShiftModifier)
    assert window.document.display.selected.sum() == 2
    click(chart, HOT, Qt.KeyboardModifier.ControlModifier)
    assert window.document.display.selected.sum() == 1
    assert not window.document.display.selected[HOT_BIN]


def test_t_selects_above_the_threshold_and_escape_clears(window):
    window.selection.level.set_value(50)
    press(window, Qt.Key.Key_T)
    display = window.document.display
    assert display.selected.any()
    assert (display.binning.density[display.selected] >= 50).all()
    assert (display.binning.density[~display.selected] < 50).all()
    press(window, Qt.Key.Key_Escape)
    assert not window.document.display.selected.any()


def test_a_lasso_in_the_chart_selects_what_lies_inside(window):
    chart = window.stage.chart
    press(window, Qt.Key.Key_L)
    assert window.desk.tool == "lasso"
    corners = [(25, 15), (65, 15), (65, 45), (25, 45), (25, 15)]
    drag(chart, [place(chart, unit(*corner)) for corner in corners])
    display = window.document.display
    az, el = _angles(display.binning.centers)
    inside = (az > 27) & (az < 63) & (el > 17) & (el < 43)
    outside = (az < 23) | (az > 67) | (el < 13) | (el > 47)
    assert display.selected[inside].all()
    assert not display.selected[outside].any()
    assert window.document.undo_label == "Select outline"


def test_painting_is_one_step(window):
    chart = window.stage.chart
    press(window, Qt.Key.Key_P)
    start = place(chart, unit(-60, 0))
    drag(chart, [start + QPoint(4 * i, 0) for i in range(12)])
    assert window.document.display.selected.sum() > 3
    window.document.undo()
    assert not window.document.display.selected.any()
    assert window.document.undo_label is None


def test_a_cone_on_the_sphere_has_the_angle_of_the_drag(window):
    sphere = window.stage.sphere
    sphere.scene.look_from("+x", animate=False)
    press(window, Qt.Key.Key_K)
    drag(sphere, [place(sphere, unit(*at)) for at in ((0, 0), (5, 0), (12, 0), (20, 0))])
    (step,) = window.document.plan.selection
    assert abs(step.region.angle - 20) < 0.7
    np.testing.assert_allclose(step.region.axis, (1, 0, 0), atol=0.02)


def test_the_edit_menu_names_what_undo_does(window):
    click(window.stage.chart, HOT)
    press(window, Qt.Key.Key_I)
    undo = window.actions_made.named("Undo")
    redo = window.actions_made.named("Redo")
    assert undo.text() == "Undo Invert selection"
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undo.text() == "Undo Select bins"
    assert redo.text() == "Redo Invert selection"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(window, Qt.Key.Key_Z, both)
    assert window.document.display.selected.sum() == 3071


def test_the_hot_bin_has_the_hot_colour_where_it_is(window):
    chart = window.stage.chart
    chart.scene.set_hover(None, None)
    xy = chart.scene.xy_of(HOT)
    pixel = chart.scene.render()[round(xy[1]), round(xy[0]), :3].astype(int)
    wanted = window.document.display.colors[HOT_BIN, :3].astype(int)
    assert np.abs(pixel - wanted).max() < 12


def test_a_right_drag_turns_the_sphere_and_selects_nothing(window):
    sphere = window.stage.sphere
    before = sphere.scene.camera_direction
    middle = QPoint(sphere.native.width() // 2, sphere.native.height() // 2)
    drag(
        sphere, [middle, middle + QPoint(40, 0), middle + QPoint(80, 0)], Qt.MouseButton.RightButton
    )
    assert before @ sphere.scene.camera_direction < 0.99
    assert not window.document.display.selected.any()


def test_the_pose_shown_is_that_of_the_bin_clicked_last(window, settle):
    click(window.stage.chart, HOT)
    assert not window.jobs.active
    window.commands.show_pose()
    settle(window)
    assert window.document.display.binning.bin_of_row[window.pose.row.value() - 1] == HOT_BIN


def test_clicking_shows_the_pose_of_a_particle_in_that_bin(window, settle):
    window.commands.show_pose()
    QTest.qWait(100)
    click(window.stage.chart, HOT)
    settle(window)
    row = window.pose.row.value() - 1
    assert window.pose.counted.text() == f"row {row:,} counted from 0"
    assert window.document.display.binning.bin_of_row[row] == HOT_BIN
    cells = window.document.particles.table.cells(row)
    assert abs(float(window.pose.azimuth.text()[:-1]) - float(cells["rlnAngleRot"])) < 1e-3
    shown = float(window.pose.elevation.text()[:-1])
    assert abs(shown - (90 - float(cells["rlnAngleTilt"]))) < 1e-3


def test_escape_takes_back_what_a_brush_has_painted(window):
    chart = window.stage.chart
    click(chart, unit(-90, 10))
    press(window, Qt.Key.Key_P)
    QTest.mousePress(chart.native, Qt.MouseButton.LeftButton, pos=place(chart, HOT))
    QTest.qWait(20)
    assert window.document.display.selected[HOT_BIN]
    press(window, Qt.Key.Key_Escape)
    QTest.mouseRelease(chart.native, Qt.MouseButton.LeftButton, pos=place(chart, HOT))
    assert not window.document.display.selected[HOT_BIN]
    assert window.document.display.selected.sum() == 1
    assert window.document.undo_label == "Select bins"


def test_another_tool_in_the_middle_of_a_stroke_begins_afresh(window):
    chart = window.stage.chart
    press(window, Qt.Key.Key_P)
    QTest.mousePress(chart.native, Qt.MouseButton.LeftButton, pos=place(chart, HOT))
    press(window, Qt.Key.Key_V)
    QTest.mouseRelease(chart.native, Qt.MouseButton.LeftButton, pos=place(chart, HOT))
    click(chart, unit(-90, 10))
    click(chart, HOT, Qt.KeyboardModifier.ShiftModifier)
    assert window.document.display.selected.sum() == 2


def test_escape_while_typing_leaves_the_field_and_the_selection(window):
    click(window.stage.chart, HOT)
    box = window.selection.level.box
    box.setFocus()
    before = box.value()
    QTest.keyClicks(box, "77")
    press(window, Qt.Key.Key_Escape)
    assert box.value() == before
    assert not box.hasFocus()
    assert window.document.display.selected.sum() == 1
    press(window, Qt.Key.Key_Escape)
    assert not window.document.display.selected.any()


def test_letters_typed_into_a_field_are_no_shortcuts(window):
    field = window.data.symmetry
    field.setFocus()
    field.lineEdit().selectAll()
    QTest.keyClicks(field, "c2l")
    box = window.selection.level.box
    window.data.symmetry.forget_typed()
    box.setFocus()
    QTest.keyClicks(box, "3")
    assert window.stage.which == "both"
    assert window.desk.tool == "point"
    assert window.stage.chart.choice.key == "azel"


def test_escape_closes_a_dialog_and_leaves_the_selection(window, qtbot):
    click(window.stage.chart, HOT)
    window.commands.ask_export()
    dialog = window.commands.export
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog.kept.line, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert window.document.display.selected.sum() == 1


def _angles(v):
    return np.degrees(np.arctan2(v[:, 1], v[:, 0])), np.degrees(np.arcsin(v[:, 2]))
