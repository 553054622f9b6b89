"""The window that aligns maps: made molecules whose turn, shift and hand are known."""

from __future__ import annotations

import mrcfile
import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview.core import rotation
from evenview.formats import open_particles
from evenview.formats.volume_mrc import open_volume
from evenview.gui.aligning.table import COLUMNS
from evenview.tasks.turns import axis_angle
from gui_hands import choose, hot_angles
from made import COLUMNS as LABELS
from made import write_star
from made_maps import before, chain, density, noisy, write

LEFT = Qt.MouseButton.LeftButton
KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
BOX, SIZE = 32, 3.0
SHAPE = (BOX, BOX, BOX)
#: A turn of 8°, to be found among those of up to 12°: tests of the search itself try them all.
(TURN,) = rotation.to_matrix(rotation.from_axis_angle(np.array([[2.0, -1.0, 3.0]]), [8.0]))
SHIFT, MOST = np.array([4.0, -6.0, 2.5]), "12"
#: Degrees and Å within which maps of so few voxels are laid over each other.
NEAR, CLOSE = 0.4, 0.2


def molecule(flipped=None, noise=1):
    """The reference, or the map that the motion takes to it."""
    points, weights = chain(4, 30.0, 200)
    if flipped is not None:
        points = before(points, TURN, SHIFT, flipped)
    return noisy(density(points, weights, SHAPE, SIZE, 4.0), 0.05, noise)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("maps")
    write(found / "reference.mrc", molecule(), SIZE)
    write(found / "same.mrc", molecule(False, 2), SIZE)
    write(found / "other.mrc", molecule(True, 3), SIZE)
    write(found / "half.mrc", molecule(True, 4), SIZE)
    shifted(write_star(found / "run_data.star", hot_angles(300)))
    return found


def shifted(path):
    """Give a star file columns for shifts."""
    lines = []
    for line in path.read_text().splitlines():
        lines.append(f"{line.rstrip()} 0.5 -1.5 " if "@Extract" in line else line)
        if line.startswith(f"_{LABELS[-1]} "):
            n = len(LABELS)
            lines += [f"_rlnOriginXAngst #{n + 1} ", f"_rlnOriginYAngst #{n + 2} "]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def dialog(kept, qtbot):
    """The window, opened by its key."""
    QTest.keyClick(kept, Qt.Key.Key_M, KEYS)
    dialog = kept.commands.align
    qtbot.waitUntil(dialog.isVisible)
    qtbot.waitUntil(dialog.isActiveWindow)
    if dialog.again.isVisible():
        click(dialog.again)
    yield dialog
    dialog.close()


@pytest.fixture
def aligned(dialog, kept, folder, settle):
    """Two maps aligned, as a hand does it; once for all tests that only look."""
    names = ["same.mrc", "other.mrc"]
    if [card.path.name for card in dialog.inputs.cards] != names:
        clear(dialog)
        drop(dialog, folder / "reference.mrc", *(folder / name for name in names))
        QTest.keyClicks(dialog.inputs.angle, MOST)
    if not dialog._is_current():
        click(dialog.align)
        settle(kept)
    else:
        click(dialog.back)
    dialog.table.selectRow(0)
    settle(kept)
    return dialog


def click(button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)
    QTest.qWait(20)


def clear(dialog) -> None:
    for card in list(dialog.inputs.cards):
        click(card.drop)
    line = dialog.inputs.reference.line
    line.setFocus()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    dialog.inputs.angle.clear()


