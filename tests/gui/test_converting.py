"""Convert a pose: what is typed or pasted is read in every convention at once."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from evenview.core.conventions import conventions
from gui_hands import choose, press

#: One rotation that RELION and cryoSPARC agree on (rot 30°, tilt 60°, psi 45°).
RELION, CRYOSPARC = (30, 60, 45), (0.146112, 1.109828, 1.180306)
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def dialog(empty):
    """The dialog, opened by its keys in a window without a file."""
    press(empty, Qt.Key.Key_P, CONTROL | SHIFT)
    assert empty.commands.convert.isVisible()
    return empty.commands.convert


def paste(dialog, qapp, text: str) -> None:
    """Paste over what is in the line."""
    qapp.clipboard().setText(text)
    QTest.keyClick(dialog.line, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(dialog.line, Qt.Key.Key_V, CONTROL)


def shown(dialog, name: str) -> list[float]:
    """The numbers of a convention, as they are read."""
    return [float(label.text().replace("−", "-")) for label in dialog.table.values[name]]


@pytest.mark.parametrize(
    "text", ["30 60 45", "30, 60, 45", "[30.0; 60.0; 45.0]\n", "(30\t60\t4.5e1)"]
)
def test_a_pasted_pose_is_read_in_every_convention(dialog, qapp, text):
    paste(dialog, qapp, text)
    np.testing.assert_allclose(shown(dialog, "cryosparc"), CRYOSPARC, atol=1e-6)
    np.testing.assert_allclose(shown(dialog, "relion"), RELION, atol=1e-6)
    assert [len(labels) for labels in dialog.table.values.values()] == [
        len(about.numbers) for about in conventions().values()
    ]
    view = dialog.view.values
    assert view["Azimuth"].text() == "30.000000°"
    assert view["Elevation"].text() == "30.000000°"
    assert view["In-plane angle"].text() == "45.000000°"
    assert not dialog.note.isVisible()


def test_the_other_way_round_and_a_matrix_in_three_lines(dialog, qapp):
    choose(dialog.source, "cryosparc")
    paste(dialog, qapp, "0.146112, 1.109828, 1.180306")
    np.testing.assert_allclose(shown(dialog, "relion"), RELION, atol=1e-4)
    matrix = np.reshape(shown(dialog, "matrix"), (3, 3))
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-5)
    choose(dialog.source, "matrix")
    paste(dialog, qapp, "\n".join(str(row.tolist()) for row in matrix))
    np.testing.assert_allclose(shown(dialog, "relion"), RELION, atol=1e-4)


def test_what_is_no_pose_is_said_while_it_is_typed(dialog, empty):
    told = []
    for letter in "30 60 4x":
        QTest.keyClicks(dialog.line, letter)
        told.append((dialog.told.text(), dialog.told.property("warn")))
    assert told[1] == (
        "1 number is given, but a rotation of RELION has 3. Give rot tilt psi, in this order.",
        False,
    )
    assert told[-2][0] == "Read as RELION: rot = 30°, tilt = 60°, psi = 4°."
    assert told[-1] == ('"4x" is not a number. Numbers are written like -12.5 or 1e-3.', True)
    assert {label.text() for label in dialog.table.values["cryosparc"]} == {"–"}
    assert not dialog.copy_all.isEnabled()
    assert not empty.errors.isVisible()


def test_another_convention_reads_the_same_numbers_anew(dialog, qapp):
    paste(dialog, qapp, "30 60 45")
    choose(dialog.source, "quaternion")
    assert "3 numbers are given, but a rotation of Quaternion of A has 4" in dialog.told.text()
    choose(dialog.source, "cistem")
    np.testing.assert_allclose(shown(dialog, "relion"), RELION, atol=1e-6)


def test_where_the_angles_are_not_determined_it_is_said(dialog, qapp):
    paste(dialog, qapp, "30 0 45")
    assert "only rot + psi = 75° is defined" in dialog.note.text()
    assert dialog.note.isVisible()


def test_what_is_copied_can_be_pasted_again(dialog, qapp):
    paste(dialog, qapp, "30 60 45")
    QTest.mouseClick(dialog.table.copies["cryosparc"], Qt.MouseButton.LeftButton)
    copied = qapp.clipboard().text()
    np.testing.assert_allclose([float(word) for word in copied.split(",")], CRYOSPARC, atol=1e-6)
    choose(dialog.source, "cryosparc")
    paste(dialog, qapp, copied)
    np.testing.assert_allclose(shown(dialog, "relion"), RELION, atol=1e-6)
    QTest.mouseClick(dialog.copy_all, Qt.MouseButton.LeftButton)
    page = qapp.clipboard().text()
    assert all(about.formula in page for about in conventions().values())


def test_the_sphere_turns_to_the_pose_and_the_particle_of_the_panel_is_taken(
    window, qapp, hot_star
):
    scene = window.stage.sphere.scene
    scene.animate = False
    window.pose.row.setValue(2)
    window.commands.show_pose()
    QTest.qWait(50)
    QTest.mouseClick(window.pose.convert, Qt.MouseButton.LeftButton)
    dialog = window.commands.convert
    cells = window.document.particles.table.cells(1)
    stored = [float(cells[f"rlnAngle{name}"]) for name in ("Rot", "Tilt", "Psi")]
    np.testing.assert_allclose(shown(dialog, "relion"), stored, atol=2e-6)
    paste(dialog, qapp, "30 60 45")
    QTest.mouseClick(dialog.show_it, Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(scene.camera_direction, (0.75, 0.433013, 0.5), atol=1e-5)
    assert "az 30.0°" in window.statusBar().place.text()
    QTest.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(shown(dialog, "relion"), stored, atol=2e-6)
    dialog.hide()


def test_without_a_file_there_is_no_particle_and_no_sphere(dialog, qapp):
    paste(dialog, qapp, "30 60 45")
    assert not dialog.take.isEnabled()
    assert not dialog.show_it.isEnabled()
