"""Made motive lists of STOPGAP for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_LABELS = (
    *("motl_idx", "tomo_num", "object", "subtomo_num", "halfset", "orig_x", "orig_y", "orig_z"),
    *("score", "x_shift", "y_shift", "z_shift", "phi", "psi", "the", "class"),
)


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A list of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    phi, psi = rng.uniform(-180, 180, (2, n))
    theta = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    lines = ["", "data_stopgap_motivelist", "", "loop_", *(f"_{label}" for label in _LABELS), ""]
    for k in range(n):
        angle = "nan" if k < unplaced else f"{phi[k]:.4f}"
        lines.append(
            f" {k + 1} 1 1 {k + 1} {'AB'[k % 2]} 10 20 30 0.5000 0.0 0.0 0.0 "
            f"{angle} {psi[k]:.4f} {theta[k]:.4f} 1"
        )
    path = folder / f"motl_{seed}.star"
    path.write_text("\n".join([*lines, "", ""]), newline="\n")
    return path