def drop(dialog, *paths) -> None:
    """Drop files on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(50.0, 50.0), action, mime, LEFT, none)
    dialog.dropEvent(event)


def copied() -> str:
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    return clipboard.text()


def as_numbers(text: str) -> list[float]:
    return [float(word) for word in text.replace("−", "-").replace(",", " ").split()]


def image(dialog, column: int) -> np.ndarray:
    return dialog.slices.pictures.images["z"][column].image


def test_turn_shift_and_hand_are_found_and_nothing_is_written(aligned, folder):
    there = sorted(folder.iterdir())
    for line, hand in enumerate(("kept", "changed")):
        turn = axis_angle(TURN)
        angle = as_numbers(aligned.table.text_of(line, "Turn").removesuffix("°"))[0]
        axis = np.array(as_numbers(aligned.table.text_of(line, "About the axis")))
        assert np.linalg.norm(angle * axis - turn.angle * turn.axis) < NEAR
        shift = as_numbers(aligned.table.text_of(line, "Shift (Å)"))
        np.testing.assert_allclose(shift, SHIFT, atol=CLOSE)
        voxels = as_numbers(aligned.table.text_of(line, "Shift (voxels)"))
        np.testing.assert_allclose(np.array(voxels) * SIZE, shift, atol=0.02)
        assert aligned.table.text_of(line, "Hand · margin").startswith(hand)
        was, now = aligned.table.text_of(line, "Correlation").split(" → ")
        assert as_numbers(was)[0] < 0.75 < 0.95 < float(now)
    assert sorted(folder.iterdir()) == there


def test_slices_show_that_the_difference_goes_away(aligned):
    click(aligned.slices.after)
    after = np.abs(image(aligned, 2)).max()
    np.testing.assert_allclose(image(aligned, 2), image(aligned, 1) - image(aligned, 0), atol=1e-4)
    QTest.keyClick(aligned, Qt.Key.Key_B)
    assert aligned.slices.before.isChecked()
    assert np.abs(image(aligned, 2)).max() > 4 * after
    QTest.keyClick(aligned, Qt.Key.Key_B)
    assert np.abs(image(aligned, 2)).max() == after


def test_the_slider_goes_through_the_map_with_grey_levels_kept(aligned):
    slider = aligned.slices.sliders["z"]
    slider.box.setFocus()
    slider.box.selectAll()
    QTest.keyClicks(slider.box, "10")
    QTest.keyClick(slider.box, Qt.Key.Key_Return)
    reference = aligned.aligning.sight.reference
    np.testing.assert_array_equal(image(aligned, 0), reference[10])
    still, laid, _ = (item.levels for item in aligned.slices.pictures.images["z"])
    np.testing.assert_array_equal(still, laid)
    np.testing.assert_allclose(
        np.corrcoef(image(aligned, 0).ravel(), image(aligned, 1).ravel())[0, 1], 1.0, atol=0.05
    )


def test_another_map_is_looked_at_by_the_arrow_keys(aligned, kept, settle):
    first = aligned.chosen.matrix.text()
    aligned.table.setFocus()
    QTest.keyClick(aligned.table, Qt.Key.Key_Down)
    settle(kept)
    assert aligned.chosen.matrix.text() != first
    assert not aligned.chosen.copy_chimerax.isEnabled()  # a view cannot mirror
    QTest.keyClick(aligned.table, Qt.Key.Key_Up)
    settle(kept)
    assert aligned.chosen.copy_chimerax.isEnabled()


def test_the_curve_is_drawn_with_the_two_thresholds(aligned):
    plot = aligned.chosen.plot
    assert [line.value() for line in plot.thresholds] == [0.5, 0.143]
    frequency, fsc = plot.curve.getData()
    assert frequency[-1] <= 0.5 / SIZE + 1e-9
    assert fsc[:5].min() > 0.95


def test_matrix_chimerax_and_summary_are_copied(aligned):
    click(aligned.chosen.copy_matrix)
    numbers = np.array(copied().split(), dtype=float).reshape(3, 4)
    np.testing.assert_allclose(numbers[:, :3], TURN, atol=np.radians(NEAR))
    np.testing.assert_allclose(numbers[:, 3], SHIFT, atol=CLOSE)
    click(aligned.chosen.copy_chimerax)
    assert copied().startswith("view matrix models #2,")
    assert len(copied().split(",")) == 13
    click(aligned.copy)
    assert "same.mrc" in copied()
    assert "other.mrc" in copied()


def test_everything_is_written_when_asked_and_replaced_only_when_asked_again(
    aligned, kept, folder, tmp_path, settle, qtbot
):
    click(aligned.again)
    star = folder / "run_data.star"
    kept.open(star)
    settle(kept)
    card = aligned.inputs.cards[1]
    click(card.offer)
    card.group.add([folder / "half.mrc"])
    click(aligned.back)
    assert aligned.told.text() == ""  # what goes along needs no new alignment
    line, target = aligned.writing.folder.line, tmp_path / "out"
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(target))
    click(aligned.writing.write)
    settle(kept)
    assert "Wrote" in aligned.told.text()
    reference = open_volume(folder / "reference.mrc").values
    for name in ("same_aligned.mrc", "other_aligned.mrc", "other_half_aligned.mrc"):
        laid = open_volume(target / name).values
        assert np.corrcoef(laid.ravel(), reference.ravel())[0, 1] > 0.97
    written = sorted(path.name for path in target.iterdir())
    click(aligned.writing.write)
    assert "replaced" in aligned.writing.folder.warning.text()
    qtbot.waitUntil(aligned.writing.write.isEnabled)
    click(aligned.writing.write)
    settle(kept)
    assert sorted(path.name for path in target.iterdir()) == written
    click(aligned.writing.open)
    settle(kept)
    assert kept.document.path == target / "other_run_data_aligned.star"
    old = rotation.to_matrix(open_particles(star).quaternions)
    new = rotation.to_matrix(kept.document.particles.quaternions)
    mirror = np.diag([1.0, 1.0, -1.0])
    other = aligned.aligning.result.maps[1].found.pose.motion.matrix
    np.testing.assert_allclose(new, mirror @ old @ np.linalg.inv(other), atol=1e-5)


def test_particles_that_cannot_be_written_are_told_and_the_result_stays(
    aligned, kept, hot_star, tmp_path, settle
):
    click(aligned.again)
    card = aligned.inputs.cards[0]
    card.particles.add([hot_star])
    click(aligned.back)
    result, line = aligned.aligning.result, aligned.writing.folder.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(tmp_path / "out"))
    click(aligned.writing.write)
    settle(kept)
    assert "rlnOriginXAngst" in aligned.told.text()
    assert aligned.aligning.result is result
    click(aligned.again)
    click(card.particles.clear)
    click(aligned.back)


def broken(path, kind):
    values = molecule()
    if kind == "nan":
        values[3, 4, 5] = np.nan
    write(path, values, 0.0 if kind == "size" else SIZE)
    if kind == "stack":
        with mrcfile.open(path, "r+") as file:
            file.set_image_stack()
    return path


@pytest.mark.filterwarnings("ignore:Data array contains NaN")
@pytest.mark.parametrize(
    ("kind", "words"),
    [("stack", "stack"), ("nan", "not numbers"), ("size", "Pixel size")],
)
def test_a_map_that_is_none_is_one_sentence_and_nothing_is_lost(
    aligned, kept, tmp_path, settle, kind, words
):
    result = aligned.aligning.result
    click(aligned.again)
    path = broken(tmp_path / "broken.mrc", kind)
    drop(aligned, path)
    click(aligned.align)
    settle(kept)
    assert words in aligned.told.text()
    assert "--" not in aligned.told.text()
    assert "Traceback" not in aligned.told.text()
    assert aligned.aligning.result is result
    click(aligned.inputs.cards[-1].drop)
    click(aligned.back)
    assert aligned.table.rowCount() == 2


def test_cancel_stops_the_work_and_keeps_what_was_found(aligned, kept, settle):
    result = aligned.aligning.result
    click(aligned.again)
    QTest.mouseClick(aligned.align, LEFT)
    kept.jobs.cancel()
    settle(kept)
    assert "Stopped" in aligned.told.text()
    assert aligned.aligning.result is result
    assert aligned.align.isEnabled()


def test_inputs_that_changed_are_told_beside_an_older_result(aligned):
    click(aligned.again)
    aligned.inputs.lowpass.setFocus()
    QTest.keyClicks(aligned.inputs.lowpass, "15")
    click(aligned.back)
    assert "align again" in aligned.told.text()
    aligned.inputs.lowpass.clear()


def test_every_column_says_what_it_is(aligned):
    for column in range(len(COLUMNS)):
        assert aligned.table.horizontalHeaderItem(column).toolTip()


def test_it_opens_without_particles_and_says_what_it_needs(dialog, folder):
    clear(dialog)
    assert not dialog.align.isEnabled()
    assert "reference" in dialog.told.text()
    dialog.inputs.reference.line.setFocus()
    QTest.keyClicks(dialog.inputs.reference.line, str(folder / "reference.mrc"))
    assert not dialog.align.isEnabled()
    assert "map" in dialog.told.text()
    drop(dialog, folder / "same.mrc")
    assert dialog.align.isEnabled()


def test_limits_that_make_no_sense_are_told(dialog, folder):
    clear(dialog)
    drop(dialog, folder / "reference.mrc", folder / "same.mrc")
    QTest.keyClicks(dialog.inputs.angle, "-5")
    click(dialog.align)
    assert "angle" in dialog.told.text()


def test_a_pixel_size_that_is_missing_can_be_given(dialog, kept, folder, tmp_path, settle):
    clear(dialog)
    drop(dialog, folder / "reference.mrc", broken(tmp_path / "sizeless.mrc", "size"))
    QTest.keyClicks(dialog.inputs.cards[0].pixel_size, str(SIZE))
    QTest.keyClicks(dialog.inputs.angle, "10")
    choose(dialog.inputs.hand, "same")
    click(dialog.align)
    settle(kept)
    assert as_numbers(dialog.table.text_of(0, "Turn").removesuffix("°"))[0] < NEAR
    assert "–" in dialog.table.text_of(0, "Hand · margin")  # not tried
