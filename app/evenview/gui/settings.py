"""What the window remembers between two runs."""

from __future__ import annotations

import json
from pathlib import Path

from PyQt6.QtCore import QByteArray, QObject, QSettings, pyqtSignal

#: Raised when docks are added or renamed: a layout saved by another number is not restored.
LAYOUT_VERSION = 3
RECENT_LIMIT = 8


class Settings(QObject):
    """Window state, recent files, and looks, in one ini file of the user.

    Parameters
    ----------
    file
        Where to keep them; the platform's place when None.
    """

    recent_changed = pyqtSignal()

    def __init__(self, file: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        ini = QSettings.Format.IniFormat
        self._store = (
            QSettings(str(file), ini)
            if file is not None
            else QSettings(ini, QSettings.Scope.UserScope, "Evenview", "Evenview")
        )

    @property
    def recent(self) -> tuple[Path, ...]:
        """Files opened before, newest first, that are still there."""
        stored = self._store.value("recent", [])
        names = stored if isinstance(stored, list) else [stored]
        paths = (Path(name) for name in names if isinstance(name, str) and name)
        return tuple(path for path in paths if _is_file(path))

    def add_recent(self, path: Path) -> None:
        """Put a file first in the list."""
        path = path.resolve()
        kept = [path, *(old for old in self.recent if old != path)][:RECENT_LIMIT]
        self._store.setValue("recent", [str(one) for one in kept])
        self.recent_changed.emit()

    def clear_recent(self) -> None:
        """Forget the files opened before."""
        self._store.remove("recent")
        self.recent_changed.emit()

    def columns(self, path: Path) -> str:
        """What was said of the columns of a table when it was opened last; "" for nothing."""
        return self._columns().get(str(path.resolve()), "")

    def set_columns(self, path: Path, word: str) -> None:
        """Remember what was said of a table's columns, as long as it is among the recent files."""
        recent = {str(one) for one in self.recent}
        kept = {name: said for name, said in self._columns().items() if name in recent}
        self.set_text("columns", json.dumps(kept | {str(path.resolve()): word}))

    def _columns(self) -> dict[str, str]:
        try:
            stored = json.loads(self.text("columns", "{}"))
        except ValueError:
            return {}
        return stored if isinstance(stored, dict) else {}

    def text(self, key: str, default: str) -> str:
        """A remembered word."""
        return str(self._store.value(key, default))

    def set_text(self, key: str, value: str) -> None:
        """Remember a word."""
        self._store.setValue(key, value)

    def flag(self, key: str, default: bool) -> bool:
        """A remembered yes or no."""
        return self.text(key, str(default)) == str(True)

    def set_flag(self, key: str, value: bool) -> None:
        """Remember a yes or no."""
        self.set_text(key, str(value))

    def window(self) -> tuple[QByteArray | None, QByteArray | None]:
        """(geometry, state) of the window when it was closed last, None for what is not known."""
        geometry, state = self._store.value("window/geometry"), self._store.value("window/state")
        return (
            geometry if isinstance(geometry, QByteArray) else None,
            state if isinstance(state, QByteArray) else None,
        )

    def set_window(self, geometry: QByteArray, state: QByteArray | None) -> None:
        """Remember where the window stood and, unless None, how its docks lay."""
        self._store.setValue("window/geometry", geometry)
        if state is not None:
            self._store.setValue("window/state", state)

    def sync(self) -> None:
        """Write to the disk now."""
        self._store.sync()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a folder that may not be entered, a name that is none
        return False
