"""Slices of the window that aligns maps: which axis is drawn where, and how large they are."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtTest import QTest

from evenview.gui.aligning.pictures import AXES, SIDES
from evenview.gui.aligning.slices import SlicesView
from evenview.tasks.align_look import Sight
from gui_hands import choose

BOX = 32
#: A blob's place from the middle of the box, in voxels: x, y and z are told apart.
PLACE = {"x": 4, "y": 8, "z": 12}


def blob() -> np.ndarray:
    z, y, x = np.mgrid[:BOX, :BOX, :BOX] - BOX // 2
    away = (x - PLACE["x"]) ** 2 + (y - PLACE["y"]) ** 2 + (z - PLACE["z"]) ** 2
    return np.exp(-away / 4.0).astype(np.float32)


@pytest.fixture
def view(qtbot):
    view = SlicesView()
    qtbot.addWidget(view)
    view.resize(900, 520)
    view.show()
    values = blob()
    view.show_sight(Sight(values, values, values * 0.9, 2.0, 8.0, 0.0, 0.1))
    for axis, slider in view.sliders.items():
        slider.set_value(BOX // 2 + PLACE[axis])
    return view


def brightest(view) -> np.ndarray:
    """Where the first picture is brightest, in voxels to the right and up from its middle."""
    QTest.qWait(50)
    pictures = view.pictures
    rect = pictures.boxes[0].sceneBoundingRect()
    image = pictures.grab().toImage()
    width, height = int(rect.width()), int(rect.height())
    grey = np.array(
        [
            [image.pixelColor(int(rect.x()) + i, int(rect.y()) + j).lightness()
             for i in range(width)]
            for j in range(height)
        ]
    )  # fmt: skip
    grey[:3], grey[-3:], grey[:, :3], grey[:, -3:] = 0, 0, 0, 0  # the border
    rows, columns = np.nonzero(grey >= grey.max() - 2)
    return np.array([columns.mean() / width - 0.5, 0.5 - rows.mean() / height]) * BOX - 0.5


@pytest.mark.parametrize("axis", AXES)
def test_axes_are_drawn_where_their_names_stand(view, axis):
    """Voxel k is drawn from k to k + 1, so that its middle is half a voxel on."""
    choose(view.plane, axis)
    right, up = SIDES[axis]
    np.testing.assert_allclose(brightest(view), [PLACE[right], PLACE[up]], atol=0.75)
    names = view.pictures
    picture = names.boxes[0].sceneBoundingRect()
    beside, below = names.up.sceneBoundingRect(), names.right.sceneBoundingRect()
    assert names.up.text == f"{up} ↑"
    assert beside.right() <= picture.left() + 1
    assert names.right.text == f"{right} →"
    assert below.top() >= picture.bottom() - 1


def test_pictures_grow_with_the_room_there_is(view):
    before = view.pictures.boxes[0].sceneBoundingRect().width()
    view.resize(1500, 800)
    QTest.qWait(50)
    assert view.pictures.boxes[0].sceneBoundingRect().width() > 1.5 * before


def test_how_large_the_difference_is_stands_below(view):
    assert "10\N{NO-BREAK SPACE}%" in view.key.text()
    view.before.click()
    assert "is 0\N{NO-BREAK SPACE}%" in view.key.text()
