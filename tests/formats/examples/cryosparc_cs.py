"""Made cryoSPARC files for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_DTYPE = [
    ("uid", "<u8"),
    ("blob/path", "S32"),
    ("blob/psize_A", "<f4"),
    ("alignments3D/pose", "<f4", (3,)),
    ("alignments3D/shift", "<f4", (2,)),
    ("alignments3D/split", "<u4"),
]


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A file of `n` random rotation vectors, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(n, dtype=_DTYPE)
    rows["uid"] = rng.integers(1, 1 << 63, n, dtype=np.uint64)
    rows["blob/path"] = b"J1/stack.mrc"
    rows["blob/psize_A"] = 1.25
    rows["alignments3D/pose"] = rng.normal(0, 1, (n, 3))
    rows["alignments3D/pose"][:unplaced] = np.nan
    rows["alignments3D/shift"] = rng.normal(0, 2, (n, 2))
    rows["alignments3D/split"] = np.arange(n) % 2
    path = folder / f"particles_{seed}.cs"
    with path.open("wb") as file:
        np.save(file, rows)
    return path
