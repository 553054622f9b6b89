"""The drawing of a series: which, at what tilt, and as which package reads it."""

from __future__ import annotations

from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from evenview.core.tilt.drawing import TiltDrawing, drawing
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.series import TiltSeries
from evenview.gui.fields import Choice, SliderField
from evenview.gui.text import degrees, typeset
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.slab import SlabView
from evenview.gui.tilt_series.views import SideView, TopView
from evenview.gui.widgets import STEP, quiet, row, wrapped

SERIES = "Which of the series is drawn."
READ_BY = (
    "The package that reads the same axis and the same angle. In the other sense of tilt the same "
    "numbers make a tomogram that is mirrored in z."
)
TILT = "Degrees, with the sign of the file. The slab turns with it."
#: Of the largest tilt of a series, where the slider begins.
BEGIN = 0.5
FLAT = "Untilted, both sides are as much underfocused."
UNKNOWN = (
    "Which side is less underfocused (nearer to focus) is not known: measure it at Defocus and "
    "hand. The arrow is how the right edge turns from the untilted specimen."
)


class DrawingPart(QWidget):
    """Two drawings, a slider and two choices."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self._drawn: TiltSeries | None = None
        self.series = Choice[str](tip=SERIES)
        self.series.setAccessibleName("Series")
        self.series.setMinimumContentsLength(5)
        self.series.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.package = Choice([(k, f"As read by {p.title}") for k, p in PACKAGES.items()], READ_BY)
        self.package.setAccessibleName("As read by")
        self.package.setMinimumContentsLength(14)
        self.package.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tilt = SliderField(-60.0, 60.0, 0.1, unit="°")
        self.tilt.explain("Tilt angle", TILT)
        self.top, self.side = TopView(), SideView()
        self.told = wrapped(quiet())
        self.told.setMinimumHeight(2 * self.told.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        choices = row(self.series, self.package, 0, gap=STEP)
        choices.setStretchFactor(self.series, 1)
        column.addLayout(choices)
        column.addWidget(self.top, 3)
        column.addWidget(self.side, 2)
        column.addLayout(row(quiet("Tilt", TILT), self.tilt))
        column.addWidget(self.told)
        self.series.chosen.connect(lambda _key: self._on_series())
        self.package.chosen.connect(lambda _key: self._draw())
        self.tilt.changed.connect(lambda _value, _moving: self._draw())
        finding.changed.connect(self._show)

    def _show(self) -> None:
        result = self._finding.look.result
        if result is None:
            self._drawn = None
            for view in self._views:
                view.show_drawing(None, 0.0, 0.0)
            return
        self.series.set_items(
            (str(k), f"{s.name}, {PACKAGES[s.package].title}") for k, s in enumerate(result.series)
        )
        self.series.setVisible(len(result.series) > 1)
        if not self.series.key:
            self.series.show_key("0")
        self._on_series()

    @property
    def _views(self) -> tuple[SlabView, ...]:
        return self.top, self.side

    def _on_series(self) -> None:
        """Another series: its own package, and a tilt of its own range."""
        result, place = self._finding.look.result, int(self.series.key or 0)
        if result is None:
            return
        before, now = self._drawn, result.series[place]
        self._drawn = now
        if before is None or _is_other(before, now):
            self.package.show_key(now.package)
            most = float(max(abs(now.angles.min()), abs(now.angles.max()), 1.0))
            self.tilt.reset(-most, most, 0.1, "°")
            self.tilt.set_value(round(BEGIN * most))
        self._draw()

    def _draw(self) -> None:
        series, package, angle = self._drawn, self.package.key, self.tilt.value
        if series is None:
            return
        focus = self._finding.look.focus(int(self.series.key or 0), package)
        x_tilt = float(series.x_tilts.mean())
        made = drawing(package, angle, series.axis, x_tilt, focus.depth_sign)
        for view in self._views:
            view.show_drawing(made, angle, series.axis)
        self.told.setText(_told(made, angle, focus.depth_sign, focus.why))


def _told(made: TiltDrawing, angle: float, sign: int | None, why: str) -> str:
    if sign is None:
        return UNKNOWN
    if made.less_side is None:
        return FLAT
    side = f"the {made.less_side} side is less underfocused (nearer to focus)"
    return typeset(f"At {degrees(angle)} {side}, {why}.")


def _is_other(before: TiltSeries, now: TiltSeries) -> bool:
    return before.files != now.files or before.package != now.package
