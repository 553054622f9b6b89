"""Made cisTEM binary files for the contract of formats."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

# Position, phi, theta, psi, stack, a column of a later version, half-set: bit and type.
_COLUMNS = ((0, 9), (23, 3), (22, 3), (2, 3), (24, 8), (50, 6), (32, 2))


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A file of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    angles = np.column_stack(
        [
            rng.uniform(-180, 180, n),
            np.degrees(np.arccos(rng.uniform(-1, 1, n))),
            rng.uniform(-180, 180, n),
        ]
    )
    angles[:unplaced, 0] = np.nan
    data = struct.pack("<ii", len(_COLUMNS), n)
    data += b"".join(struct.pack("<qb", 1 << bit, kind) for bit, kind in _COLUMNS)
    for k in range(n):
        stack = b"stack" + b"x" * (k % 7)
        data += struct.pack("<I3fi", k + 1, *angles[k], len(stack)) + stack
        data += struct.pack("<di", rng.normal(), k % 2 + 1)
    path = folder / f"particles_{seed}.cistem"
    path.write_bytes(data)
    return path
