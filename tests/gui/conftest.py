"""The real window on a made file; needs a display with OpenGL (Xvfb and Mesa will do)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtTest import QTest

from evenview.gui.settings import Settings
from evenview.gui.window import Window
from gui_hands import hot_angles, shown
from made import write_star


@pytest.fixture(scope="session")
def hot_star(tmp_path_factory: pytest.TempPathFactory) -> Path:
    halves = 1 + (np.arange(3000) // 2) % 2
    return write_star(tmp_path_factory.mktemp("gui") / "hot.star", hot_angles(), halves)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def empty(qtbot, settings: Settings) -> Iterator[Window]:
    """A window with nothing in it."""
    with shown(settings) as window:
        yield window


@pytest.fixture(scope="module")
def kept_open(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with shown(Settings(tmp_path_factory.mktemp("kept") / "settings.ini")) as window:
        yield window


@pytest.fixture
def kept(kept_open: Window) -> Window:
    """A window for all tests of a module that begin by opening or resetting what they need."""
    kept_open.activateWindow()
    assert QTest.qWaitForWindowActive(kept_open, 20_000)
    return kept_open


@pytest.fixture
def settle(qtbot) -> Callable[[Window], None]:
    """Wait until the worker has nothing to do."""

    def wait(window: Window) -> None:
        qtbot.waitUntil(lambda: not window.jobs.active, timeout=60_000)
        QTest.qWait(30)

    return wait


@pytest.fixture
def window(empty: Window, hot_star: Path, settle) -> Window:
    """A window with the made file open."""
    empty.open(hot_star)
    settle(empty)
    return empty
