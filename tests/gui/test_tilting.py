"""Tilt axis and handedness: series of known geometry in the window, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QMimeData, QPointF, Qt, QTimer, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit

from evenview.__main__ import main
from evenview.formats import open_particles
from evenview.gui.app import make_app
from evenview.gui.settings import Settings
from evenview.gui.theme import theme
from evenview.gui.tilt_series.dialog import TiltSeriesDialog
from evenview.gui.window import Window
from gui_hands import answer, choose, press
from made_star import loop
from made_tilt import ANGLES, AXIS, info, mdoc, relion5, tlt, xf

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
#: µm, the right side more underfocused at positive tilt: 0.1 µm each way at 45°.
SLANT = 0.1 * np.tan(np.radians(ANGLES))
NOISE = np.random.default_rng(5).normal(0, 0.01, (2, len(ANGLES)))


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    """One window without a particle file for all tests; each has a dialog of its own."""
    settings = Settings(tmp_path_factory.mktemp("tilting") / "settings.ini")
    make_app(settings)
    theme.choose("light")
    made = Window(settings)
    made.move(0, 0)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def dialog(window, qtbot):
    """The window, opened by its key."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
    found = window.commands.tilt_series = TiltSeriesDialog(window.desk, window)
    press(window, Qt.Key.Key_A, KEYS)
    assert found.isVisible()
    yield found
    found.close()
    found.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def wait(qtbot, window):
    """Until what was changed is read."""

    def is_done() -> bool:
        waits = window.commands.tilt_series.finding.findChild(QTimer).isActive()
        return not (waits or window.jobs.active)

    def done() -> None:
        qtbot.waitUntil(is_done, timeout=20_000)
        QTest.qWait(10)

    return done


@pytest.fixture
def imod(tmp_path):
    return [tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf")]


def click(button) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)
    QTest.qWait(20)


