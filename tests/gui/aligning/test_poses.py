"""The pose of a map in every form, and its runners-up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from align_hands import (
    BOX,
    CLOSE,
    NEAR,
    SHIFT,
    SIZE,
    TURN,
    as_numbers,
    click,
    copied,
    image,
    show,
)
from evenview.core import rotation
from evenview.core.align.alignment import RunnerUp
from evenview.tasks.turns import axis_angle


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
    assert aligned.found.table.text_of(0, "Hand · margin").startswith("open")
    assert f"Runner-up {number} was taken" in aligned.found.doubts.text()
    assert np.abs(image(aligned, 2)).max() > 0.1 * np.abs(image(aligned, 0)).max()
    assert aligned.aligning.map.outputs is None  # Write would write it
    assert aligned._is_current()
    part.table.selectRow(0)
    click(part.use)
    settle(kept)
    assert aligned.aligning.map.found is best.found
    assert aligned.found.doubts.text() == ""
