"""Real files and reference numbers beside a checkout; tests that want them skip without."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(relative: str) -> Path:
    """A shared file, or skip the calling test."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"the shared reference data are not beside this checkout ({relative})")
    return path
