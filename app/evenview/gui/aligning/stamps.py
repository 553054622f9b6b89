"""Which of some files are others than they were: written by work that was stopped, or replaced."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, int, int]


class Stamps:
    """Files as they are now, those among them that are not there yet too."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._before = {path: stamp_of(path) for path in paths}

    def changed(self) -> tuple[Path, ...]:
        """Those that are others than they were, or there no more."""
        return tuple(path for path, stamp in self._before.items() if stamp_of(path) != stamp)

    def written(self) -> tuple[Path, ...]:
        """Those that are new or others than they were."""
        return tuple(path for path in self.changed() if stamp_of(path) is not None)


def stamp_of(path: Path) -> Stamp | None:
    """Which file it is, and of when; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns
