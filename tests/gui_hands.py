"""Hands for the window's tests: a made crowd, and real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit

from evenview.core.grid import parse_grid
from evenview.gui.app import make_app
from evenview.gui.settings import Settings
from evenview.gui.theme import theme
from evenview.gui.window import Window


def unit(azimuth: float, elevation: float) -> np.ndarray:
    """The direction of degrees."""
    az, el = np.radians([azimuth, elevation])
    return np.array([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)])


#: The bin of HEALPix order 4 with the crowd of `hot_star`, away from the lines of the graticule.
GRID = parse_grid("healpix:4")
HOT_BIN = int(GRID.index_of(unit(40.0, 20.0)[None])[0])
HOT = GRID.centers[HOT_BIN]
AZIMUTH = float(np.degrees(np.arctan2(HOT[1], HOT[0])))
ELEVATION = float(np.degrees(np.arcsin(HOT[2])))


def hot_angles(n: int = 3000) -> np.ndarray:
    """(n, 3) rot, tilt, psi: half of them within 0.3° of one direction, half uniform."""
    rng = np.random.default_rng(7)
    rot, psi = rng.uniform(-180, 180, (2, n))
    tilt = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    hot = np.arange(n) % 2 == 0
    rot[hot] = AZIMUTH + rng.normal(0, 0.1, hot.sum())
    tilt[hot] = 90 - ELEVATION + rng.normal(0, 0.1, hot.sum())
    return np.column_stack([rot, tilt, psi])


@contextmanager
def shown(settings: Settings) -> Iterator[Window]:
    """A window in front of all others, with nothing in it."""
    make_app(settings)
    theme.choose("light")
    window = Window(settings)
    window.move(0, 0)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window, 20_000)
    yield window
    if window.isVisible():
        window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def place(panel, direction) -> QPoint:
    """The pixel of a direction in a scene."""
    xy = panel.scene.xy_of(direction)
    assert xy is not None
    return QPoint(round(xy[0]), round(xy[1]))


def click(panel, direction, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    """Click a direction with the real mouse button."""
    point = place(panel, direction)
    QTest.mouseMove(panel.native, point)
    QTest.mouseClick(panel.native, Qt.MouseButton.LeftButton, modifier, point)
    QTest.qWait(20)


def drag(panel, points: list[QPoint], button=Qt.MouseButton.LeftButton) -> None:
    """Press, move along the points, release."""
    QTest.mousePress(panel.native, button, pos=points[0])
    for point in points[1:]:
        QTest.qWait(12)  # vispy drops moves that follow each other faster than a hand
        _move(panel, point, button)
    QTest.mouseRelease(panel.native, button, pos=points[-1])
    QTest.qWait(20)


def _move(panel, point: QPoint, button) -> None:
    """QTest.mouseMove tells of no held button, so the event is made by hand."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(point),
        QPointF(panel.native.mapToGlobal(point)),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(panel.native, event)


def press(window: Window, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key in the window."""
    QTest.keyClick(window, key, modifier)
    QTest.qWait(20)


def type_symmetry(window: Window, name: str) -> None:
    """Type a point group into its field, and Enter."""
    field = window.data.symmetry
    field.setFocus()
    field.lineEdit().selectAll()
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)


def choose(combo, key: str) -> None:
    """Choose an item of a list, as a hand does."""
    combo.setCurrentIndex(combo.findData(key))
    combo.activated.emit(combo.currentIndex())


def answer(name: str) -> None:
    """Type a name into the file dialog that will come, and Enter, once it has read its folder."""

    def type_it() -> None:
        dialog = QApplication.activeModalWidget()
        there = isinstance(dialog, QFileDialog) and dialog.isVisible()
        if there:
            line = dialog.findChild(QLineEdit)
            line.setCompleter(None)  # whose list would take the Enter
            line.selectAll()
            QTest.keyClicks(line, name)
            QTest.keyClick(line, Qt.Key.Key_Return)
        if not there or dialog.isVisible():
            QTimer.singleShot(200, type_it)

    QTimer.singleShot(200, type_it)
