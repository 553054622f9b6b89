"""Slices: which axis is drawn where, how large they are, and what of the maps they show."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from align_hands import (
    click,
    image,
)
from evenview.gui.aligning.pictures import AXES, SIDES
from evenview.gui.aligning.slices import SlicesView
from evenview.tasks.align_look import Sight
from gui_hands import choose

EDGE = 32
#: A blob's place from the middle of the box, in voxels: x, y and z are told apart.
PLACE = {"x": 4, "y": 8, "z": 12}


def blob() -> np.ndarray:
    z, y, x = np.mgrid[:EDGE, :EDGE, :EDGE] - EDGE // 2
    away = (x - PLACE["x"]) ** 2 + (y - PLACE["y"]) ** 2 + (z - PLACE["z"]) ** 2
    return np.exp(-away / 4.0).astype(np.float32)


@pytest.fixture
def view(qtbot):
    view = SlicesView()
    qtbot.addWidget(view)
    view.resize(900, 520)
    view.show()
    values = blob()
    view.show_sight(Sight(values, values, values * 0.9, 2.0, 8.0, 0.0, 0.1, (0.0, 1.0), 1.0))
    for axis, slider in view.sliders.items():
        slider.set_value(EDGE // 2 + PLACE[axis])
    return view


def brightest(view) -> np.ndarray:
    """Where the first picture is brightest, in voxels to the right and up from its middle."""
    QTest.qWait(50)
    pictures = view.pictures
    rect = pictures.boxes[0].sceneBoundingRect()
    drawn = pictures.grab().toImage()
    width, height = int(rect.width()), int(rect.height())
    grey = np.array(
        [
            [drawn.pixelColor(int(rect.x()) + i, int(rect.y()) + j).lightness()
             for i in range(width)]
            for j in range(height)
        ]
    )  # fmt: skip
    grey[:3], grey[-3:], grey[:, :3], grey[:, -3:] = 0, 0, 0, 0  # the border
    rows, columns = np.nonzero(grey >= grey.max() - 2)
    return np.array([columns.mean() / width - 0.5, 0.5 - rows.mean() / height]) * EDGE - 0.5


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


def test_slices_show_that_the_difference_goes_away(aligned):
    click(aligned.found.slices.after)
    after = np.abs(image(aligned, 2)).max()
    np.testing.assert_allclose(image(aligned, 2), image(aligned, 1) - image(aligned, 0), atol=1e-4)
    QTest.keyClick(aligned, Qt.Key.Key_B)
    assert aligned.found.slices.before.isChecked()
    assert np.abs(image(aligned, 2)).max() > 4 * after
    QTest.keyClick(aligned, Qt.Key.Key_B)
    assert np.abs(image(aligned, 2)).max() == after


def test_the_slider_goes_through_the_map_with_grey_levels_kept(aligned):
    slider = aligned.found.slices.sliders["z"]
    slider.box.setFocus()
    slider.box.selectAll()
    QTest.keyClicks(slider.box, "10")
    QTest.keyClick(slider.box, Qt.Key.Key_Return)
    reference = aligned.aligning.sight.reference
    np.testing.assert_array_equal(image(aligned, 0), reference[10])
    still, laid, _ = (item.levels for item in aligned.found.slices.pictures.images)
    np.testing.assert_array_equal(still, laid)
    np.testing.assert_allclose(
        np.corrcoef(image(aligned, 0).ravel(), image(aligned, 1).ravel())[0, 1], 1.0, atol=0.05
    )


def test_three_planes_of_the_difference_have_one_scale(aligned):
    slices = aligned.found.slices
    choose(slices.plane, "difference")
    levels = {tuple(item.levels) for item in slices.pictures.images}
    ((low, high),) = levels
    assert low == -high
    assert [slider.isVisible() for slider in slices.sliders.values()] == [True] * 3
    sight = aligned.aligning.sight
    for place, axis in enumerate(AXES):
        index = round(slices.sliders[axis].value)
        shown = np.take(sight.after - sight.reference, index, place)
        np.testing.assert_allclose(image(aligned, place), shown, atol=1e-4)
    choose(slices.plane, "z")


def test_the_difference_can_fill_its_own_scale(aligned):
    slices, sight = aligned.found.slices, aligned.aligning.sight
    choose(slices.plane, "z")
    choose(slices.scale, "own")
    low, high = slices.pictures.images[2].levels
    np.testing.assert_allclose(high, np.abs(sight.after - sight.reference).max(), rtol=1e-5)
    assert low == -high
    choose(slices.plane, "map")
    assert not slices.scale.isVisible()
    choose(slices.plane, "z")
    choose(slices.scale, "half")
    assert slices.pictures.images[2].levels[1] > high
