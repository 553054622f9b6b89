"""Small parts that the tabs of the window share."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFontDatabase, QGuiApplication, QTextOption
from PyQt6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from evenview.gui.widgets import mark, wrapped


class Column(QWidget):
    """A body that is as high as its words need at the width there is, not at the least."""

    def minimumSizeHint(self) -> QSize:
        """Of any height: a scroller asks for the rest."""
        return QSize(super().minimumSizeHint().width(), 0)


def button(text: str, tip: str, on_click: Callable[[], object]) -> QPushButton:
    """A button that Enter in a line does not press."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _checked: on_click())
    return made


def warning(words: str = "") -> QLabel:
    """Words in the colour of warnings, broken where they must be."""
    label = words_label(words)
    mark(label, "warn", True)
    return label


def words_label(words: str = "") -> QLabel:
    """Plain words that can be copied, broken where they must be."""
    label = wrapped(QLabel(words))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class CommandBox(QPlainTextEdit):
    """A command of the terminal, to be copied; long ones are broken anywhere."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setFixedHeight(4 * self.fontMetrics().lineSpacing() + 12)


def to_clipboard(text: str) -> None:
    """Copy a text."""
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
