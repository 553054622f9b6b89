"""Names proposed for new files."""

from __future__ import annotations

from pathlib import Path

from evenview import resources


def beside(path: Path, word: str, suffix: str = "") -> Path:
    """A name beside a file, or at home for the demo: nobody looks for files in a cache."""
    folder = Path.home() if resources.is_demo(path) else path.parent
    return folder / f"{path.stem}_{word}{suffix or path.suffix}"
