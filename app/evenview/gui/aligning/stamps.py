"""Which of some files were written since a moment: what is there after work that was stopped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class Stamps:
    """Files as they are now, those among them that are not there yet too."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._before = {path: _stamp(path) for path in paths}

    def written(self) -> tuple[Path, ...]:
        """Those that are new or others than they were."""
        now = {path: _stamp(path) for path in self._before}
        return tuple(path for path, stamp in now.items() if stamp not in (None, self._before[path]))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Which file it is, and of when; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
