"""Whether anybody sees a panel: what nobody sees is not worked out."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget


def is_seen(panel: QWidget) -> bool:
    """Whether any of it is: one in the tab behind another, or folded, is not.

    To Qt a panel behind a tab is visible, far off the window; and one that its own parts cover has
    no visible region.
    """
    part, at = panel.rect(), panel
    while not at.isWindow():
        above = at.parentWidget()
        if above is None:
            break
        part = part.translated(at.pos()) & above.rect()
        at = above
    return panel.isVisible() and not part.isEmpty()


class Watch(QObject):
    """Panels of which one has to be seen for some work to be worth it.

    Signals
    -------
    looked
        One of them may be seen now that was not before.
    """

    looked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._panels: list[QWidget] = []

    @property
    def sees(self) -> bool:
        """Whether one of them is seen."""
        return any(map(is_seen, self._panels))

    def add(self, panel: QWidget) -> None:
        """Another one."""
        self._panels.append(panel)
        panel.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Who opens such a panel wants to know."""
        if event is not None and event.type() == QEvent.Type.Show:
            self.look_soon()
        return False

    def look_soon(self) -> None:
        """Look as soon as the panels are where they go."""
        QTimer.singleShot(0, self.looked)
