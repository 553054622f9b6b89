"""Glance: while the space bar is held, the scenes show the other side of thinning."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from evenview.gui.desk import Desk

#: What one types into: the space bar is theirs, however one got there.
TYPED = (QLineEdit, QAbstractSpinBox, QAbstractItemView)
#: What the space bar works for those who came by the Tab key. A click works it too, and whoever
#: clicks means the preview with the space bar.
WORKED = (QAbstractButton, QComboBox)
TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class Glance(QObject):
    """Turns from before to after, or back, for as long as the bar is down."""

    def __init__(self, window: QWidget, desk: Desk) -> None:
        super().__init__(window)
        self._window, self._desk = window, desk
        self._held = False
        self._tabbed = False
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def stop(self) -> None:
        """Listen no more."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Take the space bar's presses and releases, unless somebody else needs them."""
        if event is None:
            return False
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            return self._on_space(event)
        if isinstance(event, QKeyEvent) and event.key() in TABS:
            self._tabbed = True
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._tabbed = False
        elif event.type() == QEvent.Type.WindowDeactivate:
            self._hold(False)  # the release will be another window's
        return False

    def _on_space(self, event: QKeyEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and self._may_glance():
            self._hold(True)
            return True
        if event.type() == QEvent.Type.KeyRelease and self._held:
            self._hold(event.isAutoRepeat())
            return True
        return False

    def _may_glance(self) -> bool:
        thinned = self._desk.document.plan.thinning is not None
        return self._held or (self._is_free() and thinned and self._window.isActiveWindow())

    def _is_free(self) -> bool:
        """Whether what has the focus leaves the space bar to us."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QComboBox) and focus.isEditable():
            return False
        return not isinstance(focus, (*TYPED, *WORKED) if self._tabbed else TYPED)

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._desk.show_after(not self._desk.after)
