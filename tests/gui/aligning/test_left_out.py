"""Maps that are left out or dropped, and particles of maps without a reliable answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from align_hands import click, drop, paste
from evenview.gui.aligning import sights
from evenview.gui.aligning.left_out import REPLACE, WRITE


@pytest.fixture
def doubtful(carried):
    """The first map is made to fit no better than it did where it was."""
    old = carried.aligning.result
    first, *rest = old.maps
    worse = replace(first, found=replace(first.found, before=0.4, after=0.35)).unwritten()
    carried.aligning.result = replace(old, maps=(worse, *(one.unwritten() for one in rest)))
    carried.aligning.changed.emit()
    yield carried
    carried.aligning.result = old
    carried.aligning.left_out = frozenset()
    carried.aligning.changed.emit()


def tick(table, line):
    """Click the tick of a row."""
    rect = table.visualItemRect(table.item(line, 0))
    at = QPoint(rect.left() + 12, rect.center().y())
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_write_leaves_only_particles_in_doubt_out_and_they_can_be_written_then(
    doubtful, kept, tmp_path, settle
):
    left_out, out = doubtful.found.left_out, tmp_path / "out"
    assert "Write leaves its particles out" in doubtful.found.verdict.text()
    assert not left_out.isVisible()
    paste(doubtful.found.writing.folder.line, str(out))
    click(doubtful.found.writing.write)
    settle(kept)
    names = {path.name for path in out.iterdir()}
    assert {"same_aligned.mrc", "other_aligned.mrc", "other_run_data_aligned.star"} <= names
    assert "same_run_data_aligned.star" not in names
    assert left_out.isVisible()
    assert left_out.words.text().startswith("same.mrc: The particles were not written, as the map")
    assert "--" not in left_out.words.text()
    assert {path.name for path in doubtful.found.chosen.files.paths} == {
        f"same_{kind}"
        for kind in ("aligned.mrc", "difference.mrc", "transform.json", "chimerax.cxc")
    }
    assert "Written into" in doubtful.found.chosen.files.words.text()
    there = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    (out / "same_run_data_aligned.star").write_text("of somebody")
    click(left_out.write)
    assert left_out.write.text() == REPLACE
    assert "same_run_data_aligned.star" in left_out.words.text()
    click(left_out.write)
    settle(kept)
    assert not left_out.isVisible()
    assert left_out.write.text() == WRITE
    assert "_rlnAngleRot" in (out / "same_run_data_aligned.star").read_text()
    assert "Wrote 1 file" in doubtful.told.text()
    assert {name: (out / name).stat().st_mtime_ns for name in there} == there
    assert out / "same_run_data_aligned.star" in doubtful.found.chosen.files.paths


def test_a_map_without_its_tick_is_not_written(doubtful, kept, tmp_path, settle):
    table, form = doubtful.found.table, doubtful.found.writing
    paste(form.folder.line, str(tmp_path / "out"))
    tick(table, 0)
    assert form.write.isEnabled()
    click(form.write)
    settle(kept)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert "other_aligned.mrc" in names
    assert not any(name.startswith("same") for name in names)
    tick(table, 1)
    assert not form.write.isEnabled()
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert form.write.isEnabled()


def test_a_map_that_is_dropped_loses_its_row_and_nothing_is_aligned_again(
    aligned, kept, folder, settle
):
    old = aligned.aligning.result
    click(aligned.again)
    click(aligned.inputs.cards[0].drop)
    click(aligned.back)
    settle(kept)
    assert aligned.told.text() == ""
    assert aligned.found.table.rowCount() == 1
    (one,) = aligned.aligning.result.maps
    assert one.found is old.maps[1].found
    assert one.place == 0
    assert aligned.found.slices.isEnabled()
    click(aligned.again)
    drop(aligned, folder / "half.mrc")
    click(aligned.back)
    assert "align again" in aligned.told.text()
    click(aligned.again)
    for card in list(aligned.inputs.cards):
        click(card.drop)
    drop(aligned, folder / "same.mrc", folder / "other.mrc")


def test_a_map_that_was_replaced_has_to_be_aligned_again(aligned, folder):
    path = folder / "other.mrc"
    click(aligned.again)
    click(aligned.back)
    assert aligned.told.text() == ""
    click(aligned.again)
    path.write_bytes(path.read_bytes())
    click(aligned.back)
    assert "align again" in aligned.told.text()
    click(aligned.again)


def test_large_slices_are_not_kept_while_nobody_looks(aligned, kept, settle, monkeypatch, qtbot):
    monkeypatch.setattr(sights, "_MANY", 8)
    aligned.hide()
    assert aligned.aligning.sight is None
    aligned.ask()
    qtbot.waitUntil(aligned.isVisible)
    settle(kept)
    assert aligned.aligning.sight is not None
    assert aligned.found.slices.isEnabled()
