"""The colour bar: what the colours mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from evenview.core import colormap
from evenview.core.display import Display
from evenview.gui.desk import Desk
from evenview.gui.theme import theme
from evenview.render.theme import DARK, LIGHT
from evenview.tasks.drawing.scale import Scale, number

#: Height of the strips above the scenes, which the bar leaves free.
STRIP = 36
#: A unit is broken between words, or within one that is too long.
WORDS = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignBottom.value
ANYWHERE = WORDS | Qt.TextFlag.TextWrapAnywhere.value
#: Height that a value beside the bar needs.
ROOM = 40
#: Length of the point on an end of the bar with values beyond it.
POINT = 9.0


TIP = "The triangle marks the bin under the pointer. A pointed end says that values lie beyond it."


class ColorBar(QWidget):
    """The colours from low to high with their values, the unit, and the neutral of empty bins."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._display: Display | None = None
        self.setFixedWidth(80)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setToolTip(TIP)
        desk.document.display_changed.connect(self._on_display)
        desk.pointed.connect(lambda _direction: self.update())
        desk.after_changed.connect(lambda _after: self.update())
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Narrow and tall."""
        return QSize(80, 240)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        self._display = after
        unit, about = after.layer.unit, after.layer.about
        told = " ".join(part for part in (about, TIP) if part)
        self.setToolTip(told if self.title(unit) == unit else f"{unit}. {told}")
        self.update()

    def title(self, unit: str) -> str:
        """The unit, without its middle where it is too long for the room above the bar."""
        room, metrics = self._title_room, self.fontMetrics()
        kept, shown = len(unit), unit
        wrap = self._wrap(unit)
        while kept > 2 and metrics.boundingRect(room, wrap, shown).height() > room.height():
            kept -= 1
            shown = f"{unit[: (kept + 1) // 2]}…{unit[len(unit) - kept // 2 :]}"
        return shown

    def _wrap(self, unit: str) -> int:
        """Flags to break a unit by."""
        widths = map(self.fontMetrics().horizontalAdvance, unit.split())
        return WORDS if max(widths, default=0) <= self._title_room.width() else ANYWHERE

    @property
    def _title_room(self) -> QRect:
        return QRect(8, 40, self.width() - 8, 36)

    @property
    def bar(self) -> QRectF:
        """Where the gradient is drawn."""
        return QRectF(8, 84, 14, max(40.0, self.height() - 84 - 64))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the bar."""
        if self._display is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect().adjusted(0, STRIP, 0, 0), QColor(theme.colors.canvas))
        painter.setFont(self.font())
        display, colors = self._display, theme.colors
        painter.setPen(QColor(colors.quiet))
        unit = display.layer.unit
        painter.drawText(self._title_room, self._wrap(unit), self.title(unit))
        self._draw_gradient(painter, display.plan.colormap)
        self._draw_ends(painter, display)
        self._draw_ticks(painter, display)
        self._draw_empty(painter)
        self._draw_pointed(painter, display)
        painter.end()

    def _draw_gradient(self, painter: QPainter, name: str) -> None:
        table = np.ascontiguousarray(colormap.lut(name)[::-1])
        image = QImage(table.tobytes(), 1, 256, 4, QImage.Format.Format_RGBA8888)
        painter.drawImage(self.bar, image)
        painter.setPen(QColor(theme.colors.line))
        painter.drawRect(self.bar)

    def _draw_ends(self, painter: QPainter, display: Display) -> None:
        """A point on an end beyond which there are values, in the colour that they have."""
        low, high = display.limits
        values = self._values(display)
        table = colormap.lut(display.plan.colormap)
        bar = self.bar
        painter.setPen(QColor(theme.colors.line))
        for there, y, step, color in (
            (np.any(values > high), bar.top(), -POINT, table[-1]),
            (np.any(values < low), bar.bottom(), POINT, table[0]),
        ):
            if there:
                painter.setBrush(QColor(*(int(part) for part in color)))
                tip = QPointF(bar.center().x(), y + step)
                corners = [QPointF(bar.left(), y), tip, QPointF(bar.right(), y)]
                painter.drawPolygon(QPolygonF(corners))

    def _values(self, display: Display) -> NDArray[np.float64]:
        after = display.after_values if self._desk.after else None
        return display.layer.values if after is None else after

    def _draw_ticks(self, painter: QPainter, display: Display) -> None:
        scale = Scale(*display.limits, display.scale)
        marked = display.layer.marked
        one = marked if marked is not None and scale.holds(marked) else None
        for value in scale.minor():
            self._draw_tick(painter, self._y(value, display), 2.0)
        others = scale.major(max(3, int(self.bar.height() / ROOM)))
        painter.setPen(QColor(theme.colors.quiet))
        for value in others:
            y = self._y(value, display)
            if one is None or value == one or abs(y - self._y(one, display)) >= ROOM / 2:
                self._draw_value(painter, value, y)
        if one is not None:
            painter.setPen(QColor(theme.colors.text))
            self._draw_tick(painter, self._y(one, display), 4.0, across=True)
            self._draw_value(painter, one, self._y(one, display))

    def _draw_value(self, painter: QPainter, value: float, y: float) -> None:
        self._draw_tick(painter, y, 4.0)
        text = QRectF(self.bar.right() + 8, y - 10, 48, 20)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, number(value))

    def _draw_tick(
        self, painter: QPainter, y: float, length: float, *, across: bool = False
    ) -> None:
        start = self.bar.left() if across else self.bar.right()
        painter.drawLine(QPointF(start, y), QPointF(self.bar.right() + length, y))

    def _draw_empty(self, painter: QPainter) -> None:
        red, green, blue, _ = (DARK if theme.colors.dark else LIGHT).empty_bytes
        swatch = QRectF(8, self.bar.bottom() + 24, 14, 14)
        painter.fillRect(swatch, QColor(red, green, blue))
        painter.setPen(QColor(theme.colors.line))
        painter.drawRect(swatch)
        painter.setPen(QColor(theme.colors.quiet))
        text = QRectF(swatch.right() + 8, swatch.top() - 3, 48, 20)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, "empty")

    def _draw_pointed(self, painter: QPainter, display: Display) -> None:
        index = self._desk.bin
        values = self._values(display)
        if index is None or not np.isfinite(values[index]):
            return
        y = self._y(float(values[index]), display)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors.text))
        x = self.bar.left() - 1
        painter.drawPolygon(
            QPolygonF([QPointF(x, y), QPointF(x - 6, y - 4), QPointF(x - 6, y + 4)])
        )

    def _y(self, value: float, display: Display) -> float:
        place = colormap.positions(np.array([value]), *display.limits, display.scale)[0]
        return self.bar.bottom() - float(np.clip(place, 0, 1)) * self.bar.height()
