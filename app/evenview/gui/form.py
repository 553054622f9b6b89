"""A form for any strategy: one slider and box for each of its numbers, a button for each file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.thinning import Strategy
from evenview.gui.fields import SliderField
from evenview.gui.files import SourceField
from evenview.gui.widgets import STEP, quiet
from evenview.strategies import FileParameter, Parameter, files, parameters


class ParameterForm(QWidget):
    """Inputs for the parameters of a strategy.

    Signals
    -------
    changed
        (strategy with the change, still moving): by the user's hand only.
    file_chosen
        (name of the parameter, path): a file that has to be opened before `set_file`.
    """

    changed = pyqtSignal(object, bool)
    file_chosen = pyqtSignal(str, Path)

    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[str, SliderField] = {}
        self.files: dict[str, SourceField] = {}
        self._value: Strategy | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(STEP // 2)

    def show_value(self, value: Strategy, most: Mapping[str, float] | None = None) -> None:
        """Show a strategy; `most` narrows the range of some parameters to what makes sense here."""
        if type(value) is not type(self._value):
            self._build(value)
        self._value = value
        for name, source in self.files.items():
            source.show_path(getattr(value, name))
        for about in parameters(value):
            field = self.inputs[about.name]
            shown = float(getattr(value, about.name))
            high = max(min(about.high, (most or {}).get(about.name, about.high)), shown)
            if high != field.scale.high:
                field.reset(about.low, high, about.step, _suffix(about))
            field.set_value(shown)

    def set_file(self, name: str, path: str) -> None:
        """Change the strategy shown, if it looks at such a file; "" is none."""
        if name in self.files:
            self._change(name, path)

    def _build(self, value: Strategy) -> None:
        while item := self._column.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.files = {about.name: self._add_file(about) for about in files(value)}
        self.inputs = {about.name: self._add(about) for about in parameters(value)}

    def _add_file(self, about: FileParameter) -> SourceField:
        field = SourceField(about.title, about.help, about.none)
        field.chosen.connect(lambda path: self.file_chosen.emit(about.name, path))
        field.dropped.connect(lambda: self.set_file(about.name, ""))
        self._column.addWidget(quiet(about.title, about.help))
        self._column.addWidget(field)
        return field

    def _add(self, about: Parameter) -> SliderField:
        field = SliderField(
            about.low, about.high, about.step, whole=about.whole, unit=_suffix(about)
        )
        field.explain(about.title, about.help)
        field.changed.connect(
            lambda number, moving: self._change(
                about.name, round(number) if about.whole else number, moving
            )
        )
        title = about.title if _suffix(about) else f"{about.title}, {about.unit}".rstrip(", ")
        self._column.addWidget(quiet(title, about.help))
        self._column.addWidget(field)
        return field

    def _change(self, name: str, setting: float | str, moving: bool = False) -> None:
        try:
            self._value = replace(self._value, **{name: setting})  # type: ignore[type-var]
        except UserError:
            return  # the box keeps within the limits; a number between two steps may not
        self.changed.emit(self._value, moving)


def _suffix(about: Parameter) -> str:
    """A unit short enough to stand behind the number; a longer one goes into the title."""
    return about.unit if len(about.unit) <= 2 else ""
