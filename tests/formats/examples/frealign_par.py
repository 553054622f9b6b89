"""Made FREALIGN files for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HALVES = False

_HEAD = """C FREALIGN parameter file
C           PSI   THETA     PHI       SHX       SHY     MAG  FILM      DF1      DF2  ANGAST     OCC\
      LOGP      SIGMA   SCORE  CHANGE
"""


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A file of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    phi, psi = rng.uniform(0, 360, (2, n))
    theta = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    rows = []
    for k in range(n):
        angle = "nan" if k < unplaced else f"{phi[k]:.2f}"
        rows.append(
            f"{k + 1:7d}{psi[k]:8.2f}{theta[k]:8.2f}{angle:>8}{rng.normal():10.2f}"
            f"{rng.normal():10.2f}{50000:8d}{1:6d}{15000.0:9.1f}{14500.0:9.1f}{45.0:8.2f}"
            f"{100.0:8.2f}{-rng.integers(1000):10d}{1.0:11.4f}{rng.uniform(0, 50):8.2f}{0.0:8.2f}\n"
        )
    path = folder / f"particles_{seed}.par"
    path.write_text(_HEAD + "".join(rows), newline="\n")
    return path
