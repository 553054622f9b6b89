"""A file to follow: chosen with a button, opened, followed, and let go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from gui_hands import choose
from made import uniform_angles, write_star


@pytest.fixture
def other(tmp_path, monkeypatch):
    """What the file dialog will give: views within 60° of +Z."""
    angles = uniform_angles(4000, np.random.default_rng(1))
    path = write_star(tmp_path / "other.star", angles[angles[:, 1] < 60])
    monkeypatch.setattr("evenview.gui.files.ask_open", lambda *_: path)
    return path


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_file_is_chosen_followed_and_let_go(window, settle, other):
    window.document.edit("Grid", lambda plan: replace(plan, grid="healpix:2"))
    choose(window.rebalance.strategy, "like")
    settle(window)
    source = window.rebalance.form.files["like"]
    assert (source.name.text(), source.drop.isVisible()) == ("Uniform", False)
    press(source.choose)
    settle(window)
    assert window.document.plan.thinning.strategy.like == str(other)
    assert source.name.text() == "other.star"
    display = window.document.display
    below = display.binning.centers[:, 2] < 0
    assert display.binning.decision_counts[below].sum() > 500
    assert display.quotas[below].sum() == 0 < display.quotas.sum()
    choose(window.rebalance.strategy, "like_number")
    settle(window)
    assert window.document.plan.thinning.strategy.like == str(other)
    source = window.rebalance.form.files["like"]
    assert source.name.text() == "other.star"
    press(source.drop)
    settle(window)
    assert window.document.plan.thinning.strategy.like == ""
    assert source.name.text() == "Uniform"


def test_a_file_that_cannot_be_read_is_told_and_not_followed(window, settle, other):
    other.write_text("nothing of the kind")
    choose(window.rebalance.strategy, "like")
    settle(window)
    press(window.rebalance.form.files["like"].choose)
    settle(window)
    assert window.errors.isVisible()
    assert window.document.plan.thinning.strategy.like == ""
