"""Slices through the reference, a map laid over it, and where the two differ."""

from __future__ import annotations

import numpy as np
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from evenview.gui.aligning.pictures import AXES, KINDS, SIDES, Pictures, Tile
from evenview.gui.fields import Choice, SliderField
from evenview.gui.text import significant
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, quiet, row, text_button, wrapped
from evenview.tasks.align_look import Sight

#: A plane of all three maps, or a map in all three planes.
PLANES = {
    "z": "Across z",
    "y": "Across y",
    "x": "Across x",
    "reference": "All three of the reference",
    "map": "All three of the map",
    "difference": "All three of the difference",
}
PLANE_TIP = (
    "Slices of all maps in one plane, or of one map in the three planes. The wheel over a picture "
    "goes from slice to slice."
)
SCALES = {"half": "± half of the densities", "own": "± its own range"}
SCALE_TIP = (
    "The ends of the colours of the difference: half of the range of grey levels, the same for all "
    "maps, or the largest difference of this map, which shows small ones."
)
NAMES = {"reference": "Reference", "difference": "Map minus reference"}
BEFORE_TIP = "The map where it was, centre on centre (B)."
AFTER_TIP = "The map where it comes to lie (B)."
KEY = (
    "The largest difference is {0} of the reference's range. Densities are those of its file, all "
    "filtered to {1} Å, and each shell of the map has the amplitudes of the reference."
)
NOT_YET = "The slices are being prepared."
#: Pixels that the row of pictures needs at least.
_LEAST = 480


class SlicesView(QWidget):
    """Three pictures for each plane that is shown, and a slider for each."""

    def __init__(self) -> None:
        super().__init__()
        self._sight: Sight | None = None
        self.plane = Choice(PLANES.items(), PLANE_TIP)
        self.plane.setAccessibleName("Slices")
        self.before = text_button("Before", BEFORE_TIP, self._draw, checkable=True)
        self.after = text_button("After", AFTER_TIP, self._draw, checkable=True)
        self.after.setChecked(True)
        self._which = QButtonGroup(self)
        for button in (self.before, self.after):
            self._which.addButton(button)
        self.scale = Choice(SCALES.items(), SCALE_TIP)
        self.scale.setAccessibleName("Scale of the difference")
        self._of_scale = quiet("Difference", SCALE_TIP)
        self.sliders = {axis: _slider(axis) for axis in AXES}
        self.pictures = Pictures(self._step)
        self.key = wrapped(quiet())
        self._names = {axis: quiet(axis) for axis in AXES}
        self._lay_out()
        self.plane.chosen.connect(lambda _key: self._show_planes())
        self.scale.chosen.connect(lambda _key: self._draw())
        for axis, slider in self.sliders.items():
            slider.changed.connect(lambda _value, _moving, axis=axis: self._draw_plane(axis))
        self._key = QShortcut(QKeySequence("B"), self)
        self._key.activated.connect(self._swap)
        theme.changed.connect(self._draw)
        self._show_planes()

    def show_sight(self, sight: Sight | None) -> None:
        """Draw a map; None while it is not known. The places of the slices stay where they can."""
        if sight is not None and sight is self._sight:
            return
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
        self._draw()

    def _half(self, sight: Sight) -> float:
        """The difference at the ends of its colours."""
        low, high = sight.levels
        if self.scale.key == "half":
            return (high - low) / 2.0
        largest = sight.largest_before if self.before.isChecked() else sight.largest_after
        return max(largest * sight.span, 1e-6 * (high - low))

    def _name_scales(self, sight: Sight) -> None:
        (low, high), half = sight.levels, self._half(sight)
        grey = (significant(low, 2), "density", significant(high, 2))
        signed = (significant(-half, 2), "density", f"+{significant(half, 2)}")
        self.pictures.name_scales(grey, signed)

    def _lay_out(self) -> None:
        bar = row(self.plane, self.before, self.after, 1, self._of_scale, self.scale)
        bar.insertSpacing(1, STEP)
        below = row()
        for axis in AXES:
            below.addWidget(self._names[axis])
            below.addWidget(self.sliders[axis], 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        self.plane.setMinimumContentsLength(20)
        self.scale.setMinimumContentsLength(20)
        column.addLayout(bar)
        column.addWidget(self.pictures, 1)
        column.addLayout(below)
        column.addWidget(self.key)
        self.setMinimumWidth(_LEAST)

    @property
    def _tiles(self) -> tuple[Tile, ...]:
        """What is drawn."""
        key = self.plane.key
        if key in AXES:
            return tuple((key, kind) for kind in KINDS)
        return tuple((axis, kind) for axis in AXES for kind in KINDS if kind == key)

    def _show_planes(self) -> None:
        shown = {axis for axis, _ in self._tiles}
        for axis in AXES:
            self.sliders[axis].setVisible(axis in shown)
            self._names[axis].setVisible(axis in shown)
        has_difference = any(kind == "difference" for _, kind in self._tiles)
        for part in (self._of_scale, self.scale):
            part.setVisible(has_difference)
        self._draw()

    def _swap(self) -> None:
        (self.after if self.before.isChecked() else self.before).setChecked(True)
        self._draw()

    def _step(self, axis: str, steps: int) -> None:
        slider = self.sliders[axis]
        slider.set_value(slider.value + steps)
        self._draw_plane(axis)

    def _draw(self) -> None:
        self._tell()
        laid = "Map, before" if self.before.isChecked() else "Map, aligned"
        names = {**NAMES, "map": laid}
        if self.plane.key in AXES:
            titles = [names[kind] for _, kind in self._tiles]
        else:
            titles = [f"Across {axis}: {SIDES[axis][0]} →, {SIDES[axis][1]} ↑" for axis in AXES]
        self.pictures.show_tiles(self._tiles, tuple(titles))
        for axis in AXES:
            self._draw_plane(axis)

    def _tell(self) -> None:
        """How large the difference is that is drawn: a good fit looks empty."""
        sight = self._sight
        if sight is not None:
            self._name_scales(sight)
            largest = sight.largest_before if self.before.isChecked() else sight.largest_after
            part = f"{significant(100.0 * largest, 2)}\N{NO-BREAK SPACE}%"
            self.key.setText(KEY.format(part, significant(sight.resolution)))

    def _draw_plane(self, axis: str) -> None:
        sight = self._sight
        if sight is None:
            return
        other = sight.before if self.before.isChecked() else sight.after
        index = round(self.sliders[axis].value)
        (low, high), half = sight.levels, self._half(sight)
        for place, (across, kind) in enumerate(self.pictures.tiles):
            if across != axis:
                continue
            still, laid = (np.take(v, index, AXES.index(axis)) for v in (sight.reference, other))
            values = {"reference": still, "map": laid, "difference": laid - still}[kind]
            self.pictures.draw(
                place, values, (-half, half) if kind == "difference" else (low, high)
            )


def _slider(axis: str) -> SliderField:
    field = SliderField(0, 1, 1, whole=True)
    field.explain(f"Slice across {axis}", f"Which slice across {axis} is drawn, from 0.")
    field.box.setFixedWidth(7 * STEP)
    return field
