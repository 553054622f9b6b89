"""Made SPIDER documents for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HALVES = False


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A document of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    psi, phi = rng.uniform(-180, 180, (2, n))
    theta = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    lines = [
        " ;spi/dat   21-NOV-2024 AT 10:00:00   align_01.dat",
        " ; KEY       PSI,    THE,    PHI,   REF#,    EXP#",
    ]
    for k in range(n):
        angle = "NaN" if k < unplaced else f"{psi[k]:.3f}"
        lines.append(f"{k + 1:5d} 5 {angle:>11} {theta[k]:11.3f} {phi[k]:11.3f} 17 {k + 1}.000")
    path = folder / f"align_{seed}.dat"
    path.write_text("\n".join([*lines, ""]), newline="\n")
    return path
