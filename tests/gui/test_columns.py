"""What only the user knows of a file: the columns of a table of text, the class that counts."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest

import made_cs
from evenview.core.reading import Reading, TextColumns
from evenview.formats import open_particles
from evenview.gui.theme import theme
from evenview.tasks import rebalance, replay
from gui_hands import choose, hot_angles, type_symmetry

ANGLES = hot_angles(200)


def table(path, heading: str = "", separator: str = " "):
    lines = [
        separator.join([f"mic_{k // 9}.mrc", *(f"{angle:.4f}" for angle in row), str(1 + k % 2)])
        for k, row in enumerate(ANGLES.tolist())
    ]
    path.write_text("\n".join([*([heading] if heading else []), *lines]) + "\n")
    return path


def drop(window, path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(QPointF(300, 300), copy, mime, left, none))


def select(combo, key: str) -> None:
    """Choose with the keys, as without a mouse."""
    combo.setFocus()
    down = combo.findData(key) - combo.currentIndex()
    for _ in range(abs(down)):
        QTest.keyClick(combo, Qt.Key.Key_Down if down > 0 else Qt.Key.Key_Up)
    assert combo.key == key


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def asked(empty, tmp_path, settle):
    """The window that asks for the columns of a table without headings."""
    drop(empty, table(tmp_path / "table.txt"))
    settle(empty)
    assert empty.commands.columns.isVisible()
    return empty


def test_a_table_is_shown_and_nothing_is_chosen_unasked(asked):
    dialog = asked.commands.columns
    assert not asked.errors.isVisible()
    assert asked.document.particles is None
    assert dialog.table.rowCount() == 8
    assert [dialog.table.horizontalHeaderItem(i).text() for i in range(5)] == list("12345")
    assert dialog.table.item(1, 1).text() == f"{ANGLES[1, 0]:.4f}"
    assert dialog.form.convention.key == ""
    assert not dialog.form.numbers
    assert not dialog.open_it.isEnabled()
    assert "convention" in dialog.told.text()


def test_the_first_particle_is_told_while_columns_are_chosen_by_the_keys(asked, settle):
    dialog = asked.commands.columns
    select(dialog.form.convention, "relion")
    assert dialog.told.text() == "Choose the column of rot, tilt, psi."
    for combo, column in zip(dialog.form.numbers, "234", strict=True):
        assert not dialog.open_it.isEnabled()
        select(combo, column)
    rot, tilt, _ = ANGLES[0]
    expected = f"azimuth {rot:.1f}°, elevation {90 - tilt:.1f}°".replace("-", "−")
    assert expected in dialog.told.text()
    select(dialog.form.half, "5")
    click(dialog.open_it)
    settle(asked)
    assert not dialog.isVisible()
    particles = asked.document.particles
    assert particles.reading.columns == TextColumns("relion", ("2", "3", "4"), half="5")
    assert asked.data.format.text() == "Plain text table"
    assert asked.data.halves.text() == "50.0 % / 50.0 %"
    np.testing.assert_allclose(
        particles.directions[:, 2], np.cos(np.radians(ANGLES[:, 1])), atol=1e-5
    )


def test_what_makes_no_sense_cannot_be_opened(asked):
    dialog = asked.commands.columns
    choose(dialog.form.convention, "relion")
    for combo, column in zip(dialog.form.numbers, "233", strict=True):
        choose(combo, column)
    assert "Column 3 is chosen twice" in dialog.told.text()
    assert not dialog.open_it.isEnabled()
    choose(dialog.form.convention, "matrix")
    assert len(dialog.form.numbers) == 9
    assert not dialog.form.unit.isVisible()
    assert not dialog.open_it.isEnabled()


def test_a_refusal_is_told_in_the_dialog_and_can_be_mended_there(asked, settle):
    dialog = asked.commands.columns
    choose(dialog.form.convention, "relion")
    for combo, column in zip(dialog.form.numbers, "234", strict=True):
        choose(combo, column)
    choose(dialog.form.unit, "radians")
    click(dialog.open_it)
    settle(asked)
    assert dialog.isVisible()
    assert "out of the range of an angle in radians" in dialog.told.text()
    assert not asked.errors.isVisible()
    choose(dialog.form.unit, "degrees")
    click(dialog.open_it)
    settle(asked)
    assert not dialog.isVisible()
    assert asked.document.particles.n_placed == 200


def test_escape_leaves_everything_as_it_was(asked, settle):
    dialog = asked.commands.columns
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert asked.pages.currentWidget() is asked.welcome


def test_plain_headings_are_chosen_beforehand_and_the_choice_is_remembered(empty, tmp_path, settle):
    path = table(tmp_path / "table.csv", "name,rot,tilt,psi,half", ",")
    empty.open(path)
    settle(empty)
    dialog = empty.commands.columns
    assert dialog.form.convention.key == "relion"
    assert [combo.key for combo in dialog.form.numbers] == ["2", "3", "4"]
    assert dialog.form.half.key == "5"
    choose(dialog.form.convention, "emmotl")
    assert [combo.key for combo in dialog.form.numbers] == ["", "", ""]
    for combo, column in zip(dialog.form.numbers, "243", strict=True):
        choose(combo, column)
    click(dialog.open_it)
    settle(empty)
    empty.desk.open_wanted.emit(empty.settings.recent[0])
    settle(empty)
    assert dialog.isVisible()
    assert dialog.form.convention.key == "emmotl"
    assert [combo.key for combo in dialog.form.numbers] == ["2", "4", "3"]
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    settle(empty)
    assert not dialog.isVisible()
    assert empty.document.particles.reading.columns.convention == "emmotl"


def test_an_export_replays_with_the_columns_that_were_said(empty, tmp_path, settle):
    path = table(tmp_path / "table.csv", "name,rot,tilt,psi,half", ",")
    empty.open(path)
    settle(empty)
    click(empty.commands.columns.open_it)
    settle(empty)
    choose(empty.rebalance.strategy, "cap")
    settle(empty)
    kept, recipe = tmp_path / "kept.csv", tmp_path / "r.json"
    display = empty.document.display
    request = rebalance.RebalanceRequest(display.particles, display.plan, kept, None, recipe)
    rebalance.run(request)
    before = kept.read_bytes()
    kept.unlink()
    assert replay.run(replay.ReplayRequest(recipe)).identical
    assert kept.read_bytes() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chosen_columns_are_lit_in_the_colours_in_force(asked, scheme):
    theme.choose(scheme)
    dialog = asked.commands.columns
    choose(dialog.form.convention, "relion")
    choose(dialog.form.numbers[0], "2")
    lit = [
        dialog.table.item(0, place).background().style() != Qt.BrushStyle.NoBrush
        for place in range(5)
    ]
    assert lit == [False, True, False, False, False]
    color = dialog.table.item(0, 1).background().color().name()
    assert color == theme.colors.accent
    theme.choose("light")


@pytest.fixture
def several(empty, tmp_path, settle):
    rows, _ = made_cs.classes(300)
    empty.open(made_cs.write(tmp_path / "J9_particles.cs", rows))
    settle(empty)
    return empty


def test_another_class_can_be_chosen_and_the_symmetry_stays(several, settle):
    data = several.data
    assert data.classes.isVisible()
    assert data.classes.currentText() == "Most probable class"
    best = several.document.particles.quaternions
    type_symmetry(several, "D2")
    settle(several)
    select(data.classes, "2")
    settle(several)
    path = several.document.path
    expected = open_particles(path, reading=Reading(chosen_class=2)).quaternions
    np.testing.assert_array_equal(several.document.particles.quaternions, expected)
    assert data.classes.currentText() == "Class 2"
    assert several.document.plan.symmetry == "D2"
    select(data.classes, "")
    settle(several)
    np.testing.assert_array_equal(several.document.particles.quaternions, best)


def test_a_file_of_one_pose_has_no_choice_of_class(window):
    assert not window.data.classes.isVisible()


def test_where_no_class_is_the_likeliest_the_first_is_shown_and_told(empty, tmp_path, settle):
    rows, _ = made_cs.classes(60)
    names = [name for name in rows.dtype.names if not name.endswith("posterior")]
    empty.open(made_cs.write(tmp_path / "a.cs", rows[names].copy()))
    settle(empty)
    assert empty.data.classes.currentText() == "Class 0"
    assert "Class 0 is shown" in empty.errors.sentence.text()


def test_shifts_and_pixel_size_are_said_in_a_part_that_unfolds(empty, tmp_path, settle):
    path = tmp_path / "shifts.csv"
    rows = [",".join(f"{angle:.3f}" for angle in row) + ",1.5,-2" for row in ANGLES.tolist()]
    path.write_text("\n".join(["rot,tilt,psi,dx,dy", *rows]) + "\n")
    empty.open(path)
    settle(empty)
    dialog = empty.commands.columns
    part = dialog.form.shifts
    assert not part.unit.isVisible()
    click(part.head)
    assert part.unit.isVisible()
    select(part.columns[0], "4")
    assert "columns of x and y" in dialog.told.text()
    assert not dialog.open_it.isEnabled()
    select(part.columns[1], "5")
    select(part.unit, "px")
    assert "what they mean" in dialog.told.text()
    select(part.sense, "origin")
    QTest.keyClicks(part.pixel_size, "1.25")
    click(dialog.open_it)
    settle(empty)
    said = empty.document.particles.reading.columns
    assert (said.shifts, said.shift_unit, said.shift_sense) == (("4", "5"), "px", "origin")
    assert said.pixel_size == empty.document.particles.pixel_size == 1.25
