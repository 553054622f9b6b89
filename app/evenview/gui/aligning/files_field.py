"""Files that go with a map: their names, a button to add more, one to do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from evenview.gui.files import ask_several, names
from evenview.gui.widgets import STEP, icon_button, mark, row


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
        self.name = QLabel()
        self.name.setMinimumWidth(8 * STEP)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.name.setAccessibleName(title)
        self.add_button = QPushButton("Add…")
        self.add_button.setAutoDefault(False)
        self.add_button.setToolTip(tip)
        self.add_button.setAccessibleName(f"{title}: add")
        self.add_button.clicked.connect(lambda _checked: self._ask())
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

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show as much of the names as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _set(self, paths: tuple[Path, ...]) -> None:
        if paths != self.paths:
            self.paths = paths
            self._show()
            self.changed.emit()

    def _show(self) -> None:
        self.clear.setVisible(bool(self.paths))
        self.name.setToolTip("\n".join(map(str, self.paths)) or self._tip)
        mark(self.name, "quiet", not self.paths)
        self._fit()

    def _fit(self) -> None:
        words = names(self.paths) or "none"
        middle = Qt.TextElideMode.ElideMiddle
        self.name.setText(self.name.fontMetrics().elidedText(words, middle, self.name.width()))

    def _ask(self) -> None:
        folder = self.paths[-1].parent if self.paths else self._folder()
        self.add(ask_several(self, self._title, self._kinds, folder))
