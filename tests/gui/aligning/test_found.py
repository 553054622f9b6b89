"""What the window says of maps that it aligned: turn, shift and hand that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from align_hands import (
    CLOSE,
    NEAR,
    SHIFT,
    SIZE,
    TURN,
    as_numbers,
    click,
)
from evenview.tasks.turns import axis_angle


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


def test_inputs_that_changed_are_told_beside_an_older_result(aligned):
    click(aligned.again)
    aligned.inputs.lowpass.setFocus()
    QTest.keyClicks(aligned.inputs.lowpass, "15")
    click(aligned.back)
    assert "align again" in aligned.told.text()
    aligned.inputs.lowpass.clear()


def test_a_result_that_is_worse_is_said_first(aligned):
    old = aligned.aligning.result
    first, *rest = old.maps
    worse = replace(first, found=replace(first.found, before=0.4, after=0.35), outputs=None)
    aligned.aligning.result = replace(old, maps=(worse, *rest))
    aligned.aligning.changed.emit()
    assert "No reliable answer" in aligned.found.verdict.text()
    assert aligned.found.verdict.isVisible()
    assert "0.400" in aligned.found.doubts.text()
    assert aligned.found.table.text_of(0, "Hand · margin").startswith("open · ")
    aligned.aligning.result = old
    aligned.aligning.changed.emit()
    assert not aligned.found.verdict.isVisible()
