"""The title of a scene, which says when the scene shows what thinning leaves."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QWidget

from evenview.gui.desk import Desk
from evenview.gui.text import counted
from evenview.gui.widgets import STEP, head, mark


class SceneTitle:
    """The scene's name for its strip, and a line over the canvas, where there always is room.

    While the scene shows "after", the line says so and both take the accent colour.
    """

    def __init__(self, desk: Desk, name: str, canvas: QWidget) -> None:
        self._desk, self._name = desk, name
        self.label = head(name)
        self.line = QLabel(canvas)
        self.line.setProperty("head", True)
        mark(self.line, "accent", True)
        self.line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.line.move(STEP, STEP // 2)
        self.line.hide()
        desk.after_changed.connect(lambda _after: self._say())
        desk.document.display_changed.connect(lambda _before, _after: self._say())

    def _say(self) -> None:
        display = self._desk.display
        shown = display if self._desk.after else None
        after = shown is not None and shown.quotas is not None
        if shown is not None and after:
            left = counted(shown.summary.after.particles, "particle")
            self.line.setText(f"{self._name} · after, {left}")
            self.line.adjustSize()
        self.line.setVisible(after)
        if bool(self.label.property("accent")) != after:
            mark(self.label, "accent", after)
