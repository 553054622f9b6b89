"""Two parts beside each other or, where that is too narrow, the second below the first."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QWidget

from evenview.gui.widgets import STEP, scroller


class BesideOrBelow(QWidget):
    """It scrolls up and down where even that leaves too little room.

    Parameters
    ----------
    wide
        Pixels: from this width on the parts are beside each other.
    lowest
        Pixels of height that each part needs where one is below the other.
    """

    def __init__(
        self,
        parts: tuple[QWidget, QWidget],
        shares: tuple[int, int],
        wide: int,
        lowest: tuple[int, int],
    ) -> None:
        super().__init__()
        self._parts, self._wide, self._lowest = parts, wide, lowest
        self._body = QWidget()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._body)
        self._both.setContentsMargins(0, 0, 0, STEP // 2)
        self._both.setSpacing(STEP)
        for part, stretch in zip(parts, shares, strict=True):
            self._both.addWidget(part, stretch)
        outer = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroller(self._body))

    @property
    def is_beside(self) -> bool:
        """Whether the parts are beside each other."""
        return self._both.direction() == QBoxLayout.Direction.LeftToRight

    def minimumSizeHint(self) -> QSize:
        """As narrow as the wider of the two."""
        return QSize(max(part.minimumSizeHint().width() for part in self._parts), 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Choose by the width there is."""
        super().resizeEvent(event)
        beside = self.width() >= self._wide
        lowest = 0 if beside else sum(self._lowest) + 2 * STEP
        # Words that are broken into lines would ask for the height that they have by themselves.
        self._body.setFixedHeight(max(lowest, self.height()))
        if beside == self.is_beside:
            return
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._both.setDirection(way)
        for part, least in zip(self._parts, self._lowest, strict=True):
            part.setMinimumHeight(0 if beside else least)
