"""Ctrl+C in the terminal that the program was started from."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSocketNotifier


class Interrupt(QObject):
    """Calls `heard` in the GUI thread on SIGINT.

    Qt's loop does not return to Python, where signals are handled, before something happens in the
    window. So Python writes a byte to a socket for each signal, and Qt listens to that.
    """

    def __init__(self, heard: Callable[[], object]) -> None:
        super().__init__()
        self._heard = heard
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._notifier = QSocketNotifier(sip.voidptr(self._ear.fileno()), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._on_byte)
        self._old_handler = signal.signal(signal.SIGINT, lambda _number, _frame: None)
        self._old_fd = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)

    def stop(self) -> None:
        """Leave signals as they were found."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        signal.signal(signal.SIGINT, self._old_handler)
        self._ear.close()
        self._mouth.close()

    def _on_byte(self) -> None:
        numbers = self._ear.recv(64)
        if signal.SIGINT in numbers:
            self._heard()
