"""The views of particles on two spheres, before and after their map was moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QResizeEvent

from evenview.gui.discs import LEGEND, NAME, Discs, Floats, Pair
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP
from evenview.render.camera import FILL, SphereView
from evenview.tasks.align_views import Views

NAMES = ("Before", "After")
TIP = (
    "Density of the viewing directions as multiples of uniform, as stored before and as written "
    "after. Both show the same particles: drag one and both turn; arrow keys turn them, a double "
    "click or R turns them back. The axes are those of the map on the left and of the reference on "
    "the right."
)
#: Degrees a press.
TURN = 10.0
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
#: Bounds of the colours at least this far from uniform.
NARROWEST = 2.0


class ViewDiscs(Discs):
    """Two spheres that are turned together by the mouse or by keys."""

    def __init__(self) -> None:
        super().__init__(NAMES, "uniform", two_sided=False)
        self._camera = SphereView(reach=2.0 * FILL)  # the sphere fills its square
        self._held: QPointF | None = None
        self.setToolTip(TIP)
        self.setAccessibleName("Viewing directions of the particles before and after")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.look(self._camera.rotation)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """No higher than the spheres are at the width there is."""
        super().resizeEvent(event)
        self.setMaximumHeight((self.width() - 3 * STEP) // 2 + NAME + LEGEND)

    def show_views(self, views: Views | None) -> None:
        """Draw the density of views; None draws nothing."""
        if views is None:
            self.show_pair(None)
            return
        both = (views.before, views.after)
        self.take_turn(views.turn)
        self.show_pair(Pair(views.grid.index_of, both, _limits(np.concatenate(both))))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of a sphere."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        """Let go."""
        self._held = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, _event: QMouseEvent | None) -> None:
        """Look as at the start."""
        self._take(SphereView(reach=2.0 * FILL))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Turn what is held, or read what is pointed at."""
        if event is None:
            return
        if self._held is not None:
            disc = self.disc(0 if self._held.x() < self.width() / 2 else 1)
            ends = (self._held - disc.topLeft(), event.position() - disc.topLeft())
            camera = replace(self._camera, size=(self.diameter, self.diameter))
            self._take(camera.dragged(*((end.x(), end.y()) for end in ends)))
            self._held = event.position()
        self.mark(self.direction_at(event.position()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, _event: QEvent | None) -> None:
        """Point at nothing."""
        self.mark(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows turn, R looks as at the start."""
        if event is None:
            return
        key = Qt.Key(event.key())
        if key in ARROWS:
            right, up = ARROWS[key]
            self._take(self._camera.turned(TURN * right, TURN * up))
        elif key == Qt.Key.Key_R and not event.modifiers():
            self._take(SphereView(reach=2.0 * FILL))
        else:
            super().keyPressEvent(event)

    def _take(self, camera: SphereView) -> None:
        self._camera = camera
        self.look(camera.rotation)

    def _paint_disc(self, painter: QPainter, place: int) -> None:
        """With the ends of the axes on this side."""
        super()._paint_disc(painter, place)
        disc, colors = self.disc(place), theme.colors
        for name, seen in zip("XYZ", self._rotations[place].T, strict=True):
            if seen[2] < 0.0:
                continue
            at = disc.center() + QPointF(seen[0], -seen[1]) * (disc.width() / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.window))
            painter.drawEllipse(at, STEP, STEP)
            painter.setPen(QColor(colors.text))
            wide = painter.fontMetrics().horizontalAdvance(name)
            high = painter.fontMetrics().capHeight()
            painter.drawText(at + QPointF(-wide / 2, high / 2), name)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _limits(values: Floats) -> tuple[float, float]:
    """From the emptiest of the bins with particles to the fullest, 1 well inside."""
    there = values[np.isfinite(values)]
    if not there.size:
        return 1.0 / NARROWEST, NARROWEST
    low, high = float(np.quantile(there, 0.02)), float(there.max())
    return min(low, 1.0 / NARROWEST), max(high, NARROWEST)
