"""Scenes to look at, closed after the test; needs a display with OpenGL (Xvfb and Mesa will do)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from evenview.core.grid import parse_grid
from evenview.render.chart import ChartScene
from evenview.render.sphere import SphereScene
from pictures import COLD


@pytest.fixture(scope="session")
def grid():
    return parse_grid("healpix:3")


@pytest.fixture
def colors(grid):
    """All bins cold."""
    return np.tile(np.array(COLD, dtype=np.uint8), (grid.n, 1))


def _opened(scene, grid, colors, qapp):
    scene.set_grid(grid)
    scene.set_colors(colors)
    scene.canvas.show()
    qapp.processEvents()
    return scene


@pytest.fixture
def sphere(qapp, grid, colors) -> Iterator[SphereScene]:
    scene = _opened(SphereScene(size=(400, 360)), grid, colors, qapp)
    yield scene
    scene.close()


@pytest.fixture
def chart(qapp, grid, colors) -> Iterator[ChartScene]:
    scene = _opened(ChartScene(size=(560, 360)), grid, colors, qapp)
    yield scene
    scene.close()
