"""The two histograms of a comparison, their scale, and the limit of agreement."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QDoubleSpinBox, QLabel, QVBoxLayout, QWidget

from evenview.gui.compare_found import Compared
from evenview.gui.comparing import Comparing
from evenview.gui.fields import Choice, style_box
from evenview.gui.panels.compare_plot import ErrorPlot, Scale
from evenview.gui.theme import theme
from evenview.gui.widgets import STEP, mark, row

DIRECTION = (
    "The angle between the directions of view of A and B, after the turn that was found and at the "
    "best of the equivalent poses."
)
IN_PLANE = (
    "The turn in the plane of the image that is left between A and B. The logarithmic scale shows "
    "its size, the linear one its sign, too."
)
WITHIN = (
    "Particles agree whose whole angle is at most this. Automatic is where it is likelier than not "
    "that the poses agree. The dashed line shows it; drag it."
)
SCALES = (("log", "Log angles"), ("linear", "Even angles"))


class CompareSpread(QWidget):
    """How errors spread; what is changed here is the limit, and the numbers follow."""

    def __init__(self, comparing: Comparing) -> None:
        super().__init__()
        self._comparing = comparing
        self._shown: Compared | None = None
        self.direction = ErrorPlot("direction error", DIRECTION)
        self.inplane = ErrorPlot("in-plane error", IN_PLANE)
        self.scale = Choice(SCALES, "The scale of the degrees: logarithmic or even.")
        self.scale.setAccessibleName("Scale of the errors")
        self.scale.setMinimumContentsLength(9)
        self.scale.chosen.connect(lambda _key: self._draw())
        self.within = QDoubleSpinBox()
        self.within.setDecimals(2)
        self.within.setRange(0.0, 180.0)
        self.within.setSingleStep(0.5)
        style_box(self.within, width=16 * STEP)
        self.within.setPrefix("within ")
        self.within.setSuffix("°")
        self.within.setSpecialValueText("limit: automatic")
        self.within.setAccessibleName("Agree within")
        self.within.setToolTip(WITHIN)
        self.within.valueChanged.connect(lambda value: comparing.agree_within(value or None))
        self.readout = QLabel()
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        mark(self.readout, "quiet", True)
        self.readout.setMinimumWidth(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP // 2, STEP, 0)
        column.setSpacing(STEP // 2)
        column.addLayout(row(self.within, 1, self.scale))
        column.addWidget(self.readout)
        for plot in (self.direction, self.inplane):
            column.addWidget(plot, 1)
            plot.said.connect(self._say)
            plot.limited.connect(self._drag)
        comparing.changed.connect(self._show)
        theme.changed.connect(self._on_theme)
        self._say("")

    def _show(self) -> None:
        compared = self._comparing.compared
        if compared is self._shown:
            return
        self._shown = compared
        if compared is None:
            return
        with QSignalBlocker(self.within):
            self.within.setValue(compared.result.request.outputs.over or 0.0)
        self._draw()

    def _draw(self) -> None:
        compared = self._shown
        if compared is None:
            return
        scale: Scale = "log" if self.scale.key == "log" else "linear"
        for plot, name in ((self.direction, "direction_error"), (self.inplane, "inplane_error")):
            plot.show_spreads(compared.spreads[name], scale)
            plot.show_limit(compared.result.limit)

    def _drag(self, degrees: float, moving: bool) -> None:
        for plot in (self.direction, self.inplane):
            plot.show_limit(degrees)
        if moving:
            self._say(f"agree within {degrees:.2f}°")
        else:
            self._comparing.agree_within(round(degrees, 2))

    def _on_theme(self) -> None:
        self._say("")

    def _say(self, words: str) -> None:
        """What is under the pointer, else which colour is what."""
        colors = theme.colors
        key = "&ensp; ".join(
            f'<span style="color: {color}">{sign}</span>&nbsp;{name}'
            for color, sign, name in (
                (colors.accent, "■", "particles"),
                (colors.quiet, "─", "by chance"),
                (colors.text, "┆", "limit"),
            )
        )
        self.readout.setText(words.replace("<", "&lt;") or key)
