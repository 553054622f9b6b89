"""Three pictures of slices side by side: three maps in one plane, or one map in three planes.

The first voxel is at the lower left, as in 3dmod and ChimeraX: x goes to the right and y up in a
slice across z.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QResizeEvent, QWheelEvent

from evenview.gui.aligning.scale import SCALE, Scale
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP

Singles = NDArray[np.float32]
Kind = Literal["reference", "map", "difference"]
#: The axis that a slice is across, and what is drawn.
Tile: TypeAlias = tuple[str, Kind]

AXES = ("z", "y", "x")
KINDS: tuple[Kind, ...] = ("reference", "map", "difference")
#: What is drawn to the right and upwards in a slice across each: as they lie in (Z, Y, X).
SIDES = {"z": ("x", "y"), "y": ("x", "z"), "x": ("y", "z")}
_LEAST = 260
#: Pixels for names above and beside the pictures, and for that of the axis below.
_BAND, _LINE = 28, 16
#: Pixels of height that are not the pictures'.
_AROUND = _BAND + _LINE + SCALE + 1


class Pictures(pg.GraphicsView):
    """A row of pictures, as large as fits, with names above, axes beside and scales below.

    Parameters
    ----------
    step
        Called with an axis and a number of slices to go by.

    Attributes
    ----------
    tiles
        What the pictures are, from left to right.
    images
        As many.
    up, right
        Names of the axes that go up and to the right where all are of one plane.
    """

    def __init__(self, step: Callable[[str, int], None]) -> None:
        super().__init__()
        self._step = step
        self.setMinimumSize(_LEAST, _LEAST // 2)
        self.setAccessibleName("Slices of reference, map and difference")
        self.tiles: tuple[Tile, ...] = tuple(("z", kind) for kind in KINDS)
        self.images = [pg.ImageItem(axisOrder="row-major") for _ in self.tiles]
        self.boxes = [_box(image) for image in self.images]
        self._titles = [pg.LabelItem("") for _ in self.tiles]
        self.up, self.right = pg.LabelItem(""), pg.LabelItem("")
        self._long = dict.fromkeys(AXES, 1.0)
        self._grey, self._signed = Scale(), Scale()
        for item in (*self._titles, self.up, self.right, *self.boxes, self._grey, self._signed):
            self.scene().addItem(item)
        self.color()

    def show_tiles(self, tiles: tuple[Tile, ...], names: tuple[str, ...]) -> None:
        """What the pictures are to be, and what stands above them."""
        self.tiles = tiles
        for label, name in zip(self._titles, names, strict=True):
            label.setText(name, color=theme.colors.quiet)
        axes = {axis for axis, _ in tiles}
        right, up = SIDES[tiles[0][0]] if len(axes) == 1 else ("", "")
        self.up.setText(f"{up} ↑" if up else "", color=theme.colors.quiet)
        self.right.setText(f"{right} →" if right else "", color=theme.colors.quiet)
        self.color()
        self._place()

    def set_sides(self, sides: tuple[int, int, int]) -> None:
        """Voxels along z, y, x."""
        self._long = dict(zip(AXES, map(float, sides), strict=True))
        self._place()

    def draw(self, place: int, values: Singles, levels: tuple[float, float]) -> None:
        """Draw a slice, (rows, columns) from below."""
        rows, columns = values.shape
        self.images[place].setImage(values, levels=levels, autoLevels=False)
        self.boxes[place].setRange(QRectF(0, 0, columns, rows), padding=0.0)

    def name_scales(self, grey: tuple[str, str, str], signed: tuple[str, str, str]) -> None:
        """What the ends and the middle of the scales are."""
        for scale, words in ((self._grey, grey), (self._signed, signed)):
            scale.words = words
            scale.update()

    def clear(self) -> None:
        """Draw nothing."""
        self.name_scales(("", "", ""), ("", "", ""))
        for image in self.images:
            image.clear()

    def color(self) -> None:
        """The colours of the theme: no difference is the colour of the ground."""
        colors = theme.colors
        self.setBackground(colors.window)
        ends = ("#4da3ff", "#ff9a3c") if colors.dark else ("#1557b0", "#b54708")
        self._grey.stops = [QColor("black"), QColor("white")]
        self._signed.stops = [QColor(color) for color in (ends[0], colors.canvas, ends[1])]
        signed = pg.ColorMap([0.0, 0.5, 1.0], self._signed.stops).getLookupTable(nPts=256)
        for image, (_, kind) in zip(self.images, self.tiles, strict=True):
            image.setLookupTable(signed if kind == "difference" else None)
        for box in self.boxes:
            box.setBorder(pg.mkPen(colors.line))
        for label in (*self._titles, self.up, self.right):
            label.setText(label.text, color=colors.quiet)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Lay all out anew."""
        super().resizeEvent(event)
        if hasattr(self, "_signed"):  # pyqtgraph resizes while it is made
            self._place()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """From slice to slice of the picture under the pointer."""
        if event is None:
            return
        at = self.mapToScene(event.position().toPoint())
        for (axis, _), box in zip(self.tiles, self.boxes, strict=True):
            if box.sceneBoundingRect().contains(at):
                self._step(axis, 1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    @property
    def _ratios(self) -> list[float]:
        """Height of each picture over its width."""
        sides = [SIDES[axis] for axis, _ in self.tiles]
        return [self._long[up] / self._long[right] for right, up in sides]

    def _place(self) -> None:
        """Columns of one width, each as high as its slice is, in the middle of the room."""
        ratios = self._ratios
        wide, high = self.width() - _BAND - 2 * STEP - 1, self.height() - _AROUND
        side = max(min(wide / 3, high / max(ratios)), 1.0)
        left, over = (max(spare / 2, 0.0) for spare in (wide - 3 * side, high - side * max(ratios)))
        top = over + _BAND
        places = [left + _BAND + column * (side + STEP) for column in range(3)]
        for title, box, x, ratio in zip(self._titles, self.boxes, places, ratios, strict=True):
            title.setGeometry(QRectF(x, over, side, _BAND))
            box.setGeometry(QRectF(x, top, side, side * ratio))
        below = top + side * max(ratios)
        self.up.setGeometry(QRectF(left, top, _BAND, side * ratios[0]))
        self.right.setGeometry(QRectF(places[0], below, side, _LINE))
        below += _LINE
        for scale, is_signed in ((self._grey, False), (self._signed, True)):
            own = [x for x, (_, kind) in zip(places, self.tiles, strict=True)
                   if (kind == "difference") is is_signed]  # fmt: skip
            scale.setVisible(bool(own))
            if own:
                scale.place(QRectF(own[0], below, own[-1] + side - own[0], SCALE))


def _box(image: pg.ImageItem) -> pg.ViewBox:
    box = pg.ViewBox(lockAspect=True, enableMouse=False, enableMenu=False)
    box.addItem(image)
    return box
