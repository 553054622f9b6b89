"""Small parts that the tabs of the window share."""

from __future__ import annotations

import re

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QFontDatabase, QTextOption
from PyQt6.QtWidgets import QPlainTextEdit, QWidget

#: Before an option of a command, and characters of a line of it.
_OPTION, _LINE = re.compile(r" (?=--?[a-z])"), 90


class Column(QWidget):
    """A body that is as high as its words need at the width there is, not at the least."""

    def minimumSizeHint(self) -> QSize:
        """Of any height: a scroller asks for the rest."""
        return QSize(super().minimumSizeHint().width(), 0)


class CommandBox(QPlainTextEdit):
    """A command of the terminal, to be copied.

    Long ones are continued before an option, as a shell reads it; what is longer still is broken
    anywhere.

    Attributes
    ----------
    command
        In one line; "" for none.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.command = ""
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setFixedHeight(4 * self.fontMetrics().lineSpacing() + 12)

    def show_command(self, command: str) -> None:
        """Show another one."""
        self.command = command
        self.setPlainText(_continued(command))


def _continued(command: str) -> str:
    if "'" in command:  # an option may be part of a name, where no line may end
        return command
    lines = [""]
    for part in _OPTION.split(command):
        whole = f"{lines[-1]} {part}".lstrip()
        if lines[-1] and len(whole) > _LINE:
            lines.append(part)
        else:
            lines[-1] = whole
    return " \\\n  ".join(lines)
