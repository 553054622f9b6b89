"""The words in the plot of the trade, and how long its axis is for them to be told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSizeF
from PyQt6.QtGui import QColor

from evenview.core.tilting import GOOD
from evenview.gui.free_corner import along, corners, edges, filled, freest, pixels
from evenview.gui.text import share, whole
from evenview.gui.theme import theme

Floats = NDArray[np.float64]

#: Parts of the curve's width: the room for dots at both ends, and how near the threshold is seen.
SPARE, NEAR = 0.06, 0.5
#: SCF* that the curve's width counts as at least.
LEAST_WIDTH = 0.002
#: An axis at least so long has SCF* in two digits, a shorter one in three.
LONG = 0.1
#: Pixels of a plot that is wide enough for two long lines.
WIDE = 280.0
#: Pixels between the threshold and its name.
NEXT = 3.0


@dataclass(frozen=True)
class Place:
    """A thinning in the plot: SCF*, effective particles, and the part of the particles kept."""

    scf_star: float
    effective: float
    kept: float

    def words(self, whole_effective: float, digits: int, *, narrow: bool) -> str:
        """As a label, in two lines or four narrow ones, with so many digits of SCF*."""
        dot, space = ("\n", "\n") if narrow else (" · ", " ")
        return (
            f"SCF* {self.scf_star:.{digits}f}{dot}{share(self.kept, 1.0, 0)} kept\n"
            f"{whole(self.effective)} effective{space}"
            f"({share(self.effective, whole_effective)})"
        )


class TradeWords:
    """The name of the threshold and that of a place, where they cover neither line nor dot."""

    def __init__(self, box: pg.ViewBox) -> None:
        self._box = box
        self.label, self.good = pg.TextItem(""), pg.TextItem("")

    def color(self) -> None:
        """Take the colours in force."""
        colors = theme.colors
        self.good.setColor(colors.quiet)
        self.label.setColor(colors.text)
        back = QColor(colors.window)
        back.setAlpha(150)
        self.label.fill = pg.mkBrush(back)

    def say(self, line: Floats, place: Place | None, whole_effective: float) -> None:
        """Name the threshold and a place of a curve `line` (K, 2), which may be empty."""
        self.label.setVisible(len(line) > 0 and place is not None)
        self.good.setVisible(len(line) > 0)
        if not len(line):
            return
        low, high = self._box.viewRange()[0]
        self.good.setText(_name(low, high))
        drawn = self._drawn(line, place)
        taken = self._put(self.good, self._beside_threshold(), drawn)
        if place is not None:
            digits, narrow = 2 if high - low >= LONG else 3, self._room.width() < WIDE
            self.label.setText(place.words(whole_effective, digits, narrow=narrow))
            drawn = np.vstack([drawn, filled(taken)])
            self._put(self.label, edges(_size(self.label), self._room), drawn)

    def _drawn(self, line: Floats, place: Place | None) -> Floats:
        """(K, 2) pixels of the curve, of the threshold, and of a place."""
        low, high = self._box.viewRange()[1]
        upright = np.array([[GOOD, low], [GOOD, high]])
        dots = [[place.scf_star, place.effective]] if place is not None else []
        lines = [along(pixels(self._box, points)) for points in (line, upright)]
        return np.vstack([*lines, pixels(self._box, np.reshape(dots, (-1, 2)))])

    def _beside_threshold(self) -> tuple[QPointF, ...]:
        """Where its name may stand: at its line, or at the end of the axis it lies beyond."""
        size, (low, high) = _size(self.good), self._box.viewRange()[0]
        upper_right, lower_left, lower_right, upper_left = corners(size, self._room)
        if high < GOOD:
            return lower_right, upper_right
        if low > GOOD:
            return lower_left, upper_left
        x = float(pixels(self._box, np.array([[GOOD, 0.0]]))[0, 0])
        sides = (x - size.width() - NEXT, x + NEXT)
        inside = [at for at in sides if 0.0 <= at <= self._room.width() - size.width()]
        heights = (lower_left.y(), upper_left.y())
        return tuple(QPointF(at, y) for y in heights for at in inside or sides[:1])

    def _put(self, words: pg.TextItem, places: tuple[QPointF, ...], drawn: Floats) -> QRectF:
        """Move words to where they cover least; the rectangle that they take."""
        box = freest(_size(words), places, drawn)
        words.setPos(self._box.mapToView(box.topLeft()))
        return box

    @property
    def _room(self) -> QSizeF:
        return QSizeF(self._box.size())


def fitted(curve: Floats, *places: float) -> tuple[float, float]:
    """The ends of an axis as long as a curve (K,) and what is set, with the threshold if near."""
    low, high = float(curve[0]), float(curve[-1])
    width = max(high - low, LEAST_WIDTH)
    near = (GOOD,) if low - NEAR * width <= GOOD <= high + NEAR * width else ()
    shown = (low, high, *places, *near)
    return min(shown) - SPARE * width, max(shown) + SPARE * width


def _name(low: float, high: float) -> str:
    """Of the threshold; where it lies beyond an end of the axis an arrow points there."""
    words = f"good from {GOOD:g}"
    if high < GOOD:
        return f"{words} →"
    return f"← {words}" if low > GOOD else words


def _size(words: pg.TextItem) -> QSizeF:
    return QSizeF(words.boundingRect().size())
