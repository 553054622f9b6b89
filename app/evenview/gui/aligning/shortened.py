"""A label that gives way where there is too little room: its words lose their middle."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy

from evenview.gui.widgets import STEP


class Shortened(QLabel):
    """One line as wide as its words where there is room for them.

    Attributes
    ----------
    words
        All of them.
    """

    def __init__(self, words: str = "", tip: str = "") -> None:
        super().__init__()
        self.words = words
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.say(words, tip)

    def say(self, words: str, tip: str = "") -> None:
        """Show words; the tip says all of them, or more."""
        self.words = words
        self.setToolTip(tip or words)
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        """As wide as all the words."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.words) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        return QSize(min(8 * STEP, self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self.words, middle, self.width()))
