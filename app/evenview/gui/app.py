"""Starts the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

from evenview import resources
from evenview.gui.errors import ExceptHook
from evenview.gui.interrupt import Interrupt
from evenview.gui.settings import Settings
from evenview.gui.theme import Choice, theme
from evenview.render.canvas import check_gl, use_qt


def run(files: Sequence[Path] = (), demo: bool = False) -> int:
    """Open the window, with files or the demo in it, and stay until it is closed.

    Returns the exit code. Raises `UserError` in plain words where there is no OpenGL; that there
    is a display is known already (`evenview.display`), because Qt aborts where there is none.
    """
    hook = ExceptHook()
    hook.install()
    app = make_app(Settings())
    check_gl()
    from evenview.gui.window import Window

    window = Window()
    hook.tell = window.errors.tell
    interrupt = Interrupt(window.close)
    window.show()
    QTimer.singleShot(0, lambda: window.begin(files, demo=demo))
    try:
        return app.exec()
    finally:
        interrupt.stop()
        hook.tell = None


def make_app(settings: Settings) -> QApplication:
    """The application with its style, icon and colours."""
    use_qt()
    app = cast(QApplication, QApplication.instance() or QApplication(sys.argv[:1]))
    app.setApplicationName("Evenview")
    app.setApplicationDisplayName("Evenview")
    app.setDesktopFileName("evenview")
    app.setStyle("Fusion")
    app.setWindowIcon(QIcon(str(resources.path("icons", "evenview.svg"))))
    theme.choice = cast(Choice, settings.text("theme", "system"))
    theme.start()
    return app
