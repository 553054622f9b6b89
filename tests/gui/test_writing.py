"""Convert the file, and turn the map: what is told before, what is written, what is told after."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

import made_record
import made_star
from evenview.core import convention, rotation
from evenview.formats import formats, open_particles
from evenview.gui.commands import NO_FILE
from gui_hands import choose, press

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
FORMAT, MOVE = "Convert to another format…", "Turn, move or mirror the map…"


@pytest.fixture
def star(tmp_path):
    """A RELION file with everything in it; its box of 64 pixels is even."""
    path = tmp_path / "run_data.star"
    formats()["relion-star"].create(path, made_record.record())
    return path


@pytest.fixture
def window(empty, star, settle):
    """A window with that file open."""
    empty.open(star)
    settle(empty)
    return empty


@pytest.fixture
def look(qtbot, settle):
    """Wait until the dialog has told what follows from what was typed."""

    def wait(window):
        QTest.qWait(200)
        settle(window)

    return wait


@pytest.fixture
def reformat(window, look):
    """The dialog for another format, opened by its keys."""
    press(window, Qt.Key.Key_S, CONTROL | SHIFT)
    look(window)
    dialog = window.commands.reformat
    assert dialog.isVisible()
    yield dialog
    dialog.hide()


@pytest.fixture
def move(window, look):
    """The dialog for a motion of the map, opened by its keys."""
    press(window, Qt.Key.Key_T, CONTROL)
    look(window)
    dialog = window.commands.move
    assert dialog.isVisible()
    yield dialog
    dialog.hide()


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_into(line, text: str) -> None:
    """Type over what is in a line."""
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def turn_about_z(dialog, angle: str) -> None:
    choose(dialog.inputs.turn.how, "axis")
    type_into(dialog.inputs.turn.angle, angle)


def test_a_star_file_becomes_a_cs_file_with_the_same_poses(
    reformat, window, star, tmp_path, settle
):
    assert reformat.target.path == tmp_path / "run_data_cryosparc.cs"
    said = {line.name: line.text for line in reformat.report.lines}
    assert reformat.told.text() == "This will be written"
    assert "shifts" in said["Taken along"]
    QTest.keyClick(reformat.target.line, Qt.Key.Key_Return)
    settle(window)
    back, there = open_particles(tmp_path / "run_data_cryosparc.cs"), open_particles(star)
    assert rotation.angle_between(back.quaternions, there.quaternions).max() < 1e-4
    np.testing.assert_array_equal(back.halves, there.halves)
    after = {line.name: line.text for line in reformat.report.lines}
    for name in ("Taken along", "Left behind", "Columns left", "Filled in"):
        assert after[name] == said[name]


def test_the_report_can_be_copied_and_the_new_file_opened(reformat, window, qapp, settle):
    assert not reformat.copy.isVisible()
    click(reformat.write)
    settle(window)
    click(reformat.copy)
    assert "run_data_cryosparc.cs" in qapp.clipboard().text()
    click(reformat.open_it)
    settle(window)
    assert window.document.path.name == "run_data_cryosparc.cs"
    assert not reformat.isVisible()


def test_the_name_follows_the_format_until_one_is_typed(reformat, window, tmp_path, look):
    choose(reformat.inputs.format, "dynamo-tbl")
    assert reformat.target.path == tmp_path / "run_data_dynamo.tbl"
    type_into(reformat.target.line, str(tmp_path / "mine.tbl"))
    choose(reformat.inputs.format, "relion-star")
    assert reformat.target.path == tmp_path / "mine.star"
    look(window)


def test_the_open_file_is_never_the_target(reformat, star):
    before = star.read_bytes()
    type_into(reformat.target.line, str(star))
    assert "never written to" in reformat.target.warning.text()
    assert not reformat.write.isEnabled()
    QTest.keyClick(reformat.target.line, Qt.Key.Key_Return)
    assert star.read_bytes() == before


def test_a_file_is_replaced_only_by_a_second_press(reformat, window, tmp_path, settle, qtbot):
    target = tmp_path / "run_data_cryosparc.cs"
    target.write_text("dear")
    type_into(reformat.target.line, str(target))
    assert reformat.target.warning.text() == "Will be replaced: run_data_cryosparc.cs"
    click(reformat.write)
    click(reformat.write)  # the second half of a double click
    assert target.read_text() == "dear"
    qtbot.waitUntil(reformat.write.isEnabled)
    click(reformat.write)
    settle(window)
    assert len(open_particles(target)) == made_record.N


def test_what_the_file_does_not_say_is_asked_for(empty, tmp_path, settle, look):
    source = tmp_path / "bare.star"
    labels = (*made_star.LABELS[:-1], "rlnOriginXAngst", "rlnOriginYAngst")
    rows = [f"{row.rsplit(' ', 1)[0]} 1.5 -2.5" for row in made_star.ROWS]
    source.write_text(made_star.particles(rows, labels))
    empty.open(source)
    settle(empty)
    press(empty, Qt.Key.Key_S, CONTROL | SHIFT)
    dialog = empty.commands.reformat
    choose(dialog.inputs.format, "cryodrgn-pkl")
    look(empty)
    assert not dialog.write.isEnabled()
    assert "Give it at" in dialog.told.text()
    assert "--" not in dialog.told.text()
    assert "needed" in dialog.inputs.pixel_size.remark.text() + dialog.inputs.box.remark.text()
    type_into(dialog.inputs.pixel_size.line, "1.25")
    type_into(dialog.inputs.box.line, "64")
    look(empty)
    assert dialog.inputs.box.remark.text() == "the file does not say it"
    click(dialog.write)
    settle(empty)
    assert (tmp_path / "bare_cryodrgn.pkl").exists()
    dialog.hide()


def test_an_error_is_told_in_the_dialog(reformat, window, tmp_path, settle):
    type_into(reformat.target.line, str(tmp_path / "nowhere" / "new.cs"))
    click(reformat.write)
    settle(window)
    assert reformat.told.text().startswith("Nothing was written. ")
    assert "nowhere" in reformat.told.text()
    assert not window.errors.isVisible()
    assert reformat.write.isEnabled()


def test_a_quarter_turn_about_z_adds_90_to_the_azimuth(move, window, star, tmp_path, settle, look):
    assert not move.write.isEnabled()
    assert "Nothing moves yet" in move.told.text()
    turn_about_z(move, "90")
    look(window)
    assert move.report.text_of("Map") == "turned by 90° about Z"
    assert move.report.text_of("Hand") == "kept"
    QTest.keyClick(move.inputs.turn.angle, Qt.Key.Key_Return)
    settle(window)
    old, new = open_particles(star), open_particles(tmp_path / "run_data_moved.star")
    az, el = convention.azimuth_elevation(old.directions).T
    az_new, el_new = convention.azimuth_elevation(new.directions).T
    off_pole = np.abs(el) < 89
    change = (az_new - az)[off_pole] % 360
    np.testing.assert_allclose(change, 90, atol=1e-4)
    np.testing.assert_allclose(el_new, el, atol=1e-4)
    assert move.told.text() == "Wrote run_data_moved.star"
    assert "rlnAngleRot" in move.report.text_of("Changed")


def test_the_first_view_is_told_before_and_after(move, window, star, look):
    turn_about_z(move, "90")
    look(window)
    old = convention.azimuth_elevation(open_particles(star).directions[:1])[0, 1]
    before, after = move.report.text_of("Elevation").replace("−", "-").split(" → ")
    assert before == after == f"{old:.1f}°"


def test_a_mirror_cannot_be_written_without_the_choice(move, window, star, tmp_path, look, settle):
    choose(move.inputs.mirror.axis, "z")
    look(window)
    assert not move.write.isEnabled()
    assert "one voxel apart" in move.told.text()
    assert "Choose one of the two" in move.told.text()
    QTest.keyClick(move.target.line, Qt.Key.Key_Return)
    settle(window)
    assert not (tmp_path / "run_data_moved.star").exists()
    click(move.inputs.mirror.about["box"])
    look(window)
    assert move.report.text_of("Hand") == "changed"
    assert move.report.text_of("Shift").startswith("0, 0, −1.25 Å")
    click(move.write)
    settle(window)
    old, new = open_particles(star), open_particles(tmp_path / "run_data_moved.star")
    # The mirrored map shows an image as it was from the far side of the mirrored view.
    far_side = old.directions * (-1, -1, 1)
    np.testing.assert_allclose(new.directions, far_side, atol=1e-6)


def test_a_matrix_with_a_shift_does_not_say_what_it_is_about(move, window, qapp, look):
    choose(move.inputs.turn.how, "matrix")
    box = move.inputs.turn.matrix
    qapp.clipboard().setText("1 0 0 10\n0 1 0 0\n0 0 1 -5\n")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_V, CONTROL)
    look(window)
    assert not move.write.isEnabled()
    assert "does not say what it turns about" in move.told.text()
    choose(move.inputs.frame, "chimerax")
    look(window)
    assert move.report.text_of("Shift").startswith("10, 0, −5 Å")
    assert move.write.isEnabled()


@pytest.mark.parametrize(
    ("how", "text", "said"),
    [
        ("quaternion", "1 0 0", "A quaternion has 4 numbers"),
        ("matrix", "2 0 0 0 2 0 0 0 2", "The matrix does more than turn or mirror"),
        ("matrix", "1 0 0 0 1 0 0 0 one", '"one" is not a number'),
    ],
)
def test_what_is_no_turn_is_said_while_it_is_typed(move, window, look, how, text, said):
    choose(move.inputs.turn.how, how)
    QTest.keyClicks(getattr(move.inputs.turn, how), text)
    look(window)
    assert said in move.told.text()
    assert not move.write.isEnabled()
    assert not window.errors.isVisible()


def test_a_box_that_only_the_rows_say_is_found_where_it_is_needed(empty, tmp_path, look, settle):
    source = tmp_path / "J9_particles.cs"
    formats()["cryosparc-cs"].create(source, made_record.record())
    empty.open(source)
    settle(empty)
    press(empty, Qt.Key.Key_T, CONTROL)
    dialog = empty.commands.move
    choose(dialog.inputs.mirror.axis, "z")
    look(empty)
    assert not dialog.write.isEnabled()
    click(dialog.inputs.mirror.about["box"])
    look(empty)
    assert dialog.inputs.box.line.text() == str(made_record.BOX)
    assert not dialog.inputs.box.line.isEnabled()
    assert dialog.write.isEnabled()
    dialog.hide()


def test_a_setting_of_one_package_becomes_that_of_another(move, window, look):
    choose(move.inputs.turn.how, "setting")
    for _package, group in move.inputs.turn.settings:
        type_into(group, "D7")
    look(window)
    assert move.report.text_of("Map") == "turned by 90° about Z"


def test_without_a_file_there_is_a_reason(empty, qtbot):
    for title in (FORMAT, MOVE):
        action = empty.actions_made.named(title)
        assert not action.isEnabled()
        assert action.toolTip() == action.statusTip() == NO_FILE


def test_another_file_forgets_what_was_said_of_the_one_before(move, window, hot_star, settle, look):
    turn_about_z(move, "30")
    window.open(hot_star)
    settle(window)
    look(window)
    assert "hot.star" in move.heading.text()
    assert move.target.path.name == "hot_moved.star"
    assert not move.write.isEnabled()


def test_the_first_question_has_the_focus_and_tab_goes_on(reformat, window):
    assert reformat.focusWidget() is reformat.inputs.format
    QTest.keyClick(reformat.inputs.format, Qt.Key.Key_Tab)
    assert reformat.focusWidget() is reformat.target.line  # the file says the two numbers between


@pytest.mark.parametrize("which", ["reformat", "move"])
def test_escape_closes_and_the_dialog_fits_a_small_screen(window, which, look):
    {"reformat": window.commands.ask_format, "move": window.commands.ask_motion}[which]()
    dialog = getattr(window.commands, which)
    look(window)
    assert dialog.width() <= 1280
    assert dialog.height() <= 680
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_what_a_mirror_is_about_is_explained_with_the_distance(move, window, look):
    choose(move.inputs.mirror.axis, "z")
    look(window)
    why = move.inputs.mirror.why
    assert why.isVisible()
    for word in ("one voxel apart", "flip_hand", "--invert_hand", "cryoSPARC"):
        assert word in why.text()
    click(move.inputs.mirror.about["voxel"])
    look(window)
    assert "−1.000000" in move.report.text_of("Matrix")
