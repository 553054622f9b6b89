"""The menu bar: the table of actions, recent files, panels, and the colours of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu

if TYPE_CHECKING:
    from evenview.gui.window import Window

TITLES = ("File", "Edit", "View", "Select", "Rebalance", "Tools", "Help")
COLORS = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


class Menus:
    """The menus of a window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._made: dict[str, QMenu] = {}
        for title in TITLES:
            self.menu(title)
        window.actions_made.fill(self.menu)
        self._recent = QMenu("Open recent", window)
        before = window.actions_made.named("Open map…")
        self.menu("File").insertMenu(before, self._recent)
        self.menu("View").addSeparator()
        self._fill_panels()
        self._fill_colors()
        self.list_recent()

    def menu(self, name: str) -> QMenu:
        """The menu of a name; "View/Chart" is Chart in View."""
        if name not in self._made:
            above, _, title = name.rpartition("/")
            parent = self.menu(above) if above else self._window.menuBar()
            made = parent.addMenu(title) if parent is not None else None
            assert made is not None
            made.setToolTipsVisible(True)
            made.aboutToShow.connect(self._window.actions_made.refresh)
            self._made[name] = made
        return self._made[name]

    def list_recent(self) -> None:
        """Show the files opened before."""
        self._recent.clear()
        for path in self._window.settings.recent:
            action = QAction(path.name.replace("&", "&&"), self._recent)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked, path=path: self._window.open(path))
            self._recent.addAction(action)
        self._recent.addSeparator()
        forget = QAction("Forget these", self._recent)
        forget.triggered.connect(lambda _checked: self._window.settings.clear_recent())
        self._recent.addAction(forget)
        self._recent.setEnabled(bool(self._window.settings.recent))

    def _fill_panels(self) -> None:
        panels = self.menu("View/Panels")
        for dock in self._window.docks.values():
            panels.addAction(dock.toggleViewAction())
        panels.addSeparator()
        back = QAction("Panels as at first", self._window)
        back.setToolTip("Put every panel back where it was when Evenview was new.")
        back.triggered.connect(lambda _checked: self._window.places.as_at_first())
        panels.addAction(back)

    def _fill_colors(self) -> None:
        menu, group = self.menu("View/Colours of the window"), QActionGroup(self._window)
        chosen = self._window.settings.text("theme", "system")
        for choice, title in COLORS:
            action = QAction(title, self._window)
            action.setCheckable(True)
            action.setChecked(choice == chosen)
            action.triggered.connect(
                lambda _checked, choice=choice: self._window.choose_theme(choice)
            )
            group.addAction(action)
            menu.addAction(action)