def drop(dialog, *paths) -> None:
    """Let files fall on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    dialog.dropEvent(event)


def tab(dialog, index: int) -> None:
    QTest.mouseClick(dialog.tabs.tabBar(), LEFT, pos=dialog.tabs.tabBar().tabRect(index).center())
    QTest.qWait(20)


def type_into(line, text) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(text))


def seen(part) -> str:
    """All words of labels that show."""
    return " ".join(label.text() for label in part.findChildren(QLabel) if label.isVisible())


def cells(table) -> list[list[str]]:
    return [
        [table.item(row, column).text().replace("\n", " ") for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def paste(dialog, text: str) -> None:
    QApplication.clipboard().setText(text)
    table = dialog.defocus.table
    table.setFocus()
    table.setCurrentCell(0, 1)
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)


def three_columns(slant) -> str:
    left, right = 3 - slant + NOISE[0], 3 + slant + NOISE[1]
    rows = zip(ANGLES, left, right, strict=True)
    return "\n".join(f"{a:g}\t{x:.4f}\t{y:.4f}" for a, x, y in rows)


def test_the_use_case_phi_in_imod_and_phi_plus_180_in_eman2(dialog, wait, tmp_path, imod):
    assert "Is it a mistake" in seen(dialog)
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    assert [row.axis.placeholderText() for row in dialog.series.rows] == ["85.30", "−94.70"]
    words = seen(dialog)
    assert "IMOD · 21 tilts, −60.0° to 60.0°" in words
    assert "turned by 180° about z; the hand is the same. Both are right" in words
    assert "Negating the tilt angles mirrors the tomogram in z, which changes its hand" in words
    table = {row[0].split()[0]: row[1:5] for row in cells(dialog.conventions.table)}
    assert table["IMOD"][:2] == ["85.30° angles kept", "−94.70° angles negated"]
    assert table["EMAN2"][:2] == ["85.30° angles negated", "−94.70° angles kept"]


def test_negated_angles_are_the_other_hand(dialog, wait, tmp_path, imod):
    drop(dialog, *imod, tlt(tmp_path / "neg.rawtlt", -ANGLES))
    wait()
    rows = dialog.series.rows
    assert "does not say how the tilt axis lies" in rows[1].note.text()
    assert "--" not in rows[1].note.text()
    type_into(rows[1].axis, AXIS)
    wait()
    assert "mirrored in z; the hands differ" in seen(dialog)
    # The other series keeps the axis of its file.
    assert rows[0].axis.placeholderText() == "85.30"
    tab(dialog, 1)
    assert f"--axis-of {tmp_path / 'neg.rawtlt'} 85.3" in dialog.relation.command.toPlainText()


def test_files_are_chosen_put_first_and_taken_away(dialog, wait, tmp_path, imod):
    other = mdoc(tmp_path / "TS_01.mdoc")
    answer(f'"{imod[0]}" "{other}"')
    click(dialog.series.add)
    wait()
    assert [row.name.text() for row in dialog.series.rows] == ["TS_01.tlt", "TS_01.mdoc"]
    assert "both describe the same tomogram" in seen(dialog)
    click(dialog.series.rows[1].first)
    wait()
    assert dialog.series.rows[0].name.text() == "TS_01.mdoc"
    for _ in range(2):
        click(dialog.series.rows[0].drop)
        wait()
    assert "Is it a mistake" in seen(dialog)


def test_what_is_no_series_says_so_beside_its_name(dialog, wait, tmp_path, imod):
    wrong = tmp_path / "notes.txt"
    wrong.write_text("nothing of the kind\n")
    short = tlt(tmp_path / "short.tlt", ANGLES[:5])
    drop(dialog, *imod, wrong)
    wait()
    assert dialog.finding.look.result is not None
    assert "not a file of a tilt series" in dialog.series.rows[1].note.text()
    assert str(wrong) not in dialog.series.rows[1].note.text()
    drop(dialog, short)
    wait()
    type_into(dialog.series.rows[2].axis, "85,3 1")
    assert "one number" in dialog.series.rows[2].note.text()


def test_one_of_several_tomograms_is_asked_for(dialog, wait, tmp_path):
    drop(dialog, relion5(tmp_path, names=("TS_01", "TS_02")))
    wait()
    assert "Type one of them at Tomogram: TS_01, TS_02." in seen(dialog)
    type_into(dialog.tomogram, "TS_02")
    wait()
    assert dialog.finding.look.result.first.name == "TS_02"
    row = next(row for row in cells(dialog.conventions.table) if row[0].startswith("RELION"))
    assert row[5] == "rlnTomoHand −1 not checked"


def test_the_slab_turns_with_the_slider_and_the_package(dialog, wait, imod):
    drop(dialog, *imod)
    wait()
    part = dialog.drawing

    def right_edge() -> float:
        return part.side.drawing.right[2]

    type_into(part.tilt.box.lineEdit(), "30")
    QTest.keyClick(part.tilt.box, Qt.Key.Key_Return)
    # IMOD: d = -x sin(tilt); a point on the right goes down at positive angles.
    assert right_edge() == pytest.approx(-0.25, abs=1e-6)
    assert "left side is nearer to focus, by a rule of IMOD's users" in part.told.text()
    choose(part.package, "eman2")
    assert right_edge() == pytest.approx(0.25, abs=1e-6)
    choose(part.package, "relion")
    assert "not known" in part.told.text()
    before = part.tilt.value
    part.tilt.slider.setFocus()
    QTest.keyClick(part.tilt.slider, Qt.Key.Key_Left)
    assert part.tilt.value < before
    # What is drawn is there in both themes: the slab's colour is the accent's.
    for colors in ("dark", "light"):
        theme.choose(colors)
        picture = part.top.grab().toImage()
        middle = picture.pixelColor(picture.width() // 2 - 20, picture.height() // 2 + 34)
        assert middle.blue() > middle.red() + 15


def test_pasted_defocus_decides_the_hand_and_the_opposite_the_opposite(dialog, wait, imod):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    part = dialog.defocus
    assert "Type or paste defocus" in part.verdict.text()
    assert part.table.rowCount() == len(ANGLES)
    paste(dialog, three_columns(SLANT))
    type_into(part.apart, "2000")
    wait()
    assert part.title.text() == "Hand: decided"
    assert dialog.finding.look.result.hand.slope.value == pytest.approx(1, abs=0.1)
    words = part.verdict.text()
    assert "RELION: rlnTomoHand −1 for this tomogram" in words
    assert "Warp: flip for this tomogram" in words
    assert "−94.70° with the angles as they are" in words
    assert "This is open" in seen(part)
    x, y = part.plot.points.getData()
    assert np.corrcoef(x, y)[0, 1] > 0.9
    low, high = (curve.getData()[1] for curve in (part.plot.low, part.plot.high))
    line = part.plot.fit.getData()[1]
    assert low[-1] < line[-1] < high[-1]
    assert "by the defocus measured" in dialog.drawing.told.text()
    paste(dialog, three_columns(-SLANT))
    wait()
    assert "RELION: rlnTomoHand 1 for this tomogram" in part.verdict.text()
    click(part.clear)
    wait()
    assert part.title.text() == "Hand"


def test_values_stay_with_the_series_that_they_were_measured_for(dialog, wait, tmp_path, imod):
    # At the axis + 180° left is right: the same numbers would give the other hand.
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    tab(dialog, 2)
    paste(dialog, three_columns(SLANT))
    wait()
    click(dialog.series.rows[1].first)
    wait()
    assert dialog.defocus.table.is_empty
    assert dialog.finding.look.result.hand is None
    click(dialog.series.rows[1].first)
    wait()
    assert dialog.finding.look.result.hand.depth_sign == -1
    while dialog.series.rows:
        click(dialog.series.rows[0].drop)
        wait()
    drop(dialog, *imod)
    wait()
    assert dialog.finding.look.result.hand.depth_sign == -1


def test_flat_defocus_is_undecided_and_says_why(dialog, wait, imod):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    paste(dialog, three_columns(0 * SLANT))
    wait()
    assert dialog.defocus.title.text() == "Hand: undecided"
    assert "within 3 standard errors of 0" in dialog.defocus.verdict.text()


def test_cells_are_typed_and_wrong_ones_named(dialog, wait, imod, tmp_path):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    part = dialog.defocus
    table = part.table
    spot = table.visualItemRect(table.item(1, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=spot)
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = table.findChild(QLineEdit)
    QTest.keyClicks(editor, "3x1")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.qWait(20)
    assert 'Row 2, left: "3x1" is not a number' in part.error.text()
    paste(dialog, three_columns(SLANT).replace("-60\t", "-75\t"))
    wait()
    assert "No tilt of the series has an angle of −75°" in part.error.text()
    # Values in micrometres that are said to be Å.
    paste(dialog, three_columns(SLANT))
    choose(part.unit, "A")
    wait()
    assert "Choose µm at Unit if these are µm" in part.error.text()
    choose(part.unit, "um")
    wait()
    assert not part.error.isVisible()
    table = tmp_path / "halves.csv"
    table.write_text("tilt,left,right\n" + three_columns(-SLANT).replace("\t", ","))
    type_into(part.file.line, table)
    wait()
    assert "rlnTomoHand 1 for this tomogram" in part.verdict.text()


def test_particles_are_written_as_the_command_does_and_never_over_a_source(
    dialog, wait, tmp_path, imod
):
    labels = ("rlnTomoName", "rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ")
    labels += ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    rows = ["TS_01 100 200 300 10 20 30", "TS_01 3000 1500 900 -40 70 110"]
    source = tmp_path / "particles.star"
    source.write_text(loop("particles", labels, rows))
    kept = source.read_bytes()
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    tab(dialog, 1)
    form = dialog.relation.form
    type_into(form.source.line, source)
    assert form.target.path == tmp_path / "particles_moved.star"
    type_into(form.target.line, source)
    assert not form.write.isEnabled()
    assert "never written to" in form.target.warning.text()
    type_into(form.target.line, tmp_path / "TS_01_info.json")
    assert not form.write.isEnabled()
    written = tmp_path / "window.star"
    type_into(form.target.line, written)
    click(form.write)
    wait()
    assert "Type it at Tomogram size" in form.told.text()
    type_into(form.sides, "4000 4000 2000")
    command = dialog.relation.command.toPlainText()
    click(form.write)
    wait()
    assert "Wrote window.star: 2 particles" in form.told.text()
    # Turned by 180° about z: x and y from the other side, z as it was.
    moved = open_particles(written)
    places = np.column_stack([moved.table.numeric(name) for name in labels[1:4]])
    np.testing.assert_allclose(places, [[3900, 3800, 300], [1000, 2500, 900]], atol=1e-3)
    assert source.read_bytes() == kept
    by_hand = tmp_path / "terminal.star"
    assert main(command.replace(str(written), str(by_hand)).split()[1:]) == 0
    assert by_hand.read_bytes() == written.read_bytes()
    # Only a second press replaces what is there.
    type_into(form.target.line, written)
    click(form.write)
    assert "Press again" in form.told.text()


def test_the_same_geometry_has_no_particles_to_move(dialog, wait, tmp_path, imod):
    drop(dialog, *imod, mdoc(tmp_path / "other.mdoc"))
    wait()
    tab(dialog, 1)
    assert "particles fit both" in dialog.relation.said.text()
    assert not dialog.relation.form.isVisible()
    choose(dialog.relation.onto, "warp")
    assert "mirrored in z" in dialog.relation.said.text()
    assert "--to warp" in dialog.relation.command.toPlainText()
    assert "--mirror z" in dialog.relation.images.text()


def test_all_is_copied_as_text_and_as_a_table(dialog, wait, tmp_path, imod):
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    click(dialog.copy)
    text = " ".join(QApplication.clipboard().text().split())
    assert "Both are right" in text
    assert "Not certain" in text
    click(dialog.conventions.copy)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 6
    assert lines[5].split("\t")[1] == "85.30°, angles negated"
