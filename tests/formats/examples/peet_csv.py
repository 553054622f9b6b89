"""Made motive lists of PEET for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HALVES = False

_HEADING = (
    "CCC,reserved,reserved,pIndex,wedgeWT,NA,NA,NA,NA,NA,xOffset,yOffset,zOffset,NA,NA,reserved,"
    "EulerZ(1),EulerZ(3),EulerX(2),reserved,CREATED WITH PEET Version 1.15.0\n"
)


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A list of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    phi, psi = rng.uniform(-180, 180, (2, n))
    theta = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    lines = [_HEADING]
    for k in range(n):
        angle = "NaN" if k < unplaced else f"{phi[k]:.4f}"
        lines.append(
            f"0.512000,0,0,{k + 1},0,0,0,0,0,0,1.5,-2,0.25,0,0,0,"
            f"{angle},{psi[k]:.4f},{theta[k]:.4f},1\n"
        )
    path = folder / f"motl_{seed}.csv"
    path.write_text("".join(lines), newline="\n")
    return path
