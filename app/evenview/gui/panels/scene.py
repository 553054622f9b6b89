"""What the sphere's and the chart's panels share: gestures in, colours and outlines out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from evenview.core import colormap
from evenview.core.display import Display
from evenview.core.selection import Step
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.panels.title import SceneTitle
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, row
from evenview.render.chart import ChartScene
from evenview.render.gestures import GestureResult, Tool
from evenview.render.pointer import Pointer
from evenview.render.sphere import SphereScene
from evenview.render.theme import DARK, LIGHT, Theme

#: One press of the zoom key.
ZOOM = 1.15


class ScenePanel(QWidget):
    """A strip of controls above a scene."""

    def __init__(
        self, desk: Desk, scene: SphereScene | ChartScene, name: str, strip: list[QWidget]
    ) -> None:
        super().__init__()
        self._desk = desk
        self.scene = scene
        self._shown: Display | None = None
        self._base: tuple[Step, ...] | None = None
        self._marked = ""
        self._clicked = False
        self.native: QWidget = scene.canvas.native
        self.native.setMinimumSize(200, 160)
        self.native.setMouseTracking(True)
        self.native.installEventFilter(self)
        self.native.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.title = SceneTitle(desk, name, self.native)
        self._lay_out(self.title.label, 1, *strip)
        scene.pointed.connect(self._on_pointed)
        scene.gestured.connect(self._on_gestured)
        scene.set_tool(desk.tool)
        desk.tool_changed.connect(self._take_tool)
        desk.after_changed.connect(lambda _after: self._repaint())
        desk.pointed.connect(self._show_pointed)
        desk.document.display_changed.connect(self._on_display)
        theme.changed.connect(self._retheme)
        self._retheme()

    def _lay_out(self, *strip: QWidget | int) -> None:
        bar = QWidget()
        bar.setObjectName("strip")
        line = row(*strip, gap=2)
        line.setContentsMargins(STEP, 2, STEP, 2)
        bar.setLayout(line)
        bar.setFixedHeight(36)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.native, 1)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Tell the scene when the pointer leaves, which vispy does not; take its keys."""
        if watched is not self.native or event is None:
            return False
        if event.type() == QEvent.Type.Leave:
            self.scene.leave()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(Qt.Key(event.key()))
        return False

    def _key(self, key: Qt.Key) -> bool:
        """Plus and minus zoom while the scene has the focus; True if the key was used."""
        factor = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
        if key in factor:
            self.scene.zoom_by(factor[key])
        return key in factor

    def close_scene(self) -> None:
        """Give the canvas up, when the window closes."""
        theme.changed.disconnect(self._retheme)
        self.native.removeEventFilter(self)
        self.scene.close()

    def cancel_gesture(self) -> bool:
        """Forget what is being drawn, and what it has selected; True if there was something."""
        base, label = self._base, self._marked
        self._base, self._marked = None, ""
        self.scene.cancel_gesture()
        if base is not None:
            self._desk.measured.emit("")
        if base is not None and label:
            self._desk.document.edit(label, lambda plan: edits.select_again(plan, base))
        return base is not None

    def _take_tool(self, tool: Tool) -> None:
        self.cancel_gesture()
        self.scene.set_tool(tool)

    def _on_pointed(self, pointer: Pointer) -> None:
        direction = None if pointer.direction is None else np.array(pointer.direction)
        self._desk.point(direction)
        if self._clicked and direction is not None:
            self._clicked = False
            self._desk.picked.emit(direction)

    def _on_gestured(self, result: GestureResult) -> None:
        if self._base is None:
            self._base, self._marked = self._desk.document.plan.selection, ""
        base = self._base
        self._desk.measured.emit("" if result.done else result.text)
        if result.done:
            self._base = None
        if result.region is None:
            return
        region, mode = result.region, result.mode
        self._marked = edits.select_label(region, mode)
        self._desk.document.edit(
            self._marked,
            lambda plan: edits.select(plan, region, mode, base),
            transient=not result.done,
        )
        self._clicked = result.done and self._desk.tool == "point"

    def _on_display(self, before: Display | None, after: Display) -> None:
        self._shown = after
        fresh = before is None or before.binning.grid is not after.binning.grid
        if fresh:
            self._base, self._marked = None, ""
            self.scene.set_grid(after.binning.grid)
        if fresh or before is None or before.selected is not after.selected:
            self.scene.set_selected(after.selected)
        if fresh or before is None or self._colors(before) is not self._colors(after):
            self._repaint()

    def _colors(self, display: Display) -> NDArray[np.uint8]:
        return display.after_colors if self._desk.after else display.colors

    def _repaint(self) -> None:
        if self._shown is not None:
            self.scene.set_colors(with_empty(self._colors(self._shown), self.scene.theme))

    def _show_pointed(self, direction: NDArray[np.float64] | None) -> None:
        """Mark the bin under the pointer, wherever the pointer is."""

    def _retheme(self) -> None:
        self.scene.set_theme(DARK if theme.colors.dark else LIGHT)
        self._repaint()


def with_empty(colors: NDArray[np.uint8], scene_theme: Theme) -> NDArray[np.uint8]:
    """(B, 4) colours with the theme's neutral for empty bins, faint outside the unit shown."""
    empty = np.array(scene_theme.empty_bytes, dtype=np.float64)
    ground = 255 * np.array(scene_theme.background)
    share = colormap.OUTSIDE[3] / 255
    painted = colors.copy()
    painted[(colors == colormap.EMPTY).all(axis=1)] = empty
    painted[(colors == colormap.OUTSIDE).all(axis=1)] = share * empty + (1 - share) * ground
    return painted
