"""Turning and recolouring 12,288 bins at 1,000 × 800, against the budget of a smooth window.

Needs a display with OpenGL; under Xvfb with Mesa it measures software drawing, the slowest case.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.common import Row, best_of
from evenview.core.grid import parse_grid
from evenview.render.chart import ChartScene
from evenview.render.sphere import SphereScene

FRAME, RECOLOUR = 1 / 30, 10e-3
SIZE = (1000, 800)
FRAMES = 40


def rows() -> list[Row]:
    """A turned frame and a recolouring of the sphere, a panned frame of the chart."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        print("drawing was not measured: it needs a display (xvfb-run will do)")
        return []
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication(sys.argv[:1])
    grid = parse_grid("healpix:5")
    colors = np.random.default_rng(0).integers(0, 255, (grid.n, 4), dtype=np.uint8)
    selected = grid.centers @ np.array([0.36, 0.48, 0.8]) > 0.85
    sphere, chart = SphereScene(size=SIZE), ChartScene(size=SIZE)
    for scene in (sphere, chart):
        scene.set_grid(grid)
        scene.set_colors(colors)
        scene.set_selected(selected)
        scene.canvas.show()
        application.processEvents()
    driver = f" ({sphere.gl.renderer})"
    frames = f"budget of 30 frames a second{driver}"
    measured = [
        Row(
            "turn the sphere, 12,288 bins, a frame",
            _frame(sphere, sphere.turn_by, 3, 1),
            FRAME,
            frames,
            1,
        ),
        Row(
            "move the chart, 12,288 bins, a frame",
            _frame(chart, chart.zoom_by, 1.01),
            FRAME,
            frames,
            1,
        ),
        Row(
            "recolour 12,288 bins on the sphere",
            _recolour(sphere, colors),
            RECOLOUR,
            "budget of 10 ms",
            1,
        ),
        Row(
            "recolour 12,288 bins on the chart",
            _recolour(chart, colors),
            RECOLOUR,
            "budget of 10 ms",
            1,
        ),
    ]
    sphere.close()
    chart.close()
    application.processEvents()
    return measured


def _frame(scene: Any, move: Callable[..., None], *by: float) -> float:
    """Seconds from a movement of the camera to the finished picture."""

    def frames() -> None:
        for _ in range(FRAMES):
            move(*by)
            scene.canvas.set_current()
            scene.canvas.events.draw(region=None)
            scene.canvas.context.finish()

    return best_of(3, frames) / FRAMES


def _recolour(scene: Any, colors: np.ndarray) -> float:
    """Seconds from new colours to their being on the graphics card."""

    def recolour() -> None:
        scene.set_colors(colors)
        scene.canvas.set_current()
        scene.canvas.context.flush_commands()
        scene.canvas.context.finish()

    return best_of(20, recolour)
