"""What bins can be coloured by besides particles: Fourier sampling, the value of views, fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from evenview.core.beside import Field
from evenview.tasks import rebalance
from gui_hands import HOT, HOT_BIN, choose, place, press, unit


def color_by(window, settle, key):
    choose(window.stage.colors.quantity, key)
    settle(window)
    return window.document.display


def test_a_crowd_of_views_is_a_ring_in_fourier_space(window, settle):
    display = color_by(window, settle, "sampling")
    values = display.layer.values
    across = np.abs(display.binning.centers @ HOT) < 0.01
    along = display.binning.centers @ HOT > 0.9
    # A ring so thin is grainy: it passes between the directions that are looked at.
    assert values[across].min() > values[along].mean()
    assert np.median(values[across]) > 10 * values[along].mean()
    assert window.document.undo_label == "Colour by"


def test_the_status_bar_says_the_value_that_is_coloured(window, settle):
    display = color_by(window, settle, "sampling")
    QTest.mouseMove(window.stage.chart.native, place(window.stage.chart, unit(0, 0)))
    QTest.qWait(50)
    bar = window.statusBar()
    assert bar.density.text().endswith("× mean sampling")
    index = window.desk.bin
    assert abs(float(bar.density.text().split()[0]) - display.layer.values[index]) < 0.01


def test_redundant_views_are_selected_by_their_value(window, settle):
    panel = window.selection
    choose(panel.kind, "redundant")
    panel.level.set_value(0.3)
    press(window, Qt.Key.Key_T)
    settle(window)
    display = window.document.display
    assert display.selected[HOT_BIN]
    assert 0 < display.selected.mean() < 0.1


def test_the_scene_follows_thinning_in_the_layer_of_fourier_space(window, settle):
    color_by(window, settle, "sampling")
    window.rebalance.choose("cap")
    settle(window)
    display = window.document.display
    assert np.nanstd(display.after_values) < 0.5 * np.nanstd(display.layer.values)
    before = window.stage.sphere.scene.render().astype(int)
    press(window, Qt.Key.Key_A)
    QTest.qWait(50)
    assert np.abs(window.stage.sphere.scene.render().astype(int) - before).max() > 40


def test_a_field_is_offered_while_it_is_there(window, settle):
    field = Field("resolution", "Resolution", "Å", np.eye(3), np.array([3.0, 4.0, 5.0]))
    window.document.edit("Grid", lambda plan: replace(plan, grid="healpix:3"))
    settle(window)
    window.document.set_fields(field)
    assert color_by(window, settle, "field:resolution").layer.unit == "Å"
    window.document.set_fields()
    settle(window)
    assert window.document.display.layer.unit == "× uniform"
    assert window.stage.colors.quantity.key == "density"
    assert window.stage.colors.quantity.findText("Resolution") < 0
    for _ in range(2):  # what was done before can still be undone
        window.document.undo()
        settle(window)
    assert window.document.display.plan.grid == "healpix:4"


def test_particles_are_exported_while_a_field_is_shown(window, settle, tmp_path):
    field = Field("resolution", "Resolution", "Å", np.eye(3), np.array([3.0, 4.0, 5.0]))
    window.document.set_fields(field)
    color_by(window, settle, "field:resolution")
    window.rebalance.choose("cap")
    settle(window)
    plan, particles = window.document.plan, window.document.particles
    kept = tmp_path / "kept.star"
    result = rebalance.run(rebalance.RebalanceRequest(particles, plan, kept))
    assert result.kept == (kept,)
