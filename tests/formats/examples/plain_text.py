"""Made tables of text for the contract of formats, and what a user would say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evenview.core.columns_word import parse_columns
from evenview.core.reading import Reading

READING = Reading(columns=parse_columns("rot=3,tilt=4,psi=5,half=7"))


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A table of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    rot, psi = rng.uniform(-180, 180, (2, n))
    tilt = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    lines = ["# particles of my own program\n"]
    for k in range(n):
        angle = "nan" if k < unplaced else f"{rot[k]:9.4f}"
        lines.append(
            f"  {k:3d} mic_{k // 7}.mrc {angle:>9} {tilt[k]:.4f}\t{psi[k]:.4f} 0.5 {1 + k % 2}\n"
        )
    path = folder / f"table_{seed}.txt"
    path.write_text("".join(lines), newline="\n")
    return path
