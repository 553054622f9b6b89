"""A step of the slider in the real window: from the hand to all numbers redrawn.

What is timed is all that the window does at once: the thinning resolved, the scores foretold, and
the table, the trade and the discs drawn anew. That the frame is then put on the screen, with the
scenes in it, is not counted (see `bench_render`): where the processor draws them that takes some
30 ms more. It needs a display; Xvfb and Mesa will do.
"""

from __future__ import annotations

import tempfile
import time
from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

import made_cs
from bench.common import Row
from evenview.gui.app import make_app
from evenview.gui.settings import Settings
from evenview.gui.window import Window

N_PARTICLES = 10_000_000
_BUDGET = 0.05
_STEPS = 40


def rows() -> list[Row]:
    """The middle and the slowest but one of the steps, against 50 ms."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = make_app(Settings(folder / "settings.ini"))
        window = Window(Settings(folder / "settings.ini"))
        window.show()
        window.open(made_cs.write(folder / "J1_particles.cs", _crowded(N_PARTICLES)))
        _settle(window)
        took = sorted(_steps(window))
        window.close()
        app.processEvents()
    return [
        Row(f"window, slider step, 10 M, {what}", 1e3 * seconds, 1e3 * _BUDGET, "50 ms", 1.0, "ms")
        for what, seconds in (("median", median(took)), ("slowest but one", took[-2]))
    ]


def _steps(window: Window) -> list[float]:
    """Seconds of each step, after a few that warm up."""
    window.docks["trade"].raise_()
    window.rebalance.choose("percentile")
    _settle(window)
    slider = window.rebalance.form.inputs["percentile"].slider
    slider.setSliderDown(True)
    found = []
    for _, at in zip(range(_STEPS + 5), cycle(np.linspace(0.9, 0.5, 17)), strict=False):
        start = time.perf_counter()
        slider.setValue(round(at * slider.maximum()))
        _draw(window)
        found.append(time.perf_counter() - start)
        QApplication.processEvents()
    slider.setSliderDown(False)
    return found[5:]


def _draw(window: Window) -> None:
    """Draw what tells numbers now, rather than with the next turn of the event loop."""
    for part in (window.numbers, window.trade.discs, window.trade.plot, window.rebalance):
        part.grab()


def _settle(window: Window) -> None:
    QTest.qWait(100)
    while window.jobs.active:
        QTest.qWait(20)
    QTest.qWait(200)


def _crowded(n: int) -> np.ndarray:
    """Two thirds of the views near one direction, the rest everywhere."""
    rng = np.random.default_rng(0)
    out = np.zeros(n, [("uid", "<u8"), *made_cs.ALIGNMENT])
    out["uid"] = np.arange(n)
    pose = rng.standard_normal((n, 3), dtype=np.float32)
    pose *= (np.pi / np.linalg.norm(pose, axis=1))[:, None] * np.cbrt(rng.random((n, 1)))
    pose[: 2 * n // 3, :2] *= 0.2
    out["alignments3D/pose"] = pose
    out["alignments3D/split"] = rng.integers(0, 2, n)
    return out
