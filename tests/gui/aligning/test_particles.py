"""The particles that go with a map: how their views move."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from align_hands import (
    click,
    show,
)
from gui_hands import HOT


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
        # both discs show the same particles at the same place
        np.testing.assert_allclose(part.discs.turn @ HOT, moved, atol=1e-6)
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
