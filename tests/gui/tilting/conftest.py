"""The window on tilt series, opened by its key and emptied after every test."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview.gui.app import make_app
from evenview.gui.settings import Settings
from evenview.gui.theme import theme
from evenview.gui.window import Window
from gui_hands import press
from made_tilt import tlt, xf

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    """One window without a particle file for all tests; each has a dialog of its own."""
    settings = Settings(tmp_path_factory.mktemp("tilting") / "settings.ini")
    make_app(settings)
    theme.choose("light")
    made = Window(settings)
    made.move(0, 0)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def dialog(window, wait):
    """The window as its key opened it, with nothing in it."""
    found = window.commands.tilt_series
    if not found.isVisible():
        window.activateWindow()
        assert QTest.qWaitForWindowActive(window, 20_000)
        press(window, Qt.Key.Key_A, KEYS)
    assert found.isVisible()
    yield found
    found.tabs.setCurrentIndex(0)
    found.tomogram.clear()
    found.finding.set_tomogram("")
    found.finding.remove(found.finding.request.files)
    wait()
    assert not found.series.rows


@pytest.fixture
def wait(qtbot, window):
    """Until what was changed is read."""

    def is_done() -> bool:
        waits = window.commands.tilt_series.finding.findChild(QTimer).isActive()
        return not (waits or window.jobs.active)

    def done() -> None:
        qtbot.waitUntil(is_done, timeout=20_000)
        QTest.qWait(10)

    return done


@pytest.fixture
def imod(tmp_path):
    return [tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf")]
