"""Where in a plot a few words cover the least of what is drawn."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSizeF

Floats = NDArray[np.float64]

#: Pixels between words and the frame, and between words and what is drawn.
EDGE, AWAY = 4.0, 6.0
#: Pixels between two places that are tried.
STRIDE = 12.0
#: Pixels between two places of a line that are looked at.
FINE = 3.0


def corners(size: QSizeF, room: QSizeF) -> tuple[QPointF, ...]:
    """The left upper ends of words of a size in the corners of a plot: upper right, lower left,
    lower right, upper left. All in pixels."""
    left, top = EDGE, EDGE
    right = max(left, room.width() - size.width() - EDGE)
    low = max(top, room.height() - size.height() - EDGE)
    return QPointF(right, top), QPointF(left, low), QPointF(right, low), QPointF(left, top)


def edges(size: QSizeF, room: QSizeF) -> tuple[QPointF, ...]:
    """The corners, then places between them at the right and at the left edge, then between."""
    found = corners(size, room)
    right, low, top = found[0].x(), found[1].y(), found[0].y()
    heights = np.arange(low, top, -STRIDE)
    columns = (EDGE, right, *np.arange(EDGE, right, STRIDE))
    return *found, *(QPointF(float(x), float(y)) for x in columns for y in heights)


def freest(size: QSizeF, places: tuple[QPointF, ...], drawn: Floats) -> QRectF:
    """The words' rectangle at that of the places which covers fewest of the points `drawn`
    (K, 2), in pixels; of equals the first."""

    def covered(place: QPointF) -> int:
        box = QRectF(place, size).adjusted(-AWAY, -AWAY, AWAY, AWAY)
        x, y = drawn.T
        inside = (x > box.left()) & (x < box.right()) & (y > box.top()) & (y < box.bottom())
        return int(inside.sum())

    best, least = places[0], covered(places[0])
    for place in places[1:]:
        if not least:
            break
        count = covered(place)
        if count < least:
            best, least = place, count
    return QRectF(best, size)


def pixels(box: pg.ViewBox, points: Floats) -> Floats:
    """(K, 2) pixels of a plot's box of places (K, 2) in the plot."""
    (left, right), (low, high) = box.viewRange()
    x = (points[:, 0] - left) / max(right - left, 1e-12) * box.width()
    y = (high - points[:, 1]) / max(high - low, 1e-12) * box.height()
    return np.column_stack([x, y])


def along(line: Floats) -> Floats:
    """(M, 2) pixels close to each other along a line of pixels (K, 2)."""
    if len(line) < 2:
        return line
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    places = np.linspace(0.0, way[-1], max(2, int(way[-1] / FINE)))
    return np.column_stack([np.interp(places, way, line[:, k]) for k in (0, 1)])


def filled(box: QRectF) -> Floats:
    """(M, 2) pixels all over a rectangle."""
    x = np.arange(box.left(), box.right() + FINE, FINE)
    y = np.arange(box.top(), box.bottom() + FINE, FINE)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
