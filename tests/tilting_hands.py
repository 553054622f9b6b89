"""Hands at the window on tilt series, and defocus to be pasted there."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit

from made_tilt import ANGLES

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
#: µm, the right side more underfocused at positive tilt: 0.1 µm each way at 45°.
SLANT = 0.1 * np.tan(np.radians(ANGLES))
NOISE = np.random.default_rng(5).normal(0, 0.01, (2, len(ANGLES)))


def click(button) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)
    QTest.qWait(20)


def drop(dialog, *paths) -> None:
    """Let files fall on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    dialog.dropEvent(event)


def tab(dialog, index: int) -> None:
    QTest.mouseClick(dialog.tabs.tabBar(), LEFT, pos=dialog.tabs.tabBar().tabRect(index).center())
    QTest.qWait(20)


def type_into(line, text) -> None:
    """By keys; long names are pasted."""
    line.setFocus()
    line.selectAll()
    if len(str(text)) < 20:
        QTest.keyClicks(line, str(text))
        return
    QApplication.clipboard().setText(str(text))
    QTest.keyClick(line, Qt.Key.Key_V, CTRL)


def type_into_cell(table, row: int, column: int, text: str) -> None:
    """By mouse and keys, in place of what stands there."""
    spot = table.visualItemRect(table.item(row, column)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=spot)
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.qWait(20)


def seen(part) -> str:
    """All words of labels that show."""
    return " ".join(label.text() for label in part.findChildren(QLabel) if label.isVisible())


def cells(table) -> list[list[str]]:
    return [
        [table.item(row, column).text().replace("\n", " ") for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def paste(dialog, text: str) -> None:
    QApplication.clipboard().setText(text)
    table = dialog.defocus.table
    table.setFocus()
    table.setCurrentCell(0, 1)
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)


def three_columns(slant, unit: float = 1e4) -> str:
    """Tilt, left and right: Å, or µm of a `unit` of 1."""
    left, right = (unit * (3 + s * slant + noise) for s, noise in zip((-1, 1), NOISE, strict=True))
    rows = zip(ANGLES, left, right, strict=True)
    return "\n".join(f"{a:g}\t{x:.4f}\t{y:.4f}" for a, x, y in rows)
