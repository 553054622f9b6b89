"""Made cryoDRGN poses for the contract of formats."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

HALVES = False


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """Poses of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    rotations = Rotation.random(n, rng).as_matrix().astype(np.float32)
    rotations[:unplaced] = np.nan
    path = folder / f"poses_{seed}.pkl"
    path.write_bytes(pickle.dumps((rotations, rng.normal(0, 0.02, (n, 2))), protocol=4))
    return path
