"""A form for any strategy: one slider and box for each of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.thinning import Strategy
from evenview.gui.fields import SliderField
from evenview.gui.widgets import STEP, quiet
from evenview.strategies import Parameter, parameters


class ParameterForm(QWidget):
    """Inputs for the parameters of a strategy.

    Signals
    -------
    changed
        (strategy with the change, still moving): by the user's hand only.
    """

    changed = pyqtSignal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[str, SliderField] = {}
        self._value: Strategy | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(STEP // 2)

    def show_value(self, value: Strategy, most: Mapping[str, float] | None = None) -> None:
        """Show a strategy; `most` narrows the range of some parameters to what makes sense here."""
        if type(value) is not type(self._value):
            self._build(value)
        self._value = value
        for about in parameters(value):
            field = self.inputs[about.name]
            shown = float(getattr(value, about.name))
            high = max(min(about.high, (most or {}).get(about.name, about.high)), shown)
            if high != field.scale.high:
                field.reset(about.low, high, about.step, _suffix(about))
            field.set_value(shown)

    def _build(self, value: Strategy) -> None:
        while item := self._column.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.inputs = {about.name: self._add(about) for about in parameters(value)}

    def _add(self, about: Parameter) -> SliderField:
        field = SliderField(
            about.low, about.high, about.step, whole=about.whole, unit=_suffix(about)
        )
        field.explain(about.title, about.help)
        field.changed.connect(lambda number, moving: self._tell(about, number, moving))
        title = about.title if _suffix(about) else f"{about.title}, {about.unit}".rstrip(", ")
        self._column.addWidget(quiet(title, about.help))
        self._column.addWidget(field)
        return field

    def _tell(self, about: Parameter, number: float, moving: bool) -> None:
        changes: dict[str, Any] = {about.name: round(number) if about.whole else number}
        try:
            self._value = replace(self._value, **changes)  # type: ignore[type-var]
        except UserError:
            return  # the box keeps within the limits; a number between two steps may not
        self.changed.emit(self._value, moving)


def _suffix(about: Parameter) -> str:
    """A unit short enough to stand behind the number; a longer one goes into the title."""
    return about.unit if len(about.unit) <= 2 else ""
