"""Sphere: the heat map in three dimensions, named views, pillars, the map inside."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal

from evenview.core import colormap
from evenview.core.display import Display
from evenview.core.symmetry import PointGroup
from evenview.core.volume import Volume, isosurface
from evenview.gui.desk import Desk
from evenview.gui.panels.scene import ScenePanel
from evenview.gui.widgets import icon_button, text_button
from evenview.render.pins import AXES, Pin
from evenview.render.sphere import SphereScene

#: place: (text of the button, key, where that is)
PLACES = {
    "top": ("Top", "Z", "down the Z axis, onto the north pole"),
    "bottom": ("Bot", "Shift+Z", "up the Z axis, onto the south pole"),
    "+x": ("+X", "X", "along X, azimuth 0°"),
    "-x": ("−X", "Shift+X", "along −X, azimuth 180°"),
    "+y": ("+Y", "Y", "along Y, azimuth 90°"),
    "-y": ("−Y", "Shift+Y", "along −Y, azimuth −90°"),
}


#: key: which way it pushes the sphere, right and up
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
#: Degrees a press.
TURN = 5.0


class SpherePanel(ScenePanel):
    """The sphere under a strip of views and layers.

    Signals
    -------
    map_wanted
        A map is to be shown, and none is open.
    """

    map_wanted = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        self._group: PointGroup | None = None
        scene = SphereScene()
        scene.animate = desk.settings.flag("animate", scene.animate)
        self.scene: SphereScene = scene
        views = [
            text_button(
                text,
                f"Look {where} ({key}). The camera turns; the poses stay what they are.",
                partial(scene.look_from, place),
            )
            for place, (text, key, where) in PLACES.items()
        ]
        reset = icon_button(
            "reset",
            "Look as at the start (R). Undoes the zoom too.",
            lambda: scene.look_from("reset"),
        )
        self.graticule = icon_button(
            "graticule",
            "Meridians and parallels (G). A line every 30 degrees, as in the chart.",
            checkable=True,
        )
        self.pillars = icon_button(
            "pillars",
            "Pillars instead of a flat heat map (H). Their height is the quantity shown, as in "
            "RELION's bild files.",
            checkable=True,
        )
        self.map = icon_button(
            "volume",
            "Show a map inside, in the same frame (O). Opens one if none is open.",
            checkable=True,
        )
        layers = (self.graticule, self.pillars, self.map)
        super().__init__(desk, scene, "Sphere", [*views, reset, *layers])
        self.native.setAccessibleName("Sphere of the view directions")
        self.graticule.setChecked(True)
        self.graticule.toggled.connect(scene.set_graticule)
        self.pillars.toggled.connect(lambda _on: self._raise_pillars())
        self.map.toggled.connect(self._toggle_map)
        desk.document.volume_changed.connect(self._on_volume)
        desk.after_changed.connect(lambda _after: self._raise_pillars())

    def _key(self, key: Qt.Key) -> bool:
        """Arrows turn the sphere while it has the focus."""
        if key in ARROWS:
            right, up = ARROWS[key]
            self.scene.turn_by(TURN * right, TURN * up)
            return True
        return super()._key(key)

    def _show_pointed(self, direction: NDArray[np.float64] | None) -> None:
        self.scene.set_hover(self._desk.bin_of(direction))

    def _on_display(self, before: Display | None, after: Display) -> None:
        super()._on_display(before, after)
        if self.pillars.isChecked():
            self._raise_pillars()
        if after.binning.group is not self._group:
            self._group = after.binning.group
            self.scene.set_pins(pins_of(self._group))

    def _raise_pillars(self) -> None:
        if self._shown is None or not self.pillars.isChecked():
            self.scene.set_pillars(None)
            return
        display = self._shown
        values = display.after_values if self._desk.after else display.layer.values
        low, high = display.limits
        bottom = low if display.scale == "log" else min(low, 0.0)
        heights = colormap.positions(values, bottom, high, display.scale)
        self.scene.set_pillars(np.nan_to_num(heights))

    def _toggle_map(self, on: bool) -> None:
        volume = self._desk.document.volume
        if on and volume is None:
            self.map.setChecked(False)
            self.map_wanted.emit()
        else:
            self._draw_map(volume if on else None)

    def _on_volume(self, volume: Volume | None) -> None:
        self.map.blockSignals(True)
        self.map.setChecked(volume is not None)
        self.map.blockSignals(False)
        self._draw_map(volume)

    def _draw_map(self, volume: Volume | None) -> None:
        if volume is None:
            self.scene.set_surface(None, None)
            return
        self._desk.jobs.run(
            "surface",
            "Drawing the map",
            lambda _progress: isosurface(volume),
            lambda surface: self.scene.set_surface(surface.vertices, surface.faces),
            self._desk.failed.emit,
        )


def pins_of(group: PointGroup) -> tuple[Pin, ...]:
    """The axes of the frame, and one end of each symmetry axis."""
    named = [Pin(pin.direction, pin.label + _order_on(group, pin), pin.kind) for pin in AXES]
    others = [
        Pin(direction, str(order), "symmetry")
        for order, direction in group.axes
        if order > 1 and not any(np.allclose(direction, pin.direction) for pin in AXES)
    ]
    return (*named, *others)


def _order_on(group: PointGroup, pin: Pin) -> str:
    for order, direction in group.axes:
        if order > 1 and np.allclose(direction, pin.direction):
            return f" ({order})"
    return ""
