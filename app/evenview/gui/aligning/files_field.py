"""Files that go with a map: their names, a button to add more, one to do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from evenview.gui.aligning.shortened import Shortened
from evenview.gui.files import ask_several, names
from evenview.gui.widgets import button, icon_button, mark, row


class FilesField(QWidget):
    """Any number of files, each once.

    Parameters
    ----------
    folder
        Where to look first.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, title: str, tip: str, kinds: str, folder: Callable[[], Path | None]) -> None:
        super().__init__()
        self._title, self._kinds, self._folder = title, kinds, folder
        self.paths: tuple[Path, ...] = ()
        self.name = Shortened()
        self.name.setAccessibleName(title)
        self.add_button = button("Add…", tip, self._ask)
        self.add_button.setAccessibleName(f"{title}: add")
        self.clear = icon_button("close", f"{title}: none", lambda: self._set(()))
        policy = self.clear.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.clear.setSizePolicy(policy)
        self._tip = tip
        layout = row(self.name, self.clear, self.add_button)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.add_button)
        self._show()

    def add(self, paths: Iterable[Path]) -> None:
        """More files."""
        self._set(tuple(dict.fromkeys([*self.paths, *paths])))

    def _set(self, paths: tuple[Path, ...]) -> None:
        if paths != self.paths:
            self.paths = paths
            self._show()
            self.changed.emit()

    def _show(self) -> None:
        self.clear.setVisible(bool(self.paths))
        tip = "\n".join(map(str, self.paths)) or self._tip
        self.name.say(names(self.paths) or "none", tip)
        mark(self.name, "quiet", not self.paths)

    def _ask(self) -> None:
        folder = self.paths[-1].parent if self.paths else self._folder()
        self.add(ask_several(self, self._title, self._kinds, folder))
