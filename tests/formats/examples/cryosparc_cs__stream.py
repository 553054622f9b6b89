"""Made cryoSPARC files in the stream form for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import made_cs


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A packed stream of `n` random rotation vectors, the first `unplaced` of them missing."""
    rows = made_cs.particles(n, seed)
    rows["alignments3D/pose"][:unplaced] = np.nan
    return made_cs.write_stream(folder / f"particles_{seed}.cs", rows)
