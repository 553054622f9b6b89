"""Hands for the window that aligns maps, and a made molecule whose motion is known."""

from __future__ import annotations

import mrcfile
import numpy as np
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview.core import rotation
from gui_hands import hot_angles
from made import shifted, write_star
from made_maps import before, chain, density, noisy, write

LEFT = Qt.MouseButton.LeftButton
KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
BOX, SIZE = 24, 4.0
SHAPE = (BOX, BOX, BOX)
#: A turn of 8°, to be found among those of up to 12°: tests of the search itself try them all.
(TURN,) = rotation.to_matrix(rotation.from_axis_angle(np.array([[2.0, -1.0, 3.0]]), [8.0]))
SHIFT, MOST = np.array([4.0, -6.0, 2.5]), "12"
#: Degrees and Å within which maps of so few voxels are laid over each other.
NEAR, CLOSE = 0.4, 0.2


def molecule(flipped=None, noise=1):
    """The reference, or the map that the motion takes to it."""
    points, weights = chain(4, 30.0, 200)
    if flipped is not None:
        points = before(points, TURN, SHIFT, flipped)
    return noisy(density(points, weights, SHAPE, SIZE, 4.0), 0.05, noise)


def write_maps(folder):
    """A reference, two maps, one of a group, and particles."""
    write(folder / "reference.mrc", molecule(), SIZE)
    write(folder / "same.mrc", molecule(False, 2), SIZE)
    write(folder / "other.mrc", molecule(True, 3), SIZE)
    write(folder / "half.mrc", molecule(True, 4), SIZE)
    shifted(write_star(folder / "run_data.star", hot_angles(300)))
    return folder


def broken(path, kind):
    """A map that is none: a stack, with voxels that are no numbers, without a voxel size."""
    values = molecule()
    if kind == "nan":
        values[3, 4, 5] = np.nan
    write(path, values, 0.0 if kind == "size" else SIZE)
    if kind == "stack":
        with mrcfile.open(path, "r+") as file:
            file.set_image_stack()
    return path


def opened(window, qtbot):
    """The window that aligns maps, opened by its key, with its form in front."""
    QTest.keyClick(window, Qt.Key.Key_M, KEYS)
    dialog = window.commands.align
    qtbot.waitUntil(dialog.isVisible)
    qtbot.waitUntil(dialog.isActiveWindow)
    if dialog.again.isVisible():
        click(dialog.again)
    return dialog


def click(button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)
    QTest.qWait(20)


def clear(dialog) -> None:
    """Take all inputs away."""
    for card in list(dialog.inputs.cards):
        click(card.drop)
    inputs = dialog.inputs
    for line in (inputs.reference.line, inputs.soft_mask.line, inputs.pixel_size, inputs.angle):
        type_in(line, "")


def type_in(line, text: str) -> None:
    """Write something else into a line, as a hand does."""
    line.setFocus()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)


def paste(line, text: str) -> None:
    """Put something else into a line, as a hand does that has it in the clipboard."""
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(text)
    line.setFocus()
    line.selectAll()
    line.paste()


def drop(dialog, *paths, on=None) -> None:
    """Drop files on the window, in the middle of a part of it or beside all fields."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    at = QPoint(4, 4) if on is None else on.mapTo(dialog, on.rect().center())
    dialog.dropEvent(QDropEvent(QPointF(at), action, mime, LEFT, none))


def copied() -> str:
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    return clipboard.text()


def as_numbers(text: str) -> list[float]:
    for word in ("−", ",", "(", ")"):
        text = text.replace(word, "-" if word == "−" else " ")
    return [float(word) for word in text.split()]


def image(dialog, column: int) -> np.ndarray:
    return dialog.found.slices.pictures.images[column].image


def show(dialog, page: str) -> None:
    """Turn to a page by its tab."""
    tabs = dialog.found.chosen
    bar = tabs.tabBar()
    place = next(i for i in range(tabs.count()) if tabs.tabText(i).startswith(page))
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    QTest.qWait(20)
