"""Inputs: a choice, a number with a slider, boxes whose figures line up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QSlider, QSpinBox, QWidget

from evenview.gui.widgets import STEP, number_font

#: Any words, or those of a `Literal`.
Key = TypeVar("Key", bound=str)


class Choice(QComboBox, Generic[Key]):
    """A combo box over keys; `chosen` is emitted only by the user's hand."""

    chosen = pyqtSignal(str)

    def __init__(self, items: Iterable[tuple[Key, str]] = (), tip: str = "") -> None:
        super().__init__()
        self._shown = ""
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(lambda _index: self.chosen.emit(self.key))
        self.set_items(items)

    @property
    def key(self) -> Key:
        """The key of the shown item; "" where there is none."""
        return cast(Key, self.currentData() or "")

    def set_items(self, items: Iterable[tuple[Key, str]]) -> None:
        """Replace the items: (key, text) each. The shown key stays if it is still there."""
        key = self.key
        self.clear()
        for item, text in items:
            self.addItem(text, item)
        self.show_key(key)

    def show_key(self, key: str) -> None:
        """Show the item of that key; where anything can be typed, the key itself if it has none."""
        index = self.findData(key)
        if index >= 0 and index != self.currentIndex():
            self.setCurrentIndex(index)
        if self.isEditable():
            self.setEditText(key)
            self._shown = key

    def forget_typed(self) -> None:
        """Show what was there before somebody began to type."""
        self.setEditText(self._shown)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """A wheel over a list of choices scrolls the panel, never changes the choice."""
        if event is not None:
            event.ignore()


class _Slider(QSlider):
    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


@dataclass(frozen=True)
class Scale:
    """How the way of a slider becomes a number: evenly, or in even ratios over long ranges."""

    low: float
    high: float
    step: float

    @property
    def even_ratios(self) -> bool:
        """True over three decades or more."""
        return self.low > 0 and self.high >= 1000 * self.low

    @property
    def positions(self) -> int:
        """The slider's last position; its first is 0."""
        return 400 if self.even_ratios else max(1, round((self.high - self.low) / self.step))

    def number(self, position: int) -> float:
        """The number at a position, a whole multiple of the step."""
        if not self.even_ratios:
            return min(self.low + position * self.step, self.high)
        number = self.low * (self.high / self.low) ** (position / self.positions)
        steps = round(number / self.step)
        return float(min(max(steps * self.step, self.low), self.high))

    def position(self, number: float) -> int:
        """The position nearest to a number."""
        if not self.even_ratios:
            return round((number - self.low) / self.step)
        ratio = math.log(max(number, self.low) / self.low) / math.log(self.high / self.low)
        return round(ratio * self.positions)


class SliderField(QWidget):
    """A slider and a spin box for one number.

    Signals
    -------
    changed
        (value, still moving): by the user's hand only.
    """

    changed = pyqtSignal(float, bool)

    def __init__(
        self, low: float, high: float, step: float, *, whole: bool = False, unit: str = ""
    ) -> None:
        super().__init__()
        self.slider = _Slider()
        self.box: QSpinBox | QDoubleSpinBox = QSpinBox() if whole else QDoubleSpinBox()
        style_box(self.box)
        self.reset(low, high, step, unit)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self.changed.emit(self.value, False))
        self.box.valueChanged.connect(self._typed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(STEP)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.box)

    @property
    def value(self) -> float:
        """The number shown."""
        return float(self.box.value())

    def set_value(self, value: float) -> None:
        """Show a number; nobody is told."""
        self._show_box(value)
        self._show_slider(self.value)

    def reset(self, low: float, high: float, step: float, unit: str = "") -> None:
        """Other limits, step and unit; the number shown is kept within them, nobody is told."""
        self.scale = Scale(low, max(high, low + step), step)
        with QSignalBlocker(self.box), QSignalBlocker(self.slider):
            if isinstance(self.box, QSpinBox):
                self.box.setRange(round(low), round(self.scale.high))
                self.box.setSingleStep(max(1, round(step)))
            else:
                self.box.setDecimals(_decimals(step))
                self.box.setRange(low, self.scale.high)
                self.box.setSingleStep(step)
            self.box.setSuffix(f" {unit}" if unit else "")
            self.slider.setRange(0, self.scale.positions)
        self._show_slider(self.value)

    def explain(self, title: str, tip: str) -> None:
        """What the number is: for screen readers, and for the pointer."""
        for part in (self, self.slider, self.box):
            part.setAccessibleName(title)
            part.setToolTip(tip)

    def _slid(self, position: int) -> None:
        self._show_box(self.scale.number(position))
        self.changed.emit(self.value, self.slider.isSliderDown())

    def _typed(self) -> None:
        self._show_slider(self.value)
        self.changed.emit(self.value, False)

    def _show_box(self, value: float) -> None:
        with QSignalBlocker(self.box):
            if isinstance(self.box, QSpinBox):
                self.box.setValue(round(value))
            else:
                self.box.setValue(value)

    def _show_slider(self, value: float) -> None:
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(self.scale.position(value))


def style_box(box: QSpinBox | QDoubleSpinBox, unit: str = "", width: int = 104) -> None:
    """Numbers to the right in groups of three, of one width, told when typed to the end."""
    box.setGroupSeparatorShown(True)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setKeyboardTracking(False)
    box.setFont(number_font(box.font()))
    box.setSuffix(f" {unit}" if unit else "")
    box.setFixedWidth(width)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


def forget_typed(field: QWidget | None) -> bool:
    """Undo what is being typed into a field; True if it is one."""
    if isinstance(field, QSpinBox | QDoubleSpinBox):
        field.setValue(field.value())  # type: ignore[arg-type]
    elif isinstance(field, Choice) and field.isEditable():
        field.forget_typed()
    else:
        return False
    return True


def _decimals(step: float) -> int:
    text = f"{step:.6f}".rstrip("0")
    return len(text.partition(".")[2])
