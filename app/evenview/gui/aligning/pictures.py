"""Pictures of slices through three maps, side by side, for each plane that is shown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QResizeEvent, QWheelEvent

from evenview.gui.theme import theme
from evenview.gui.widgets import STEP

Singles = NDArray[np.float32]

AXES = ("z", "y", "x")
#: What is drawn to the right and upwards in a slice across each.
SIDES = {"z": ("x", "y"), "y": ("x", "z"), "x": ("y", "z")}
BEFORE, AFTER = "Before", "Aligned"
_LEAST = 260
#: Pixels for names above and beside the pictures.
_BAND = 24


class Pictures(pg.GraphicsView):
    """A row of three pictures for each plane, as large as fits, with names above and axes beside.

    Parameters
    ----------
    step
        Called with an axis and a number of slices to go by.
    """

    def __init__(self, step: Callable[[str, int], None]) -> None:
        super().__init__()
        self._step = step
        self.setMinimumSize(_LEAST, _LEAST // 2)
        self.setAccessibleName("Slices of reference, map and difference")
        self.images = {
            axis: [pg.ImageItem(axisOrder="row-major") for _ in range(3)] for axis in AXES
        }
        self.boxes = {axis: [_box(image) for image in self.images[axis]] for axis in AXES}
        self._titles = [pg.LabelItem(name) for name in ("Reference", AFTER, "Difference")]
        self._sides = {
            axis: pg.LabelItem(f"{right} → &nbsp; {up} ↑", angle=-90)
            for axis, (right, up) in SIDES.items()
        }
        self._sizes = dict.fromkeys(AXES, (1.0, 1.0))
        self._shown: tuple[str, ...] = ()
        for item in (
            *self._titles,
            *self._sides.values(),
            *chain.from_iterable(self.boxes.values()),
        ):
            self.scene().addItem(item)
        self.color()

    def show_planes(self, shown: tuple[str, ...]) -> None:
        """Lay these planes out, one below the other."""
        self._shown = shown
        for axis in AXES:
            for item in (self._sides[axis], *self.boxes[axis]):
                item.setVisible(axis in shown)
        self._place()

    def set_sides(self, sides: tuple[int, int, int]) -> None:
        """Voxels along z, y, x."""
        long = dict(zip(AXES, map(float, sides), strict=True))
        self._sizes = {axis: (long[SIDES[axis][0]], long[SIDES[axis][1]]) for axis in AXES}
        self._place()

    def shows(self, axis: str) -> bool:
        """Whether the slices across an axis are drawn."""
        return axis in self._shown

    def name_second(self, name: str) -> None:
        """What the picture in the middle is."""
        self._titles[1].setText(name, color=theme.colors.quiet)

    def draw(
        self,
        axis: str,
        slices: tuple[Singles, ...],
        levels: tuple[tuple[float, float], ...],
    ) -> None:
        """Draw the three slices of a plane, (rows, columns) from below."""
        rows, columns = slices[0].shape
        for box, image, values, ends in zip(
            self.boxes[axis], self.images[axis], slices, levels, strict=True
        ):
            image.setImage(values, levels=ends, autoLevels=False)
            box.setRange(QRectF(0, 0, columns, rows), padding=0.0)

    def clear(self) -> None:
        """Draw nothing."""
        for image in chain.from_iterable(self.images.values()):
            image.clear()

    def color(self) -> None:
        """The colours of the theme: no difference is the colour of the ground."""
        colors = theme.colors
        self.setBackground(colors.window)
        ends = ("#4da3ff", "#ff9a3c") if colors.dark else ("#1557b0", "#b54708")
        stops = [QColor(color) for color in (ends[0], colors.canvas, ends[1])]
        between = pg.ColorMap([0.0, 0.5, 1.0], stops)
        for images in self.images.values():
            images[2].setLookupTable(between.getLookupTable(nPts=256))
        for box in chain.from_iterable(self.boxes.values()):
            box.setBorder(pg.mkPen(colors.line))
        for label in (*self._titles, *self._sides.values()):
            label.setText(label.text, color=colors.quiet)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Lay all out anew."""
        super().resizeEvent(event)
        if hasattr(self, "_shown"):  # pyqtgraph resizes while it is made
            self._place()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """From slice to slice of the plane under the pointer."""
        if event is None:
            return
        at = self.mapToScene(event.position().toPoint())
        for axis in self._shown:
            if any(box.sceneBoundingRect().contains(at) for box in self.boxes[axis]):
                self._step(axis, 1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def height_for(self, width: int) -> int:
        """Pixels that the pictures fill at most in a width."""
        return round(_BAND + self._side(width) * sum(self._ratios) + self._gaps + 2)

    @property
    def _ratios(self) -> list[float]:
        """Height of each row of pictures over their width."""
        return [self._sizes[axis][1] / self._sizes[axis][0] for axis in self._shown]

    @property
    def _gaps(self) -> int:
        return STEP * max(0, len(self._shown) - 1)

    def _side(self, width: int) -> float:
        return max((width - _BAND - 2 * STEP - 1) / 3, 1.0)

    def _place(self) -> None:
        """Three columns of one width, each row as high as its slices are."""
        ratios = self._ratios
        if not ratios:
            return
        high = self.height() - _BAND - self._gaps - 1
        side = max(min(self._side(self.width()), high / sum(ratios)), 1.0)
        places = [_BAND + column * (side + STEP) for column in range(3)]
        for title, x in zip(self._titles, places, strict=True):
            title.setGeometry(QRectF(x, 0, side, _BAND))
        y = float(_BAND)
        for axis, ratio in zip(self._shown, ratios, strict=True):
            self._sides[axis].setGeometry(QRectF(0, y, _BAND, side * ratio))
            for box, x in zip(self.boxes[axis], places, strict=True):
                box.setGeometry(QRectF(x, y, side, side * ratio))
            y += side * ratio + STEP


def _box(image: pg.ImageItem) -> pg.ViewBox:
    box = pg.ViewBox(lockAspect=True, enableMouse=False, enableMenu=False)
    box.addItem(image)
    return box


def _image() -> pg.ImageItem:
    return pg.ImageItem(axisOrder="row-major")
