"""The window that aligns maps: made molecules whose turn, shift and hand are known."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from align_hands import (
    BOX,
    CLOSE,
    MOST,
    NEAR,
    SHIFT,
    SIZE,
    TURN,
    as_numbers,
    click,
    copied,
    drop,
    image,
    opened,
    paste,
    write_maps,
)
from evenview.core import rotation
from evenview.core.align.alignment import RunnerUp
from evenview.core.align.superpose import difference
from evenview.core.errors import UserError
from evenview.formats import open_particles
from evenview.formats.volume_mrc import open_volume
from evenview.gui.aligning.table import COLUMNS, ResultTable
from evenview.tasks import align_work, align_writing
from evenview.tasks.turns import axis_angle
from gui_hands import HOT, choose


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_maps(tmp_path_factory.mktemp("maps"))


@pytest.fixture(scope="module", autouse=True)
def closed(kept_open):
    """The window stays open from test to test."""
    yield
    kept_open.commands.align.close()


@pytest.fixture
def aligned(kept, qtbot, folder, settle):
    """Two maps aligned, as a hand does it; once for all tests that only look."""
    dialog = kept.commands.align
    if not dialog.isVisible():
        opened(kept, qtbot)
        drop(dialog, *(folder / f"{name}.mrc" for name in ("reference", "same", "other")))
        QTest.keyClicks(dialog.inputs.angle, MOST)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    if not dialog._is_current():
        click(dialog.align)
        settle(kept)
    elif dialog.back.isVisible():
        click(dialog.back)
    dialog.found.table.selectRow(0)
    settle(kept)
    return dialog


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("aligned")


@pytest.fixture
def carried(aligned, folder):
    """The same with what goes along: particles of both maps, and another map of the second."""
    click(aligned.again)
    for card in aligned.inputs.cards:
        card.particles.add([folder / "run_data.star"])
    aligned.inputs.cards[1].group.add([folder / "half.mrc"])
    click(aligned.back)
    return aligned


@pytest.fixture
def written(carried, kept, out, settle, qtbot):
    """All of it in a folder, written once for all tests that only look."""
    form = carried.found.writing
    paste(form.folder.line, str(out))
    if not carried.aligning.moved or carried.aligning.map.outputs is None:
        click(form.write)
        if form.folder.warning.text():
            qtbot.waitUntil(form.write.isEnabled)
            click(form.write)
        settle(kept)
    return carried


def test_turn_shift_and_hand_are_found_and_nothing_is_written(aligned, folder):
    there = sorted(folder.iterdir())
    for line, hand in enumerate(("kept", "changed")):
        turn = axis_angle(TURN)
        angle = as_numbers(aligned.found.table.text_of(line, "Turn").removesuffix("°"))[0]
        axis = np.array(as_numbers(aligned.found.table.text_of(line, "About the axis")))
        assert np.linalg.norm(angle * axis - turn.angle * turn.axis) < NEAR
        shift = as_numbers(aligned.found.table.text_of(line, "Shift (Å)"))
        np.testing.assert_allclose(shift, SHIFT, atol=CLOSE)
        voxels = as_numbers(aligned.found.table.text_of(line, "Shift (voxels)"))
        np.testing.assert_allclose(np.array(voxels) * SIZE, shift, atol=0.02)
        assert aligned.found.table.text_of(line, "Hand · margin").startswith(hand)
        was, now = aligned.found.table.text_of(line, "Correlation").split(" → ")
        assert as_numbers(was)[0] < 0.75 < 0.95 < float(now)
    assert sorted(folder.iterdir()) == there


def test_slices_show_that_the_difference_goes_away(aligned):
    click(aligned.found.slices.after)
    after = np.abs(image(aligned, 2)).max()
    np.testing.assert_allclose(image(aligned, 2), image(aligned, 1) - image(aligned, 0), atol=1e-4)
    QTest.keyClick(aligned, Qt.Key.Key_B)
    assert aligned.found.slices.before.isChecked()
    assert np.abs(image(aligned, 2)).max() > 4 * after
    QTest.keyClick(aligned, Qt.Key.Key_B)
    assert np.abs(image(aligned, 2)).max() == after


def test_the_slider_goes_through_the_map_with_grey_levels_kept(aligned):
    slider = aligned.found.slices.sliders["z"]
    slider.box.setFocus()
    slider.box.selectAll()
    QTest.keyClicks(slider.box, "10")
    QTest.keyClick(slider.box, Qt.Key.Key_Return)
    reference = aligned.aligning.sight.reference
    np.testing.assert_array_equal(image(aligned, 0), reference[10])
    still, laid, _ = (item.levels for item in aligned.found.slices.pictures.images)
    np.testing.assert_array_equal(still, laid)
    np.testing.assert_allclose(
        np.corrcoef(image(aligned, 0).ravel(), image(aligned, 1).ravel())[0, 1], 1.0, atol=0.05
    )


def test_another_map_is_looked_at_by_the_arrow_keys(aligned, kept, settle):
    first = aligned.found.chosen.pose.matrix.text()
    aligned.found.table.setFocus()
    QTest.keyClick(aligned.found.table, Qt.Key.Key_Down)
    settle(kept)
    assert aligned.found.chosen.pose.matrix.text() != first
    assert not aligned.found.chosen.pose.copy_chimerax.isEnabled()  # a view cannot mirror
    QTest.keyClick(aligned.found.table, Qt.Key.Key_Up)
    settle(kept)
    assert aligned.found.chosen.pose.copy_chimerax.isEnabled()


def test_the_curve_is_drawn_with_the_two_thresholds(aligned):
    plot = aligned.found.chosen.plot
    assert [line.value() for line in plot.thresholds] == [0.5, 0.143]
    frequency, fsc = plot.curve.getData()
    assert frequency[-1] <= 0.5 / SIZE + 1e-9
    assert fsc[:5].min() > 0.95


def test_matrix_chimerax_and_summary_are_copied(aligned):
    show(aligned, "Pose")
    click(aligned.found.chosen.pose.copy_matrix)
    numbers = np.array(copied().split(), dtype=float).reshape(3, 4)
    np.testing.assert_allclose(numbers[:, :3], TURN, atol=np.radians(NEAR))
    np.testing.assert_allclose(numbers[:, 3], SHIFT, atol=CLOSE)
    click(aligned.found.chosen.pose.copy_chimerax)
    assert copied().startswith("view matrix models #2,")
    assert len(copied().split(",")) == 13
    click(aligned.copy)
    assert "same.mrc" in copied()
    assert "other.mrc" in copied()


def test_everything_is_written_when_asked(carried, kept, folder, out, settle):
    assert carried.told.text() == ""  # what goes along needs no new alignment
    show(carried, "Particles")
    settle(kept)
    assert not carried.found.chosen.particles.after.isEnabled()
    paste(carried.found.writing.folder.line, str(out))
    show(carried, "Files")
    files = carried.found.chosen.files
    assert not any(path.exists() for path in files.paths)
    click(carried.found.writing.write)
    settle(kept)
    assert "Wrote" in carried.told.text()
    assert files.paths
    assert all(path.exists() for path in files.paths)
    reference = open_volume(folder / "reference.mrc").values
    for name in ("same_aligned.mrc", "other_aligned.mrc", "other_half_aligned.mrc"):
        laid = open_volume(out / name).values
        assert np.corrcoef(laid.ravel(), reference.ravel())[0, 1] > 0.97
    old = rotation.to_matrix(open_particles(folder / "run_data.star").quaternions)
    moved = open_particles(out / "other_run_data_aligned.star")
    mirror = np.diag([1.0, 1.0, -1.0])
    other = carried.aligning.result.maps[1].found.pose.motion.matrix
    new = rotation.to_matrix(moved.quaternions)
    np.testing.assert_allclose(new, mirror @ old @ np.linalg.inv(other), atol=1e-5)


def test_files_are_replaced_only_when_asked_again(written, kept, out, settle, qtbot):
    there = {path.name: path.stat().st_ino for path in out.iterdir()}
    form = written.found.writing
    click(form.write)
    settle(kept)
    assert "replaced" in form.folder.warning.text()
    assert {path.name: path.stat().st_ino for path in out.iterdir()} == there
    qtbot.waitUntil(form.write.isEnabled)
    click(form.write)
    settle(kept)
    assert sorted(path.name for path in out.iterdir()) == sorted(there)
    assert all(path.stat().st_ino != there[path.name] for path in out.iterdir())


def test_a_stop_while_writing_leaves_whole_files_and_says_which(
    carried, kept, tmp_path, settle, monkeypatch
):
    def stopped_here(*maps):
        kept.jobs.cancel()
        time.sleep(0.2)  # the worker asks twenty times a second
        return difference(*maps)

    monkeypatch.setattr(align_writing, "difference", stopped_here)
    paste(carried.found.writing.folder.line, str(tmp_path / "part"))
    click(carried.found.writing.write)
    settle(kept)
    words = carried.told.text()
    there = sorted(path.name for path in (tmp_path / "part").iterdir())
    assert "Writing stopped" in words
    assert there
    assert all(name in words for name in there)
    planned = {path.name for path in carried.aligning.targets(tmp_path / "part")}
    assert set(there) < planned  # no parts under other names, and not all
    for path in (tmp_path / "part").glob("*.mrc"):
        assert open_volume(path).values.shape == (BOX,) * 3
    assert carried.found.writing.write.isEnabled()


def test_particles_that_cannot_be_written_are_told_and_the_result_stays(
    aligned, kept, hot_star, tmp_path, settle
):
    click(aligned.again)
    card = aligned.inputs.cards[0]
    card.particles.add([hot_star])
    click(aligned.back)
    result, line = aligned.aligning.result, aligned.found.writing.folder.line
    paste(line, str(tmp_path / "out"))
    click(aligned.found.writing.write)
    settle(kept)
    assert "rlnOriginXAngst" in aligned.told.text()
    assert aligned.aligning.result is result
    assert "Nothing was written" in aligned.told.text()
    assert not list((tmp_path / "out").glob("*"))
    click(aligned.again)
    click(card.particles.clear)
    click(aligned.back)


def broken(what):
    """Something that fails for each map, in its own words."""

    def fails(*given, **_named):
        name = next(Path(str(one)).name for one in given if isinstance(one, Path))
        raise UserError(f"{what} of {name}")

    return fails


def test_where_all_maps_fail_every_reason_is_told(aligned, kept, settle, monkeypatch):
    result = aligned.aligning.result
    names = iter(("first", "second"))

    def fails(*_given):
        raise UserError(f"the {next(names)} map cannot be aligned")

    monkeypatch.setattr(align_work, "align", fails)
    click(aligned.again)
    click(aligned.align)
    settle(kept)
    told = sorted(aligned.told.text().splitlines())
    assert told == ["The first map cannot be aligned.", "The second map cannot be aligned."]
    assert aligned.aligning.result is result
    click(aligned.back)


def test_an_fsc_that_is_low_from_the_first_shell_on_is_a_dash(aligned, qtbot):
    one = aligned.aligning.map
    low = replace(one.likeness, fsc=np.full_like(one.likeness.fsc, 0.3))
    table = ResultTable()
    qtbot.addWidget(table)
    table.show_maps([replace(one, likeness=low, masked=True)], 0)
    assert table.text_of(0, "FSC 0.5") == "–"
    assert table.text_of(0, "FSC 0.143").startswith("≤ ")
    tip = table.item(0, list(COLUMNS).index("FSC 0.5")).toolTip()
    assert tip.startswith("Below 0.5 from the first shell")
    assert "mask of the reference, which raises the FSC" in tip


def test_cancel_stops_the_work_and_keeps_what_was_found(aligned, kept, settle):
    result = aligned.aligning.result
    click(aligned.again)
    QTest.mouseClick(aligned.align, Qt.MouseButton.LeftButton)
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


def test_every_form_of_the_pose_is_the_same_motion(aligned):
    pose = aligned.found.chosen.pose
    show(aligned, "Pose")
    matrix = np.array(as_numbers(pose.matrix.text())).reshape(3, 4)
    quaternion = np.array([as_numbers(pose.report.text_of("Quaternion").removesuffix("(wxyz)"))])
    np.testing.assert_allclose(rotation.to_matrix(quaternion)[0], matrix[:, :3], atol=1e-4)
    angle, axis = pose.report.text_of("Turn").split("° about ")
    axis = np.array([as_numbers(axis)])
    turn = rotation.to_matrix(rotation.from_axis_angle(axis, [float(angle)]))[0]
    np.testing.assert_allclose(turn, matrix[:, :3], atol=1e-3)
    shift = as_numbers(pose.report.text_of("Shift").removesuffix(" Å"))
    np.testing.assert_allclose(shift, matrix[:, 3], atol=0.01)
    # in the headers' coordinates, the origins being 0: about the corner instead of voxel N // 2
    about = np.full(3, (BOX // 2) * SIZE)
    inside = np.array(as_numbers(pose.chimerax.text())).reshape(3, 4)
    np.testing.assert_allclose(inside[:, :3], matrix[:, :3], atol=1e-5)
    np.testing.assert_allclose(
        inside[:, :3] @ about + inside[:, 3], about + matrix[:, 3], atol=1e-2
    )


def test_runners_up_are_listed_with_their_scores(aligned):
    best = aligned.aligning.map
    half_turn = replace(best.found.pose, rotation=np.diag([1.0, -1, -1]) @ best.found.pose.rotation)
    other = replace(best.found, runners_up=(RunnerUp(half_turn, 0.93),))
    part, made = aligned.found.chosen.others, replace(best, found=other)
    part.show_map(made, made)
    cells = [part.table.item(1, column).text() for column in range(5)]
    assert [*cells[:3], cells[4]] == ["1", "93\N{NO-BREAK SPACE}%", "180.0°", "kept"]
    part.table.selectRow(1)
    assert "180.00° about (1.000, 0.000, 0.000)" in part.told.text()
    part.show_map(best, aligned.aligning.best)


def show(dialog, page: str) -> None:
    """Turn to a page by its tab."""
    tabs = dialog.found.chosen
    bar = tabs.tabBar()
    place = next(i for i in range(tabs.count()) if tabs.tabText(i).startswith(page))
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    QTest.qWait(20)


def fullest(discs, place: int) -> np.ndarray:
    """The direction of the fullest bin of a sphere."""
    pair = discs.pair
    around = np.random.default_rng(1).normal(size=(20_000, 3))
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    values = np.nan_to_num(pair.values[place][pair.nearest(around)])
    mean = around[values == values.max()].mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_the_spheres_show_how_the_views_move_and_turn_together(carried, kept, settle):
    aligned = carried
    part = aligned.found.chosen.particles
    show(aligned, "Particles")
    for line, hand in ((0, 1.0), (1, -1.0)):
        aligned.found.table.selectRow(line)
        settle(kept)
        assert "300" in part.words.text()
        motion = aligned.aligning.map.found.pose.motion
        assert fullest(part.discs, 0) @ HOT > np.cos(np.radians(12.0))
        # A' = A Mᵀ: the view goes with the map; of a mirrored one it is seen from the other side
        moved = hand * motion.matrix @ HOT
        assert fullest(part.discs, 1) @ moved > np.cos(np.radians(12.0))
    aligned.found.table.selectRow(0)
    settle(kept)
    middles = [part.discs.disc(place).center() for place in (0, 1)]
    before = part.discs.direction_at(middles[1])
    np.testing.assert_allclose(part.discs.direction_at(middles[0]), before)
    start = middles[0].toPoint()
    QTest.mousePress(part.discs, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(part.discs, start + QPoint(30, 0))
    QTest.mouseRelease(part.discs, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 0))
    turned = part.discs.direction_at(middles[1])
    assert turned @ before < 0.97
    np.testing.assert_allclose(part.discs.direction_at(middles[0]), turned)
    part.discs.setFocus()
    QTest.keyClick(part.discs, Qt.Key.Key_R)
    np.testing.assert_allclose(part.discs.direction_at(middles[0]), before, atol=1e-6)


def test_before_and_after_are_opened_on_the_large_sphere(written, kept, folder, out, settle):
    show(written, "Particles")
    settle(kept)
    part = written.found.chosen.particles
    click(part.after)
    settle(kept)
    assert kept.document.path == out / "same_run_data_aligned.star"
    assert part.after.isChecked()
    click(part.before)
    settle(kept)
    assert kept.document.path == folder / "run_data.star"
    assert part.before.isChecked()
    assert not part.after.isChecked()


def test_three_planes_of_the_difference_have_one_scale(aligned):
    slices = aligned.found.slices
    choose(slices.plane, "difference")
    levels = {tuple(item.levels) for item in slices.pictures.images}
    ((low, high),) = levels
    assert low == -high
    assert [slider.isVisible() for slider in slices.sliders.values()] == [True] * 3
    sight = aligned.aligning.sight
    for place, axis in enumerate(range(3)):
        shown = np.take(sight.after - sight.reference, BOX // 2, axis)
        np.testing.assert_allclose(image(aligned, place), shown, atol=1e-4)
    choose(slices.plane, "z")


def test_a_transform_moves_files_as_the_alignment_did(
    written, kept, folder, out, tmp_path, settle, qtbot
):
    show(written, "Files")
    files = written.found.chosen.files
    files.list.setFocus()
    line = next(i for i, path in enumerate(files.paths) if path.suffix == ".json")
    files.list.setCurrentRow(line)
    click(files.open)
    page = written.others
    assert page.isVisible()
    assert "Found for same.mrc, laid over reference.mrc" in page.facts.text()
    assert not page.writing.write.isEnabled()
    drop(written, folder / "same.mrc", folder / "half.mrc", folder / "run_data.star")
    page.list.setCurrentRow(1)
    click(page.remove)
    assert [path.name for path in page.list.paths] == ["same.mrc", "run_data.star"]
    paste(page.writing.folder.line, str(tmp_path / "second"))
    click(page.writing.write)
    settle(kept)
    assert "Wrote" in written.told.text()
    first, second = (open_volume(at / "same_aligned.mrc") for at in (out, tmp_path / "second"))
    np.testing.assert_array_equal(first.values, second.values)
    assert (tmp_path / "second" / "run_data_aligned.star").exists()
    doubtful = tmp_path / "doubtful_transform.json"
    said = json.loads((out / "same_transform.json").read_text())
    doubtful.write_text(json.dumps(said | {"doubt": "the maps hardly correlate"}))
    paste(page.transform.line, str(doubtful))
    paste(page.writing.folder.line, str(tmp_path / "third"))
    click(page.writing.write)
    settle(kept)
    assert "doubtful_transform.json: no reliable answer" in page.writing.folder.warning.text()
    assert not (tmp_path / "third").exists()
    qtbot.waitUntil(page.writing.write.isEnabled)
    click(page.writing.write)
    settle(kept)
    assert (tmp_path / "third" / "run_data_aligned.star").exists()
    assert "may be a motion of chance" in written.told.text()
    paste(page.transform.line, str(folder / "run_data.star"))
    assert "no transform" in page.facts.text()
    assert not page.writing.write.isEnabled()
    click(written.back)


def test_a_runner_up_can_be_used_and_the_best_pose_again(aligned, kept, settle):
    best = aligned.aligning.map
    others = enumerate((one.pose for one in best.found.runners_up), 1)
    number, other = next(both for both in others if both[1].flipped)
    assert not best.found.pose.flipped
    show(aligned, "Runners-up")
    part = aligned.found.chosen.others
    assert not part.use.isEnabled()  # the best is in use
    part.table.selectRow(number)
    click(part.use)
    settle(kept)
    taken = aligned.aligning.map.found
    assert taken.pose.flipped is other.flipped
    assert axis_angle(taken.pose.rotation.T @ other.rotation).angle < 8.0
    assert taken.after < best.found.after - 0.1
    assert aligned.found.table.text_of(0, "Hand · margin").startswith("changed")
    assert f"Runner-up {number} was taken" in aligned.found.doubts.text()
    assert np.abs(image(aligned, 2)).max() > 0.1 * np.abs(image(aligned, 0)).max()
    assert aligned.aligning.map.outputs is None  # Write would write it
    assert aligned._is_current()
    part.table.selectRow(0)
    click(part.use)
    settle(kept)
    assert aligned.aligning.map.found is best.found
    assert aligned.found.doubts.text() == ""


def test_a_result_that_is_worse_is_said_first_and_not_written_unasked(
    aligned, kept, tmp_path, settle
):
    old = aligned.aligning.result
    first, *rest = old.maps
    worse = replace(first, found=replace(first.found, before=0.4, after=0.35), outputs=None)
    aligned.aligning.result = replace(old, maps=(worse, *rest))
    aligned.aligning.changed.emit()
    assert "No reliable answer" in aligned.found.verdict.text()
    assert aligned.found.verdict.isVisible()
    assert "0.400" in aligned.found.doubts.text()
    assert aligned.found.table.text_of(0, "Hand · margin").startswith("kept?")
    form = aligned.found.writing
    paste(form.folder.line, str(tmp_path / "out"))
    assert form.write.objectName() != "primary"
    click(form.write)
    settle(kept)
    assert "no reliable answer" in form.folder.warning.text()
    assert not (tmp_path / "out").exists()
    aligned.aligning.result = old
    aligned.aligning.changed.emit()
    assert not aligned.found.verdict.isVisible()
    assert form.write.objectName() == "primary"


def test_a_failed_writing_is_forgotten_when_the_next_one_succeeds(
    aligned, kept, tmp_path, settle, monkeypatch, qtbot
):
    form = aligned.found.writing
    qtbot.waitUntil(form.write.isEnabled)
    with monkeypatch.context() as now:
        now.setattr(align_writing, "write_transform", broken("no room for the transform"))
        paste(form.folder.line, str(tmp_path / "out"))
        click(form.write)
        settle(kept)
    told = aligned.told.text()
    for name in ("same", "other"):
        assert f"No room for the transform of {name}_transform.json." in told.splitlines()
    assert "Writing stopped. By then" in told
    assert all(one.outputs is None for one in aligned.aligning.result.maps)
    paste(form.folder.line, str(tmp_path / "second"))
    click(form.write)
    settle(kept)
    assert "No room" not in aligned.told.text()
    assert all(path.exists() for path in aligned.aligning.targets(tmp_path / "second"))
    assert aligned.told.text().startswith("Wrote ")
    assert aligned.aligning.result.failed == ()
