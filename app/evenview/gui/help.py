"""The list of shortcuts, and About."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from PyQt6.QtCore import PYQT_VERSION_STR, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from evenview import __version__
from evenview.gui.theme import drawn
from evenview.gui.widgets import STEP, head, quiet, scroller

if TYPE_CHECKING:
    from evenview.gui.window import Window

MOUSE = (
    ("Click", "Select a bin (Point)"),
    ("Shift, Ctrl, Alt", "Add, remove, keep what is in both"),
    ("Drag", "Turn the sphere, or draw with the tool"),
    ("Right drag", "Turn the sphere, move the chart"),
    ("Wheel", "Zoom"),
    ("Arrows, + and −", "Turn and zoom the picture that has the focus"),
    ("Hold space", "Glance at what thinning leaves"),
)
WHAT = "See, select and rebalance the views of a cryo-EM data set."
LICENCE = (
    "Evenview is free software under the GNU General Public License, version 3 or later, and comes "
    "without any warranty."
)


class ShortcutsDialog(QDialog):
    """Every key on one page, from the table of actions."""

    @classmethod
    def open_for(cls, window: Window) -> ShortcutsDialog:
        """Show the list beside the window."""
        dialog = cls(window)
        dialog.show()
        return dialog

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        groups: dict[str, list[tuple[str, str]]] = {}
        for act, _ in window.actions_made.made:
            if act.key:
                native = QKeySequence(act.key).toString(QKeySequence.SequenceFormat.NativeText)
                groups.setdefault(act.menu.replace("/", ", "), []).append((native, act.title))
        groups["Mouse and picture"] = list(MOUSE)
        body = QWidget()
        columns = QHBoxLayout(body)
        columns.setSpacing(4 * STEP)
        for names in _balanced(groups):
            column = QVBoxLayout()
            column.setSpacing(STEP // 2)
            for name in names:
                column.addWidget(head(name))
                column.addLayout(_keys(groups[name]))
                column.addSpacing(STEP)
            column.addStretch(1)
            columns.addLayout(column)
        QVBoxLayout(self).addWidget(scroller(body))
        self.resize(body.sizeHint().width() + 48, min(body.sizeHint().height() + 48, 680))


def _balanced(groups: dict[str, list[tuple[str, str]]]) -> list[list[str]]:
    """The groups in three columns of about the same length, in order."""
    total = sum(len(keys) + 2 for keys in groups.values())
    columns: list[list[str]] = [[], [], []]
    seen = 0
    for name, keys in groups.items():
        columns[min(2, 3 * seen // total)].append(name)
        seen += len(keys) + 2
    return columns


def _keys(keys: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(2 * STEP)
    grid.setVerticalSpacing(STEP // 2)
    grid.setColumnStretch(1, 1)
    for line, (key, what) in enumerate(keys):
        grid.addWidget(QLabel(key), line, 0)
        grid.addWidget(quiet(what), line, 1)
    return grid


class AboutDialog(QDialog):
    """Name, version, licence."""

    @classmethod
    def open_for(cls, window: QWidget) -> AboutDialog:
        """Show it beside the window."""
        dialog = cls(window)
        dialog.show()
        return dialog

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Evenview")
        picture = QLabel()
        image = drawn("evenview", "#000000", 192)
        image.setDevicePixelRatio(2.0)
        picture.setPixmap(image)
        words = QVBoxLayout()
        words.addWidget(head(f"Evenview {__version__}"))
        for label in (QLabel(WHAT), quiet(LICENCE)):
            label.setWordWrap(True)
            label.setFixedWidth(320)
            words.addWidget(label)
        words.addWidget(quiet(f"Python {platform.python_version()}, PyQt {PYQT_VERSION_STR}"))
        words.addStretch(1)
        words.setSpacing(STEP)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        layout.setSpacing(2 * STEP)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetFixedSize)
