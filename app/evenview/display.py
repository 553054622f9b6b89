"""Whether a window can be opened here, found out without Qt, which aborts where it cannot."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from pathlib import Path

#: Qt's platforms that have no screen.
_NOWHERE = ("offscreen", "minimal")


def problem() -> str | None:
    """Say in one sentence why no window can be opened, or None where one can."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in _NOWHERE:
        return f"Qt was told to draw nowhere (QT_QPA_PLATFORM={platform})."
    if not sys.platform.startswith("linux") or _wayland_answers():
        return None
    display = os.environ.get("DISPLAY")
    if not display:
        return "There is no display to open a window on (DISPLAY is not set)."
    if not _x_server_answers():
        return f"The display {display} does not answer, so no window can be opened."
    if not _is_installed("libxcb-cursor.so.0"):
        return "The system library libxcb-cursor0 is missing, without which Qt opens no window."
    return None


def _wayland_answers() -> bool:
    """Knock at the compositor's socket, if one is named."""
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(path))
        except OSError:
            return False
    return True


def _is_installed(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_server_answers() -> bool:
    """Connect as Qt's xcb plugin will, and hang up."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    broken = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not broken


if __name__ == "__main__":
    sentence = problem()
    print(sentence or "A window can be opened.")
    sys.exit(sentence is not None)
