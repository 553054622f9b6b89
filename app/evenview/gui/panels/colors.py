"""Colours: the choices of what is coloured, and how."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QSignalBlocker, QSize
from PyQt6.QtGui import QIcon, QImage, QPixmap
from PyQt6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from evenview.core import colormap
from evenview.core.display import Display
from evenview.core.plan import ColorRange
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice, style_box
from evenview.gui.text import TIMES
from evenview.gui.widgets import STEP, quiet

QUANTITIES = (
    ("density", f"Density ({TIMES} uniform)"),
    ("count", "Particles a bin"),
    ("significance", "Significance (σ)"),
    ("sampling", "Fourier sampling"),
    ("value", "Value of a view"),
)
RANGES = (
    ("auto", "Automatic range"),
    ("percentile", "Percentiles"),
    ("fixed", "Fixed range"),
)
MAP_NOTES = {"turbo": "turbo", "jet": "jet (uneven)"}


class ColorControls(QWidget):
    """One strip: the quantity, scale, colour map and range."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._desk = desk
        self.quantity = Choice(
            QUANTITIES,
            "What is coloured. Density per area in multiples of uniform is the one measure that "
            "does not depend on the grid; significance asks whether chance alone could do it; "
            "Fourier sampling shows the directions of Fourier space that the views fill; value "
            "says which views are redundant and which are precious.",
        )
        self.quantity.setMinimumContentsLength(16)
        self.quantity.chosen.connect(self._color_by)
        self.scale = Choice(
            [("log", "Log"), ("linear", "Linear")],
            "A log scale shows the weak and the crowded views together. A linear one shows only "
            "the crowd.",
        )
        self.scale.setMinimumContentsLength(5)
        self.scale.chosen.connect(lambda key: self._edit("Colour scale", scale=key))
        self.colormap = Choice(
            [(name, MAP_NOTES.get(name, name)) for name in colormap.NAMES],
            "viridis and cividis are even to the eye and safe for colour-blind readers. jet is "
            "here because cryoSPARC's plot uses it.",
        )
        self.colormap.setIconSize(QSize(48, 10))
        self._draw_maps()
        self.colormap.setMinimumContentsLength(9)
        self.colormap.chosen.connect(lambda key: self._edit("Colour map", colormap=key))
        self.range = Choice(
            RANGES,
            "From the emptiest to the fullest occupied bin, between two percentiles, or fixed so "
            "that several data sets can be compared.",
        )
        self.range.setMinimumContentsLength(13)
        self.range.chosen.connect(self._set_range)
        self.low, self.high = self._limit("low", "lowest"), self._limit("high", "highest")
        self.dash = quiet("–")
        for choice, name in (
            (self.quantity, "Colour by"),
            (self.scale, "Colour scale"),
            (self.colormap, "Colour map"),
            (self.range, "Colour range"),
        ):
            choice.setAccessibleName(name)
        self._lay_out()
        desk.document.display_changed.connect(self._on_display)
        desk.document.opened.connect(self._list_quantities)
        desk.document.beside_changed.connect(self._list_quantities)

    def _limit(self, end: str, which: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(-1e9, 1e9)
        style_box(box, width=80)
        box.setToolTip(f"The {which} value that has a colour of its own.")
        box.setAccessibleName(f"The {which} colour")
        box.valueChanged.connect(lambda value: self._set_limit(end, value))
        return box

    def _draw_maps(self) -> None:
        for index in range(self.colormap.count()):
            table = np.ascontiguousarray(colormap.lut(str(self.colormap.itemData(index))))
            image = QImage(table.tobytes(), 256, 1, 1024, QImage.Format.Format_RGBA8888)
            self.colormap.setItemIcon(index, QIcon(QPixmap.fromImage(image.scaled(48, 10))))

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(STEP, STEP // 2, STEP, STEP // 2)
        line.setSpacing(STEP)
        parts: tuple[QWidget, ...] = (
            QLabel("Colour by"), self.quantity, self.scale, self.colormap, self.range,
            self.low, self.dash, self.high,
        )  # fmt: skip
        for part in parts:
            line.addWidget(part)
        line.addStretch(1)

    def _list_quantities(self) -> None:
        document = self._desk.document
        if document.particles is None:
            return
        beside = document.beside
        fields = [(f"field:{field.key}", field.title) for field in beside.fields.values()]
        rows = [(f"rows:{values.key}", values.title) for values in beside.rows.values()]
        columns = document.particles.table.numeric_columns
        means = [(f"mean:{name}", f"Mean of {name}") for name in columns]
        self.quantity.set_items([*QUANTITIES, *fields, *rows, *means])
        if document.display is not None:
            self.quantity.show_key(document.display.quantity)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        plan = after.plan
        self.quantity.show_key(after.quantity)
        self.scale.show_key(after.scale)
        self.scale.setEnabled(after.layer.loggable)
        self.colormap.show_key(plan.colormap)
        self.range.show_key(plan.colors.kind)
        shown = plan.colors.kind != "auto"
        for part in (self.low, self.dash, self.high):
            part.setVisible(shown)
        unit = "%" if plan.colors.kind == "percentile" else ""
        for box, value in ((self.low, plan.colors.low), (self.high, plan.colors.high)):
            with QSignalBlocker(box):
                box.setDecimals(_decimals(plan.colors))
                box.setSingleStep(10.0 ** -_decimals(plan.colors) if not unit else 1.0)
                box.setSuffix(f" {unit}" if unit else "")
                box.setValue(value)

    def _set_range(self, kind: str) -> None:
        display = self._desk.display
        if kind == "fixed" and display is not None:
            low, high = display.limits
            colors = ColorRange("fixed", float(f"{low:.3g}"), float(f"{high:.3g}"))
        elif kind == "percentile":
            colors = ColorRange("percentile", 1.0, 99.0)
        else:
            colors = ColorRange()
        self._edit("Colour range", colors=colors)

    def _set_limit(self, end: str, value: float) -> None:
        colors = self._desk.document.plan.colors
        changed = replace(colors, low=value) if end == "low" else replace(colors, high=value)
        if changed.low > changed.high:  # typed the wrong way round
            changed = replace(changed, low=changed.high, high=changed.low)
        self._edit("Colour range", colors=changed)

    def _color_by(self, quantity: str) -> None:
        self._desk.document.edit("Colour by", lambda plan: edits.color_by(plan, quantity))

    def _edit(self, label: str, **changes: object) -> None:
        self._desk.document.edit(label, lambda plan: replace(plan, **changes))  # type: ignore[arg-type]


def _decimals(colors: ColorRange) -> int:
    """So many that three digits of the smaller limit are seen."""
    sizes = [abs(value) for value in (colors.low, colors.high) if value]
    return int(np.clip(2 - np.floor(np.log10(min(sizes, default=1.0))), 1, 8))
