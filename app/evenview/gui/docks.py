"""Docks that fold: where the panels live."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QTabBar, QWidget

from evenview.gui.widgets import ANY, STEP, Scroller, head, icon_button, name_icon, scroller


class Dock(QDockWidget):
    """A panel's dock: a title that folds, floats and closes it; a body that scrolls if it must.

    `whole` keeps the dock at least as high as the body, so that all of it is seen.
    """

    def __init__(
        self,
        name: str,
        title: str,
        body: QWidget,
        *,
        scrolls: bool = True,
        snug: bool = False,
        whole: bool = False,
    ) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self._content = scroller(body, snug=snug, whole=whole) if scrolls else body
        self._nothing = QWidget(self)
        self._nothing.hide()
        self._height = 0
        self.setWidget(self._content)
        self._bar = _DockTitle(self)
        self.setTitleBarWidget(self._bar)
        self.topLevelChanged.connect(lambda _floating: self.set_folded(False))

    @property
    def folded(self) -> bool:
        """True while only the title shows."""
        return self._bar.folded

    def set_folded(self, folded: bool) -> None:
        """Show the title only, or all, at the height it had.

        A dock beside one that is open keeps its place: the height is given to others only when
        all docks of a row are folded. Those in one place behind each other fold together.
        """
        if folded == self.folded:
            return
        behind = self._behind()
        row = [self, *behind, *self._beside()]
        if folded and not any(dock.folded for dock in row):
            for dock in row:
                dock._height = dock.height() if dock.isVisible() else self.height()
        for dock in (self, *behind):
            dock._bar.show_folded(folded)
            dock.setWidget(dock._nothing if folded else dock._content)
        shut = all(dock.folded for dock in row)
        for dock in row:
            dock.setMaximumHeight(dock._bar.sizeHint().height() if shut else ANY)
        if not folded:
            QTimer.singleShot(0, self._take_height)

    def set_snug(self, snug: bool) -> None:
        """Never be taller than the body, or as tall as a panel in front of this one needs."""
        if isinstance(self._content, Scroller):
            self._content.set_snug(snug)

    def _behind(self) -> list[Dock]:
        """The docks in the same place, behind tabs."""
        window = self.parent()
        if not isinstance(window, QMainWindow) or self.isFloating():
            return []
        return [dock for dock in window.tabifiedDockWidgets(self) if isinstance(dock, Dock)]

    def _beside(self) -> list[Dock]:
        """The docks in the same row."""
        window = self.parent()
        if not isinstance(window, QMainWindow) or self.isFloating() or not self.isVisible():
            return []
        tabbed = window.tabifiedDockWidgets(self)
        return [
            dock
            for dock in window.findChildren(Dock)
            if dock is not self
            and dock not in tabbed
            and dock.isVisible()
            and not dock.isFloating()
            and window.dockWidgetArea(dock) == window.dockWidgetArea(self)
            and dock.y() == self.y()
        ]

    def _take_height(self) -> None:
        """The height from before it was folded."""
        window = self.parent()
        if isinstance(window, QMainWindow) and self._height and not self.isFloating():
            height = self._height + (_tabs_height(window) if self._behind() else 0)
            window.resizeDocks([self], [height], Qt.Orientation.Vertical)


def _tabs_height(window: QMainWindow) -> int:
    """Of the row of tabs under docks in one place."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    bars = window.findChildren(QTabBar, options=direct)
    return max((bar.height() for bar in bars if bar.isVisible()), default=0)


class _DockTitle(QWidget):
    """Fold, title, float, close."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.folded = False
        self._fold = icon_button(
            "unfold", "Fold or unfold this panel", lambda: dock.set_folded(not self.folded)
        )
        float_it = icon_button(
            "float",
            "Take this panel out of the window, or put it back",
            lambda: dock.setFloating(not dock.isFloating()),
        )
        close = icon_button("close", "Close this panel; the View menu opens it again", dock.close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(STEP // 2, 2, STEP // 2, 2)
        layout.setSpacing(2)
        layout.addWidget(self._fold)
        title = head(dock.windowTitle())
        dock.windowTitleChanged.connect(title.setText)
        layout.addWidget(title)
        layout.addStretch(1)
        for button in (float_it, close):
            button.setIconSize(QSize(12, 12))
            layout.addWidget(button)

    def show_folded(self, folded: bool) -> None:
        """Turn the arrow."""
        self.folded = folded
        name_icon(self._fold, "fold" if folded else "unfold")
