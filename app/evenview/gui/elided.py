"""Words that are cut after some lines; the tip says all of them."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel

from evenview.gui.widgets import wrapped

#: Higher than any text.
TALL = 10_000


class Elided(QLabel):
    """A label of at most so many lines at its width.

    Attributes
    ----------
    words
        All of them.
    """

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.words = ""
        wrapped(self)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def say(self, words: str, tip: str = "") -> None:
        """Show words; the tip says them too, or more."""
        self.words = words
        self.setToolTip(tip or words)
        self.setAccessibleName(words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Another width holds more or less."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As many whole words as the lines hold."""
        said = self.words.split(" ")
        few, many = 0, len(said)
        if not self._holds(self.words):
            while many - few > 1:
                middle = (few + many) // 2
                few, many = (middle, many) if self._holds(_cut(said, middle)) else (few, middle)
            self.setText(_cut(said, few))
        else:
            self.setText(self.words)

    def _holds(self, words: str) -> bool:
        metrics, wrap = self.fontMetrics(), Qt.TextFlag.TextWordWrap
        box = metrics.boundingRect(QRect(0, 0, max(1, self.width()), TALL), wrap, words)
        return box.height() <= self._lines * metrics.lineSpacing()


def _cut(words: list[str], count: int) -> str:
    return " ".join(words[:count]).rstrip(",;:.") + "…"
