"""Slices through the reference, a map laid over it, and where the two differ."""

from __future__ import annotations

import numpy as np
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from evenview.gui.aligning.pictures import AFTER, AXES, BEFORE, Pictures
from evenview.gui.fields import Choice, SliderField
from evenview.gui.text import significant
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, quiet, row, text_button, wrapped
from evenview.tasks.align_look import Sight

PLANES = {"z": "Across z", "y": "Across y", "x": "Across x", "all": "All three"}
PLANE_TIP = "Which slices are drawn. The wheel over a picture goes from slice to slice."
BEFORE_TIP = "The map where it was, centre on centre (B)."
AFTER_TIP = "The map where it comes to lie (B)."
KEY = (
    "Filtered to {0} Å, each shell with the amplitudes of the reference; grey levels are shared. "
    "Difference: {1} where the map has less than the reference, {2} where it has more; full colour "
    "at half the grey range."
)
NOT_YET = "The slices are being prepared."
LESS, MORE = "blue", "orange"
#: Part of the voxels that may be darker than black, and brighter than white.
_DARKEST, _BRIGHTEST = 0.02, 0.9995


class SlicesView(QWidget):
    """Three pictures for each plane that is shown, and a slider for each."""

    def __init__(self) -> None:
        super().__init__()
        self._sight: Sight | None = None
        self._levels = (0.0, 1.0)
        self.plane = Choice(PLANES.items(), PLANE_TIP)
        self.plane.setAccessibleName("Slices")
        self.before = text_button("Before", BEFORE_TIP, self._draw, checkable=True)
        self.after = text_button("After", AFTER_TIP, self._draw, checkable=True)
        self.after.setChecked(True)
        self._which = QButtonGroup(self)
        for button in (self.before, self.after):
            self._which.addButton(button)
        self.sliders = {axis: _slider(axis) for axis in AXES}
        self.pictures = Pictures(self._step)
        self.key = wrapped(quiet())
        self._names = {axis: quiet(axis) for axis in AXES}
        self._lay_out()
        self.plane.chosen.connect(lambda _key: self._show_planes())
        for axis, slider in self.sliders.items():
            slider.changed.connect(lambda _value, _moving, axis=axis: self._draw_plane(axis))
        self._key = QShortcut(QKeySequence("B"), self)
        self._key.activated.connect(self._swap)
        theme.changed.connect(self._color)
        self._show_planes()

    def show_sight(self, sight: Sight | None) -> None:
        """Draw a map; None while it is not known. The places of the slices stay where they can."""
        new_box = sight is not None and (
            self._sight is None or self._sight.reference.shape != sight.reference.shape
        )
        self._sight = sight
        self.setEnabled(sight is not None)
        if sight is None:
            self.pictures.clear()
            self.key.setText(NOT_YET)
            return
        if new_box:
            for axis, count in zip(AXES, sight.reference.shape, strict=True):
                self.sliders[axis].reset(0, count - 1, 1)
                self.sliders[axis].set_value(count // 2)
            self.pictures.set_sides(sight.reference.shape)
            self._fit()
        both = np.stack([sight.reference.ravel()[::7], sight.after.ravel()[::7]])
        low, high = np.quantile(both, [_DARKEST, _BRIGHTEST])
        self._levels = (float(low), float(max(high, low + 1e-12)))
        self.key.setText(KEY.format(significant(sight.resolution), LESS, MORE))
        self._color()
        self._draw()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The key stays below the pictures."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.pictures.setMaximumHeight(self.pictures.height_for(self.width()))

    def _lay_out(self) -> None:
        bar = row(self.plane, self.before, self.after, 1)
        bar.insertSpacing(1, STEP)
        for axis in AXES:
            bar.addWidget(self._names[axis])
            bar.addWidget(self.sliders[axis], 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addLayout(bar)
        column.addWidget(self.pictures, 100)
        column.addWidget(self.key)
        column.addStretch(1)

    def _show_planes(self) -> None:
        shown = AXES if self.plane.key == "all" else (self.plane.key,)
        for axis in AXES:
            self.sliders[axis].setVisible(axis in shown)
            self._names[axis].setVisible(axis in shown)
        self.pictures.show_planes(shown)
        self._fit()
        self._draw()

    def _swap(self) -> None:
        (self.after if self.before.isChecked() else self.before).setChecked(True)
        self._draw()

    def _step(self, axis: str, steps: int) -> None:
        slider = self.sliders[axis]
        slider.set_value(slider.value + steps)
        self._draw_plane(axis)

    def _draw(self) -> None:
        self.pictures.name_second(BEFORE if self.before.isChecked() else AFTER)
        for axis in AXES:
            self._draw_plane(axis)

    def _draw_plane(self, axis: str) -> None:
        sight = self._sight
        if sight is None or not self.pictures.shows(axis):
            return
        other = sight.before if self.before.isChecked() else sight.after
        index = round(self.sliders[axis].value)
        still, laid = (np.take(v, index, axis=AXES.index(axis)) for v in (sight.reference, other))
        low, high = self._levels
        half = (high - low) / 2.0
        levels = ((low, high), (low, high), (-half, half))
        self.pictures.draw(axis, (still, laid, laid - still), levels)

    def _color(self) -> None:
        self.pictures.color()
        self._draw()


def _slider(axis: str) -> SliderField:
    field = SliderField(0, 1, 1, whole=True)
    field.explain(f"Slice across {axis}", f"Which slice across {axis} is drawn, from 0.")
    field.box.setFixedWidth(7 * STEP)
    return field
