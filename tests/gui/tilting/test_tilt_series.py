"""Tilt axis and handedness: series of known geometry in the window, by hand."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gui_hands import answer, choose
from made_tilt import ANGLES, AXIS, info, mdoc, relion5, tlt
from tilting_hands import (
    LEFT,
    cells,
    click,
    drop,
    seen,
    tab,
    type_into,
)


def test_the_use_case_phi_in_imod_and_phi_plus_180_in_eman2(dialog, wait, tmp_path, imod):
    assert "Is it a mistake" in seen(dialog)
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    assert [row.axis.placeholderText() for row in dialog.series.rows] == ["85.30", "−94.70"]
    words = seen(dialog)
    assert "IMOD · 21 tilts, −60.0° to 60.0°" in words
    assert "turned by 180° about z; the hand is the same. Both are right" in words
    assert "Negating the tilt angles mirrors the tomogram in z, which changes its hand" in words
    # What is not known of the hand is said once, not in each row.
    assert dialog.conventions.table.isColumnHidden(5)
    assert words.count("The hand of the first series is not known") == 1
    table = {row[0].split()[0]: row[1:5] for row in cells(dialog.conventions.table)}
    assert table["IMOD"][:2] == ["85.30° angles kept", "−94.70° angles negated"]
    assert table["EMAN2"][:2] == ["85.30° angles negated", "−94.70° angles kept"]


def test_negated_angles_are_the_other_hand(dialog, wait, tmp_path, imod):
    # Of angles that are symmetric about 0 those negated could be those in reverse order.
    tlt(imod[0], ANGLES + 1)
    drop(dialog, *imod, tlt(tmp_path / "neg.rawtlt", -ANGLES - 1))
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
    assert f"--axis-of {tmp_path / 'neg.rawtlt'} 85.3" in dialog.relation.command.command


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
    # Nothing is to be typed there, and nothing compared with it.
    assert not dialog.series.rows[1].axis.isVisible()
    assert not dialog.series.rows[1].first.isVisible()
    drop(dialog, short)
    wait()
    type_into(dialog.series.rows[2].axis, "85,3 1")
    assert "one number" in dialog.series.rows[2].note.text()


def test_several_series_have_a_line_each(dialog, wait, tmp_path, imod):
    names = [info(tmp_path / "TS_01_info.json", AXIS + 180), mdoc(tmp_path / "dose.mdoc")]
    drop(dialog, *imod, *names)
    wait()
    assert dialog.headline.text() == "2 series against TS_01.tlt (IMOD)"
    assert dialog.answer.text().splitlines() == [
        "TS_01_info.json (EMAN2): the tomogram turned by 180° about z, with the same hand.",
        "dose.mdoc (IMOD): the same tomogram.",
    ]


def test_a_series_is_typed_where_there_is_no_file(dialog, wait, imod):
    form = dialog.typing
    type_into(form.axis, "85.3")
    type_into(form.tilts, "all of them")
    click(form.use)
    assert "not a number" in form.error.text()
    type_into(form.tilts, "-60 to 60 by 3")
    choose(form.package, "eman2")
    QTest.keyClick(form.tilts, Qt.Key.Key_Return)
    wait()
    assert "EMAN2 · 41 tilts, −60.0° to 60.0°" in seen(dialog)
    table = {row[0].split()[0]: row[1:5] for row in cells(dialog.conventions.table)}
    assert table["IMOD"][0] == "85.30° angles negated"
    tab(dialog, 1)
    command = dialog.relation.command.command
    assert "tilt --of eman2 --axis 85.3 --tilts -60 -57 " in command
    # Files take its place.
    drop(dialog, *imod)
    wait()
    assert [row.name.text() for row in dialog.series.rows] == ["TS_01.tlt, TS_01.xf"]


def test_it_fits_a_small_screen(dialog, wait, tmp_path, imod):
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    size = dialog.size()
    dialog.resize(1000, 640)
    QTest.qWait(20)
    assert dialog.width() <= 1040
    assert dialog.height() <= 700
    dialog.resize(size)


def test_files_are_dragged_over_it(dialog):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/none/TS_01.tlt")])
    plain = QMimeData()
    plain.setText("no file")
    for data, welcome in ((mime, True), (plain, False)):
        event = QDragEnterEvent(
            QPoint(50, 50), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
        )
        event.ignore()
        QApplication.sendEvent(dialog, event)
        assert event.isAccepted() == welcome


def test_one_of_several_tomograms_is_asked_for(dialog, wait, tmp_path):
    drop(dialog, relion5(tmp_path, names=("TS_01", "TS_02")))
    wait()
    assert "Type one of them at Tomogram: TS_01, TS_02." in seen(dialog)
    type_into(dialog.tomogram, "TS_02")
    wait()
    assert dialog.finding.look.result.first.name == "TS_02"
    row = next(row for row in cells(dialog.conventions.table) if row[0].startswith("RELION"))
    assert not dialog.conventions.table.isColumnHidden(5)
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
    assert (
        "left side is less underfocused (nearer to focus), by a rule of IMOD's users"
        in part.told.text()
    )
    choose(part.package, "eman2")
    assert right_edge() == pytest.approx(0.25, abs=1e-6)
    choose(part.package, "relion")
    assert "not known" in part.told.text()
    before = part.tilt.value
    part.tilt.slider.setFocus()
    QTest.keyClick(part.tilt.slider, Qt.Key.Key_Left)
    assert part.tilt.value < before
    # The slab's colour is the accent's.
    picture = part.top.grab().toImage()
    middle = picture.pixelColor(picture.width() // 2 - 20, picture.height() // 2 + 34)
    assert middle.blue() > middle.red() + 15


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
