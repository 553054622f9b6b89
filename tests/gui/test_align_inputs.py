"""The form of the window that aligns maps: what is dropped, typed, missing or wrong."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from align_hands import (
    BOX,
    MOST,
    NEAR,
    SIZE,
    as_numbers,
    broken,
    clear,
    click,
    drop,
    opened,
    type_in,
    write_maps,
)
from evenview.gui.aligning.table import COLUMNS
from gui_hands import answer, choose
from made_maps import write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_maps(tmp_path_factory.mktemp("maps"))


@pytest.fixture
def dialog(kept, qtbot, settle):
    """The window with nothing in it."""
    dialog = opened(kept, qtbot)
    clear(dialog)
    settle(kept)
    yield dialog
    dialog.close()


@pytest.fixture
def ready(dialog, folder, kept, settle):
    """A reference and a map."""
    drop(dialog, folder / "reference.mrc", folder / "same.mrc")
    type_in(dialog.inputs.angle, MOST)
    settle(kept)
    return dialog


def test_files_go_where_they_are_dropped(ready, folder):
    inputs = ready.inputs
    (card,) = inputs.cards
    drop(ready, folder / "half.mrc", on=card.group)
    drop(ready, folder / "other.mrc", on=card.soft_mask.line)
    drop(ready, folder / "run_data.star", on=inputs.frame)
    drop(ready, folder / "half.mrc", on=inputs.soft_mask.line)
    moving = card.moving
    assert moving.also == (folder / "half.mrc",)
    assert moving.mask == folder / "other.mrc"
    assert moving.particles == (folder / "run_data.star",)
    assert inputs.request().mask == folder / "half.mrc"
    drop(ready, folder / "other.mrc", on=inputs.reference.line)
    assert inputs.request().reference == folder / "other.mrc"
    assert len(inputs.cards) == 1


def test_what_headers_say_is_shown_and_a_missing_size_is_asked_for(ready, tmp_path, kept, settle):
    (card,) = ready.inputs.cards
    assert card.facts.words == f"{BOX} × {BOX} × {BOX} voxels"
    assert card.pixel_size.placeholderText() == "4.00"
    drop(ready, broken(tmp_path / "sizeless.mrc", "size"))
    settle(kept)
    other = ready.inputs.cards[1]
    assert other.facts.property("warn")
    click(ready.align)
    settle(kept)
    assert "Pixel size" in ready.told.text()
    assert other.pixel_size.hasFocus()
    QTest.keyClicks(other.pixel_size, "3")
    assert not other.facts.property("warn")


def test_one_mask_is_put_at_every_map(ready, folder):
    drop(ready, folder / "other.mrc")
    answer(str(folder / "half.mrc"))
    click(ready.inputs.all_masks)
    assert [card.moving.mask for card in ready.inputs.cards] == [folder / "half.mrc"] * 2


def test_control_enter_aligns_and_escape_stops_before_it_closes(ready, kept, settle):
    ready.inputs.angle.setFocus()
    QTest.keyClick(ready, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert ready.aligning.finding
    QTest.keyClick(ready, Qt.Key.Key_Escape)
    settle(kept)
    assert ready.isVisible()
    assert ready.aligning.result is None or "Stopped" in ready.told.text()
    assert "Stopped" in ready.told.text()
    QTest.keyClick(ready, Qt.Key.Key_Escape)
    assert not ready.isVisible()


def test_escape_stops_the_alignment_and_nothing_else(ready, kept, settle):
    go, ends = threading.Event(), []
    kept.jobs.run("else", "Something else", lambda _progress: go.wait(5), ends.append, ends.append)
    click(ready.align)
    assert ready.aligning.finding
    QTest.keyClick(ready, Qt.Key.Key_Escape)
    assert not ready.aligning.finding  # it had not begun
    assert "Stopped" in ready.told.text()
    assert kept.jobs.is_running("else")
    go.set()
    settle(kept)
    assert ends == [True]


def test_masks_of_other_boxes_are_told_at_their_fields_and_all_are_named(
    ready, folder, kept, tmp_path, settle
):
    small = tmp_path / "small.mrc"
    write(small, np.ones((8, 8, 8), np.float32), SIZE)
    (card,) = ready.inputs.cards
    drop(ready, small, on=card.soft_mask.line)
    drop(ready, small, on=ready.inputs.soft_mask.line)
    settle(kept)
    words = "The mask has 8 × 8 × 8 voxels, its map 24 × 24 × 24."
    assert card.soft_mask.warning.isVisible()
    for field in (card.soft_mask, ready.inputs.soft_mask):
        assert field.warning.text().startswith(words)
    assert ready.align.objectName() != "primary"
    click(ready.align)
    assert not ready.aligning.busy
    assert ready.told.text().count(words) == 2
    assert ready.inputs.soft_mask.line.hasFocus()
    type_in(ready.inputs.soft_mask.line, "")
    type_in(card.soft_mask.line, str(folder / "half.mrc"))
    settle(kept)
    assert not card.soft_mask.warning.isVisible()
    assert ready.align.objectName() == "primary"


def test_a_file_that_is_replaced_is_looked_at_again(ready, kept, tmp_path, settle, qtbot):
    path = broken(tmp_path / "later.mrc", "size")
    drop(ready, path)
    settle(kept)
    card = ready.inputs.cards[-1]
    assert card.facts.lacks_size
    path.unlink()
    write(path, np.eye(12, dtype=np.float32)[None].repeat(12, 0), 2.5)
    kept.activateWindow()
    qtbot.waitUntil(kept.isActiveWindow)
    ready.activateWindow()
    qtbot.waitUntil(ready.isActiveWindow)
    settle(kept)
    assert card.facts.words == "12 × 12 × 12 voxels"
    assert card.pixel_size.placeholderText() == "2.50"


def test_of_two_maps_of_one_name_the_right_one_is_pointed_at(ready, tmp_path, kept, settle):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        drop(ready, broken(tmp_path / name / "map.mrc", "size"))
    settle(kept)
    first, second = ready.inputs.cards[-2:]
    QTest.keyClicks(first.pixel_size, "3")
    click(ready.align)
    assert second.pixel_size.hasFocus()


@pytest.mark.filterwarnings("ignore:Data array contains NaN")
@pytest.mark.parametrize(
    ("kind", "words"),
    [("stack", "stack"), ("nan", "not a number"), ("size", "Pixel size")],
)
def test_a_map_that_is_none_is_one_sentence(ready, kept, tmp_path, settle, kind, words):
    path = broken(tmp_path / "broken.mrc", kind)
    drop(ready, path)
    settle(kept)
    if kind != "size":
        assert words in ready.inputs.cards[-1].facts.trouble.text()  # at once, on its card
    result = ready.aligning.result
    click(ready.align)
    settle(kept)
    assert words in ready.told.text()
    assert "--" not in ready.told.text()
    assert "Traceback" not in ready.told.text()
    assert ready.aligning.result is result


def test_it_opens_without_particles_and_says_what_it_needs(dialog, folder):
    assert not dialog.align.isEnabled()
    assert "reference" in dialog.told.text()
    dialog.inputs.reference.line.setFocus()
    QTest.keyClicks(dialog.inputs.reference.line, str(folder / "reference.mrc"))
    assert not dialog.align.isEnabled()
    assert "map" in dialog.told.text()
    drop(dialog, folder / "same.mrc")
    assert dialog.align.isEnabled()


def test_limits_that_make_no_sense_are_told(ready):
    type_in(ready.inputs.angle, "-5")
    click(ready.align)
    assert "angle" in ready.told.text()


def test_a_pixel_size_that_is_missing_can_be_given(dialog, kept, folder, tmp_path, settle):
    drop(dialog, folder / "reference.mrc", broken(tmp_path / "sizeless.mrc", "size"))
    QTest.keyClicks(dialog.inputs.cards[0].pixel_size, str(SIZE))
    QTest.keyClicks(dialog.inputs.angle, "10")
    choose(dialog.inputs.hand, "same")
    click(dialog.align)
    settle(kept)
    table = dialog.found.table
    assert as_numbers(table.text_of(0, "Turn").removesuffix("°"))[0] < NEAR
    assert "–" in table.text_of(0, "Hand · margin")  # not tried
    choose(dialog.inputs.hand, "both")


def test_every_column_says_what_it_is(dialog):
    for column in range(len(COLUMNS)):
        assert dialog.found.table.horizontalHeaderItem(column).toolTip()


def test_the_window_can_be_closed_while_it_works(ready, kept, settle):
    result = ready.aligning.result
    click(ready.align)
    ready.close()
    settle(kept)
    assert ready.aligning.result is not result
    assert ready.found.isVisibleTo(ready)


def test_tab_goes_through_the_form_from_top_to_bottom(ready, folder, kept, settle):
    drop(ready, folder / "other.mrc")
    settle(kept)
    ready.inputs.reference.line.setFocus()
    seen = []
    for _ in range(40):
        now = ready.focusWidget()
        if now is ready.align:
            break
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    first, second = ready.inputs.cards
    stops = [
        ready.inputs.reference.line,
        ready.inputs.pixel_size,
        ready.inputs.add,
        first.soft_mask.line,
        second.soft_mask.line,
        ready.inputs.lowpass,
        ready.inputs.hand,
    ]
    places = [seen.index(stop) for stop in stops]
    assert places == sorted(places)
    assert ready.focusWidget() is ready.align


def test_closing_the_main_window_stops_what_runs(ready, kept):
    """The last of the module: it takes the window that all share."""
    result = ready.aligning.result
    click(ready.align)
    assert ready.aligning.finding
    kept.close()
    assert not kept.isVisible()
    assert not ready.isVisible()
    assert not kept.jobs.active
    QTest.qWait(50)
    assert ready.aligning.result is result
    assert not [one for one in threading.enumerate() if one.name.startswith("evenview-worker")]
