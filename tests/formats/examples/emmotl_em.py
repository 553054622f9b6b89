"""Made AV3 motive lists for the contract of formats."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import numpy as np

HALVES = False


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A list of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 100, (n, 20)).astype("<f4")
    rows[:, 16:18] = rng.uniform(-180, 180, (n, 2))
    rows[:, 18] = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    rows[:unplaced, 16] = np.nan
    path = folder / f"motl_{seed}.em"
    header = pack("<4B3i", 6, 0, 0, 5, 20, n, 1)
    path.write_bytes(header + b"made".ljust(512 - len(header), b"\0") + rows.tobytes())
    return path
